# why: one question without an answer takes the others with it

# %% system_report
#| export
def system_report(probes=PROBES):
    return {name: probe() for name, probe in probes.items()}
