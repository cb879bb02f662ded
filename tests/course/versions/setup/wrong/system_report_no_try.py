# why: one question without an answer takes the others with it
# loses: check_system_report

# %% system_report
#| export
def system_report(probes=PROBES):
    return {name: probe() for name, probe in probes.items()}
