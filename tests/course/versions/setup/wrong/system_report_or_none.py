# why: `or None` turns the answers 0, False and "" into None

# %% system_report
#| export
def system_report(probes=PROBES):
    report = {}
    for name, probe in probes.items():
        try:
            report[name] = probe() or None
        except Exception:
            report[name] = None
    return report
