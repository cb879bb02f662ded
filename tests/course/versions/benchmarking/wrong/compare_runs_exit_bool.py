# why: a bool instead of an int

# %% compare_runs.exit_code
def exit_code(comparisons):
    return any(c.verdict in ("slower", "missing") for c in comparisons.values())
