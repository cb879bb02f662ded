# why: divides the alarm by all names, also those that are in one run only

# %% compare_runs.check_regressions
def check_regressions(baseline, current, tolerance=0.03, alarm=0.05, seed=0):
    shared = [name for name in baseline if name in current]
    found = {}
    for name in [*baseline, *(name for name in current if name not in baseline)]:
        if name in shared:
            found[name] = compare_runs(baseline[name], current[name], tolerance, 1 - alarm / len(baseline | current), seed=seed)
        else:
            found[name] = Comparison(*[math.nan] * 4, "missing" if name in baseline else "new")
    return found
