# why: leaves a probe that fails out of the report

# %% system_report
#| export
def system_report(probes=PROBES):
    report = {}
    for name, probe in probes.items():
        try:
            report[name] = probe()
        except Exception:
            pass
    return report
