# why: writes infinity, which is no JSON

# %% baseline.save_baseline
def save_baseline(path, results, environment):
    if any(value != value for value in environment.values()):
        raise ValueError("not a number")
    benchmarks = {name: result._asdict() for name, result in results.items()}
    text = json.dumps({"format": FORMAT, "environment": environment, "benchmarks": benchmarks})
    Path(f"{path}.new").write_text(text, encoding="utf-8")
    os.replace(f"{path}.new", path)
