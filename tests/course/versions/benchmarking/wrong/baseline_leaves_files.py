# why: leaves the other file behind

# %% baseline.save_baseline
def save_baseline(path, results, environment):
    benchmarks = {name: result._asdict() for name, result in results.items()}
    text = json.dumps({"format": FORMAT, "environment": environment, "benchmarks": benchmarks}, allow_nan=False)
    Path(f"{path}.new").write_text(text, encoding="utf-8")
    Path(path).write_text(text, encoding="utf-8")
