# why: the whole solution of somebody who saw only the release

# %% time_calls
#| export
def time_calls(function, number=1, timer=perf_counter):
    begin = timer()
    for _ in range(number):
        function()
    return (timer() - begin) / number


def calls_per_sample(function, at_least=5e-4, timer=perf_counter, most=2**20):
    function()
    calls = 1
    while True:
        if calls >= most:
            return most
        if time_calls(function, calls, timer) * calls >= at_least:
            return calls
        calls = 2 * calls

# %% summarize
#| export
def summarize(seconds):
    values = np.array(seconds, dtype=float)
    if values.size == 0 or not np.all(np.isfinite(values) & (values > 0)):
        raise ValueError("timings must be positive, finite numbers, and there must be one")
    median = float(np.median(values))
    distance = float(np.median(np.abs(values - median)))
    p10, p95 = (float(np.quantile(values, q)) for q in (0.1, 0.95))
    named = {"n": len(values), "min": float(values.min()), "median": median, "mean": float(values.mean())}
    named.update(p10=p10, p95=p95, noise=1.4826 * distance / median)
    return named

# %% steady_start
#| export
def steady_start(seconds, batch=5):
    k = len(seconds) // batch
    if k < 4:
        raise ValueError(f"{len(seconds)} timings are less than four batches of {batch}")
    medians = [np.median(seconds[i * batch : (i + 1) * batch]) for i in range(k)]
    best, smallest = 0, None
    for d in range(k // 2 + 1):
        rest = np.array(medians[d:])
        error = ((rest - rest.mean()) ** 2).sum() / (k - d) ** 2
        if smallest is None or error < smallest:
            best, smallest = d, error
    return None if best == k // 2 else batch * best


def warm_up(function, number=1, timer=perf_counter, batch=5, most=200):
    samples = []
    while len(samples) < most:
        for _ in range(batch if samples else 4 * batch):
            samples.append(time_calls(function, number, timer))
        if steady_start(samples, batch) is not None:
            return len(samples)
    return None

# %% take_turns
#| export
def take_turns(functions, rounds, numbers, timer=perf_counter, rng=None):
    if rng is None:
        rng = np.random.default_rng()
    table = np.zeros((rounds, len(functions)))
    for row in table:
        for column in rng.permutation(len(functions)):
            functions[column]()
            row[column] = time_calls(functions[column], numbers[column], timer)
    return table

# %% Suite
#| export
class Suite:
    def __init__(self, rounds=200, sample_seconds=5e-4, seed=0, timer=perf_counter, ruler=yardstick):
        self.rounds, self.sample_seconds, self.seed = rounds, sample_seconds, seed
        self.timer, self.ruler, self.functions = timer, ruler, {}

    def add(self, name, function):
        if name in self.functions:
            raise ValueError(f"there is a benchmark called {name} already: give each its own name")
        self.functions[name] = function

    def run(self):
        names, jobs = list(self.functions), list(self.functions.values()) + [self.ruler]
        with quiet():
            plan = []
            for job in jobs:
                calls = calls_per_sample(job, self.sample_seconds, self.timer)
                plan.append((calls, warm_up(job, calls, self.timer)))
            rng = np.random.default_rng(self.seed)
            table = take_turns(jobs, self.rounds, [calls for calls, _ in plan], self.timer, rng)
        ruler = table[:, -1].tolist()
        found = {}
        for column, name in enumerate(names):
            found[name] = Result(*plan[column], table[:, column].tolist(), list(ruler))
        return found

# %% block_indices
#| export
def block_indices(n, block, resamples, rng):
    blocks = math.ceil(n / block)
    starts = rng.integers(0, n - block + 1, size=(resamples, blocks))
    return np.stack([starts + k for k in range(block)], axis=2).reshape(resamples, -1)[:, :n]


def quantile_draws(values, q, resamples, rng):
    values = np.asarray(values)
    block = round(len(values) ** (1 / 3))
    return np.quantile(values[block_indices(len(values), block, resamples, rng)], q, axis=-1)


def middle(draws, level=0.95):
    out = (1 - level) / 2
    return float(np.quantile(draws, out)), float(np.quantile(draws, 1 - out))

# %% cliffs_delta
#| export
def cliffs_delta(a, b):
    ordered = np.sort(np.asarray(b))
    smaller = np.searchsorted(ordered, a, side="left").sum()
    larger = (len(ordered) - np.searchsorted(ordered, a, side="right")).sum()
    return float(smaller - larger) / (len(a) * len(ordered))

# %% compare
#| export
class Comparison(NamedTuple):
    ratio: float
    low: float
    high: float
    delta: float
    verdict: str


def verdict(low, high, tolerance=0.03):
    smallest, largest = 1 / (1 + tolerance), 1 + tolerance
    if low > largest:
        return "slower"
    if high < smallest:
        return "faster"
    if smallest <= low and high <= largest:
        return "same"
    return "no difference seen"


def compare(old, new, tolerance=0.03, level=0.95, resamples=2000, seed=0):
    if len(old) != len(new):
        raise ValueError(f"{len(old)} old timings, {len(new)} new ones: they must be from the same rounds")
    logs = np.log(np.asarray(new, float) / np.asarray(old, float))
    draws = quantile_draws(logs, 0.5, resamples, np.random.default_rng(seed))
    low, high = (math.exp(end) for end in middle(draws, level))
    ratio = math.exp(np.median(logs))
    return Comparison(ratio, low, high, cliffs_delta(new, old), verdict(low, high, tolerance))

# %% baseline
#| export
def save_baseline(path, results, environment):
    path = Path(path)
    rows = {name: result._asdict() for name, result in results.items()}
    content = {"format": FORMAT, "environment": environment, "benchmarks": rows}
    text = json.dumps(content, indent=1, allow_nan=False)
    new = path.with_name(path.name + ".new")
    try:
        new.write_text(text, encoding="utf-8")
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def load_baseline(path):
    data = Path(path).read_bytes()
    try:
        content = json.loads(data.decode("utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} can't be read: {error}") from error
    wrong = faults(content)
    if wrong:
        raise ValueError(f"{path} is no baseline: " + "; ".join(wrong))
    results = {name: Result(**fields) for name, fields in content["benchmarks"].items()}
    return results, content["environment"]

# %% compare_runs
#| export
def yardsticks(result, resamples=2000, rng=None):
    rng = np.random.default_rng() if rng is None else rng
    logs = [np.log(values) for values in (result.seconds, result.yardstick)]
    seconds, ruler = (quantile_draws(one, 0.1, resamples, rng) for one in logs)
    return float(np.quantile(logs[0], 0.1) - np.quantile(logs[1], 0.1)), seconds - ruler


def compare_runs(old, new, tolerance=0.03, level=0.95, resamples=2000, seed=0):
    rng = np.random.default_rng(seed)
    before, old_draws = yardsticks(old, resamples, rng)
    after, new_draws = yardsticks(new, resamples, rng)
    low, high = (float(np.exp(end)) for end in middle(new_draws - old_draws, level))
    lengths = [np.divide(result.seconds, result.yardstick) for result in (new, old)]
    return Comparison(math.exp(after - before), low, high, cliffs_delta(*lengths), verdict(low, high, tolerance))


def check_regressions(baseline, current, tolerance=0.03, alarm=0.05, seed=0):
    both = sum(name in current for name in baseline)
    found, nothing = {}, (math.nan,) * 4
    for name in [*baseline, *(name for name in current if name not in baseline)]:
        if name not in current:
            found[name] = Comparison(*nothing, "missing")
        elif name not in baseline:
            found[name] = Comparison(*nothing, "new")
        else:
            found[name] = compare_runs(baseline[name], current[name], tolerance, 1 - alarm / both, seed=seed)
    return found


def exit_code(comparisons):
    return int(any(c.verdict in ("slower", "missing") for c in comparisons.values()))

# %% markdown_table
#| export
def markdown_table(header, rows):
    def line(cells):
        texts = [str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells]
        return "| " + " | ".join(texts) + " |\n"

    return "".join([line(header), line(["---"] * len(header)), *map(line, rows)])
