# why: keeps nine digits

# %% baseline.save_baseline
def save_baseline(path, results, environment):
    benchmarks = {name: result._asdict() for name, result in results.items()}
    for fields in benchmarks.values():
        for which in ("seconds", "yardstick"):
            fields[which] = [round(value, 9) for value in fields[which]]
    text = json.dumps({"format": FORMAT, "environment": environment, "benchmarks": benchmarks}, allow_nan=False)
    Path(f"{path}.new").write_text(text, encoding="utf-8")
    os.replace(f"{path}.new", path)
