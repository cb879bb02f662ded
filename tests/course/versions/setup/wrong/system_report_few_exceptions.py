# why: catches only the exceptions that the student has seen

# %% system_report
#| export
def system_report(probes=PROBES):
    report = {}
    for name, probe in probes.items():
        try:
            report[name] = probe()
        except (AttributeError, ZeroDivisionError, IndexError):
            report[name] = None
    return report
