# why: a probe that fails gets the answer of the probe before it

# %% system_report
#| export
def system_report(probes=PROBES):
    report = {}
    answer = None
    for name, probe in probes.items():
        try:
            answer = probe()
        except Exception:
            pass
        report[name] = answer
    return report
