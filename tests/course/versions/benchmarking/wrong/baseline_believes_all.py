# why: does not look for faults

# %% baseline.load_baseline
def load_baseline(path):
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        return {name: Result(**fields) for name, fields in content["benchmarks"].items()}, content["environment"]
    except FileNotFoundError:
        raise
    except Exception as error:
        raise ValueError(f"{path} is no baseline: {error}") from None
