# why: writes into the old file

# %% baseline.save_baseline
def save_baseline(path, results, environment):
    benchmarks = {name: result._asdict() for name, result in results.items()}
    json.dumps(environment, allow_nan=False)
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"format": FORMAT, "environment": environment, "benchmarks": benchmarks}, file, allow_nan=False)
