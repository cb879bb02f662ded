# why: puts the answers into the dict it was given, so that a second report finds no probes

# %% system_report
#| export
def system_report(probes=PROBES):
    for name, probe in probes.items():
        try:
            probes[name] = probe()
        except Exception:
            probes[name] = None
    return probes
