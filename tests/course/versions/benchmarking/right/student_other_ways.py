# why: loops and lists where the solution has arrays, and formulas by hand

# %% time_calls.time_calls
def time_calls(function, number=1, timer=perf_counter):
    left, start = number, timer()
    while left:
        function()
        left -= 1
    end = timer()
    return (end - start) / number

# %% time_calls.calls_per_sample
def calls_per_sample(function, at_least=5e-4, timer=perf_counter, most=2**20):
    function()
    for power in range(64):
        number = 2**power
        if number >= most or time_calls(function, number, timer) >= at_least / number:
            return number

# %% summarize.summarize
def summarize(seconds):
    values = sorted(float(value) for value in seconds)
    if not values or not all(0 < value < math.inf for value in values):
        raise ValueError("not a timing")
    middle_of = float(np.percentile(values, 50))
    deviation = float(np.median([abs(value - middle_of) for value in values]))
    return {
        "noise": 1.4826 * deviation / middle_of,
        "min": values[0],
        "n": len(values),
        "mean": math.fsum(values) / len(values),
        "median": middle_of,
        "p10": float(np.percentile(values, 10)),
        "p95": float(np.percentile(values, 95)),
    }

# %% steady_start.steady_start
def steady_start(seconds, batch=5):
    medians = [float(np.median(seconds[i : i + batch])) for i in range(0, len(seconds) - batch + 1, batch)]
    k = len(medians)
    if k < 4:
        raise ValueError(f"{len(seconds)} are too few")
    best, smallest = 0, math.inf
    for d in range(k // 2 + 1):
        rest = medians[d:]
        mean = sum(rest) / len(rest)
        error = sum((value - mean) ** 2 for value in rest) / len(rest) ** 2
        if error < smallest:
            best, smallest = d, error
    if best < k // 2:
        return best * batch

# %% steady_start.warm_up
def warm_up(function, number=1, timer=perf_counter, batch=5, most=200):
    samples = []
    while True:
        samples.append(time_calls(function, number, timer))
        if len(samples) < 4 * batch or len(samples) % batch:
            continue
        if steady_start(samples, batch) is not None:
            return len(samples)
        if len(samples) >= most:
            return None

# %% take_turns.take_turns
def take_turns(functions, rounds, numbers, timer=perf_counter, rng=None):
    if rng is None:
        rng = np.random.default_rng()
    columns = [[] for _ in functions]
    for _ in range(rounds):
        for i in rng.permutation(len(functions)).tolist():
            functions[i]()
            columns[i].append(time_calls(functions[i], numbers[i], timer))
    return np.array(columns).T.reshape(rounds, len(functions))

# %% Suite.run
def run(self):
    with quiet():
        everything = list(self.functions.values()) + [self.ruler]
        found = []
        for function in everything:
            number = calls_per_sample(function, self.sample_seconds, self.timer)
            found.append((number, warm_up(function, number, self.timer)))
        numbers = [number for number, _ in found]
        table = take_turns(everything, self.rounds, numbers, self.timer, np.random.default_rng(self.seed))
    results = {}
    for i, name in enumerate(self.functions):
        results[name] = Result(*found[i], [float(s) for s in table[:, i]], [float(s) for s in table[:, -1]])
    return results

# %% block_indices.block_indices
def block_indices(n, block, resamples, rng):
    rows = []
    for _ in range(resamples):
        row = []
        for start in rng.integers(0, n - block + 1, size=math.ceil(n / block)):
            row.extend(range(start, start + block))
        rows.append(row[:n])
    return np.array(rows)

# %% block_indices.quantile_draws
def quantile_draws(values, q, resamples, rng):
    table = block_indices(len(values), round(len(values) ** (1 / 3)), resamples, rng)
    return np.percentile(np.take(values, table), 100 * q, axis=-1)

# %% block_indices.middle
def middle(draws, level=0.95):
    share = (1 - level) / 2
    return float(np.quantile(draws, share)), float(np.quantile(draws, 1 - share))

# %% cliffs_delta.cliffs_delta
def cliffs_delta(a, b):
    score = sum((x > y) - (x < y) for x in np.asarray(a).tolist() for y in np.asarray(b).tolist())
    return score / (len(a) * len(b))

# %% compare.verdict
def verdict(low, high, tolerance=0.03):
    top, bottom = 1 + tolerance, 1 / (1 + tolerance)
    if bottom <= low and high <= top:
        return "same"
    if low > top:
        return "slower"
    return "faster" if high < bottom else "no difference seen"

# %% compare.compare
def compare(old, new, tolerance=0.03, level=0.95, resamples=2000, seed=0):
    logs = [math.log(n / o) for o, n in zip(old, new, strict=True)]
    ends = middle(quantile_draws(logs, 0.5, resamples, np.random.default_rng(seed)), level)
    low, high = (math.exp(end) for end in ends)
    return Comparison(float(np.exp(np.median(logs))), low, high, cliffs_delta(new, old), verdict(low, high, tolerance))

# %% baseline.save_baseline
def save_baseline(path, results, environment):
    benchmarks = {}
    for name, result in results.items():
        benchmarks[name] = dict(zip(Result._fields, result))
    content = dict(benchmarks=benchmarks, environment=environment, format=FORMAT)
    data = json.dumps(content, allow_nan=False, ensure_ascii=False).encode("utf-8")
    path = Path(path)
    temporary = path.with_name("." + path.name)
    temporary.write_bytes(data)
    temporary.replace(path)

# %% baseline.load_baseline
def load_baseline(path):
    raw = Path(path).read_bytes()
    try:
        content = json.loads(raw.decode("utf-8"))
        problems = faults(content)
    except ValueError as error:
        problems = [str(error)]
    if problems:
        raise ValueError(f"{path}: " + ", ".join(problems))
    results = {}
    for name, fields in content["benchmarks"].items():
        results[name] = Result(fields["number"], fields["warmup"], fields["seconds"], fields["yardstick"])
    return results, content["environment"]

# %% compare_runs.yardsticks
def yardsticks(result, resamples, rng):
    seconds, ruler = np.log(result.seconds), np.log(result.yardstick)
    draws = quantile_draws(seconds, 0.1, resamples, rng)
    draws = draws - quantile_draws(ruler, 0.1, resamples, rng)
    return float(np.quantile(seconds, 0.1)) - float(np.quantile(ruler, 0.1)), draws

# %% compare_runs.compare_runs
def compare_runs(old, new, tolerance=0.03, level=0.95, resamples=2000, seed=0):
    rng = np.random.default_rng(seed)
    one, two = yardsticks(old, resamples, rng), yardsticks(new, resamples, rng)
    low, high = middle(np.exp(two[1] - one[1]), level)
    low, high = (math.exp(end) for end in middle(two[1] - one[1], level))
    logs = [np.log(run.seconds) - np.log(run.yardstick) for run in (new, old)]
    return Comparison(math.exp(two[0]) / math.exp(one[0]), low, high, cliffs_delta(*logs), verdict(low, high, tolerance))

# %% compare_runs.check_regressions
def check_regressions(baseline, current, tolerance=0.03, alarm=0.05, seed=0):
    count = len(set(baseline) & set(current))
    nothing = (math.nan, math.nan, math.nan, math.nan)
    found = {}
    for name, old in baseline.items():
        if name not in current:
            found[name] = Comparison(*nothing, "missing")
        else:
            found[name] = compare_runs(old, current[name], tolerance=tolerance, level=1 - alarm / count, seed=seed)
    for name in current:
        if name not in baseline:
            found[name] = Comparison(*nothing, "new")
    return found

# %% compare_runs.exit_code
def exit_code(comparisons):
    for comparison in comparisons.values():
        if comparison.verdict == "slower" or comparison.verdict == "missing":
            return 1
    return 0

# %% markdown_table.markdown_table
def markdown_table(header, rows):
    def line(cells):
        return "| " + " | ".join(" ".join(str(cell).replace("|", "\\|").split("\n")) for cell in cells) + " |\n"

    return line(header) + line("---" for _ in header) + "".join(map(line, rows))
