# why: asks PROBES, whatever it is given
# loses: check_system_report

# %% system_report
#| export
def system_report(probes=PROBES):
    """What every probe answers, under the probe's name.

    probes: dict from name to probe, a function without arguments
    Returns a dict with the same names. Where a probe raises an Exception, of whatever class, the answer is None.

    system_report({"one": lambda: 1, "bad": lambda: 1 / 0}) == {"one": 1, "bad": None}      (about 7 lines)
    Hint: probes.items(), and in the loop try ... except Exception.
    """
    report = {}
    for name, probe in PROBES.items():
        try:
            report[name] = probe()
        except Exception:
            report[name] = None
    return report
