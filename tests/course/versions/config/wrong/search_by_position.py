# why: goes on by counting, whatever the trials are

# %% search
#| export
def search(trials, measure, path, budget=None, seconds=math.inf, clock=time.perf_counter):
    cut_torn_line(path)
    done, start = [row["trial"] for row in read_rows(path)], clock()
    known = len(done)
    for trial in trials[len(done) :]:
        if len(done) - known == budget or clock() - start >= seconds:
            break
        try:
            result = measure(trial)
        except FloatingPointError as error:
            result = {"error": str(error)}
        append_row(path, {"trial": trial, **result})
        done.append(trial)
    return read_rows(path)
