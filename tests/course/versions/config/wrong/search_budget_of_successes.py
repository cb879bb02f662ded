# why: a trial that failed does not count in the budget

# %% search
#| export
def search(trials, measure, path, budget=None, seconds=math.inf, clock=time.perf_counter):
    cut_torn_line(path)
    done, start = [row["trial"] for row in read_rows(path)], clock()
    good = 0
    for trial in (trial for trial in trials if trial not in done):
        if good == budget or clock() - start >= seconds:
            break
        try:
            result = measure(trial)
            good += 1
        except FloatingPointError as error:
            result = {"error": str(error)}
        append_row(path, {"trial": trial, **result})
        done.append(trial)
    return read_rows(path)
