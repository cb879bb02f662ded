# why: the error message instead of None

# %% system_report
#| export
def system_report(probes=PROBES):
    report = {}
    for name, probe in probes.items():
        try:
            report[name] = probe()
        except Exception as error:
            report[name] = str(error)
    return report
