# why: does not say which file has faults

# %% baseline.load_baseline
def load_baseline(path):
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is no JSON: {error}") from None
    if faults(content):
        raise ValueError("; ".join(faults(content)))
    return {name: Result(**fields) for name, fields in content["benchmarks"].items()}, content["environment"]
