# why: asks PROBES, whatever it is given

# %% system_report
#| export
def system_report(probes=PROBES):
    report = {}
    for name, probe in PROBES.items():
        try:
            report[name] = probe()
        except Exception:
            report[name] = None
    return report
