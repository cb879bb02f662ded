# why: the exit code is the number of regressions

# %% compare_runs.exit_code
def exit_code(comparisons):
    return sum(c.verdict in ("slower", "missing") for c in comparisons.values())
