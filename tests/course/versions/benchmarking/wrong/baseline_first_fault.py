# why: names the first fault only

# %% baseline.load_baseline
def load_baseline(path):
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is no JSON: {error}") from None
    for fault in faults(content):
        raise ValueError(f"{path} is no baseline: {fault}")
    return {name: Result(**fields) for name, fields in content["benchmarks"].items()}, content["environment"]
