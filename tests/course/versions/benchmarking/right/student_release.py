# why: the solution of somebody who saw only the release

# %% time_calls
#| export
def time_calls(function, number=1, timer=perf_counter):
    start = timer()
    for _ in range(number):
        function()
    return (timer() - start) / number


def calls_per_sample(function, at_least=5e-4, timer=perf_counter, most=2**20):
    function()
    number = 1
    while time_calls(function, number, timer) * number < at_least and number < most:
        number *= 2
    return number


# %% summarize
#| export
def summarize(seconds):
    seconds = np.asarray(seconds, dtype=np.float64)
    if not seconds.size or not np.all((seconds > 0) & np.isfinite(seconds)):
        raise ValueError(f"timings must be positive finite numbers, at least one, not {seconds}")
    median = np.median(seconds)
    said = {"n": seconds.size, "min": seconds.min(), "median": median, "mean": seconds.mean()}
    said["p10"], said["p95"] = np.quantile(seconds, [0.1, 0.95])
    said["noise"] = 1.4826 * np.median(np.abs(seconds - median)) / median
    return {key: value if key == "n" else float(value) for key, value in said.items()}


# %% steady_start
#| export
def steady_start(seconds, batch=5):
    k = len(seconds) // batch
    if k < 4:
        raise ValueError(f"{len(seconds)} samples are less than 4 batches of {batch}")
    medians = np.median(np.reshape(seconds[: k * batch], (k, batch)), axis=1)
    errors = []
    for d in range(k // 2 + 1):
        rest = medians[d:]
        errors.append(np.sum((rest - rest.mean()) ** 2) / (k - d) ** 2)
    best = int(np.argmin(errors))
    return None if best == k // 2 else batch * best


def warm_up(function, number=1, timer=perf_counter, batch=5, most=200):
    samples = [time_calls(function, number, timer) for _ in range(4 * batch)]
    while steady_start(samples, batch) is None:
        if len(samples) >= most:
            return None
        samples += [time_calls(function, number, timer) for _ in range(batch)]
    return len(samples)


# %% take_turns
#| export
def take_turns(functions, rounds, numbers, timer=perf_counter, rng=None):
    if rng is None:
        rng = np.random.default_rng()
    seconds = np.empty((rounds, len(functions)))
    for row in seconds:
        for i in rng.permutation(len(functions)):
            functions[i]()
            row[i] = time_calls(functions[i], numbers[i], timer)
    return seconds


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
        functions = [*self.functions.values(), self.ruler]
        numbers, warmups = [], []
        with quiet():
            for function in functions:
                numbers.append(calls_per_sample(function, self.sample_seconds, self.timer))
                warmups.append(warm_up(function, numbers[-1], self.timer))
            rng = np.random.default_rng(self.seed)
            seconds = take_turns(functions, self.rounds, numbers, self.timer, rng)
        columns = seconds.T.tolist()
        results = zip(numbers, warmups, columns, strict=True)
        return {name: Result(*result, columns[-1]) for name, result in zip(self.functions, results, strict=False)}


# %% block_indices
#| export
def block_indices(n, block, resamples, rng):
    blocks = -(-n // block)
    starts = rng.integers(0, n - block + 1, size=(resamples, blocks))
    indices = starts[:, :, None] + np.arange(block)
    return indices.reshape(resamples, -1)[:, :n]


def quantile_draws(values, q, resamples, rng):
    values = np.asarray(values)
    indices = block_indices(len(values), round(len(values) ** (1 / 3)), resamples, rng)
    return np.quantile(values[indices], q, axis=1)


def middle(draws, level=0.95):
    out = (1 - level) / 2
    low, high = np.quantile(draws, [out, 1 - out])
    return float(low), float(high)


# %% cliffs_delta
#| export
def cliffs_delta(a, b):
    signs = np.sign(np.subtract.outer(a, b))
    return float(signs.mean())


# %% compare
#| export
class Comparison(NamedTuple):
    """How new timings compare with old ones.

    ratio: new / old, more than 1 is slower; low, high: its interval; delta: Cliff's, of new and old; verdict: a text
    """

    ratio: float
    low: float
    high: float
    delta: float
    verdict: str


def verdict(low, high, tolerance=0.03):
    top, bottom = 1 + tolerance, 1 / (1 + tolerance)
    if low > top:
        return "slower"
    if high < bottom:
        return "faster"
    if bottom <= low and high <= top:
        return "same"
    return "no difference seen"


def compare(old, new, tolerance=0.03, level=0.95, resamples=2000, seed=0):
    if len(old) != len(new):
        raise ValueError(f"{len(old)} old timings and {len(new)} new ones do not make pairs")
    logs = np.log(np.divide(new, old))
    draws = quantile_draws(logs, 0.5, resamples, np.random.default_rng(seed))
    low, high = np.exp(middle(draws, level))
    ratio = np.exp(np.median(logs))
    return Comparison(float(ratio), float(low), float(high), cliffs_delta(new, old), verdict(low, high, tolerance))


# %% baseline
#| export
def save_baseline(path, results, environment):
    benchmarks = {name: result._asdict() for name, result in results.items()}
    content = {"format": FORMAT, "environment": environment, "benchmarks": benchmarks}
    text = json.dumps(content, allow_nan=False, indent=1)
    part = Path(f"{path}.part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


def load_baseline(path):
    data = Path(path).read_bytes()
    try:
        content = json.loads(data.decode("utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is no JSON in UTF-8: {error}") from error
    wrong = faults(content)
    if wrong:
        raise ValueError(f"{path} is no baseline: {'; '.join(wrong)}")
    results = {name: Result(**fields) for name, fields in content["benchmarks"].items()}
    return results, content["environment"]


# %% compare_runs
#| export
def yardsticks(result, resamples, rng):
    seconds, ruler = np.log(result.seconds), np.log(result.yardstick)
    value = np.quantile(seconds, 0.1) - np.quantile(ruler, 0.1)
    draws = quantile_draws(seconds, 0.1, resamples, rng) - quantile_draws(ruler, 0.1, resamples, rng)
    return float(value), draws


def compare_runs(old, new, tolerance=0.03, level=0.95, resamples=2000, seed=0):
    rng = np.random.default_rng(seed)
    old_value, old_draws = yardsticks(old, resamples, rng)
    new_value, new_draws = yardsticks(new, resamples, rng)
    low, high = middle(new_draws - old_draws, level)
    ratio, low, high = math.exp(new_value - old_value), math.exp(low), math.exp(high)
    delta = cliffs_delta(np.divide(new.seconds, new.yardstick), np.divide(old.seconds, old.yardstick))
    return Comparison(ratio, low, high, delta, verdict(low, high, tolerance))


def check_regressions(baseline, current, tolerance=0.03, alarm=0.05, seed=0):
    both = sum(name in current for name in baseline)
    found = {}
    for name in baseline | current:
        if name not in current:
            found[name] = Comparison(math.nan, math.nan, math.nan, math.nan, "missing")
        elif name not in baseline:
            found[name] = Comparison(math.nan, math.nan, math.nan, math.nan, "new")
        else:
            found[name] = compare_runs(baseline[name], current[name], tolerance, 1 - alarm / both, seed=seed)
    return found


def exit_code(comparisons):
    return int(any(c.verdict in ("slower", "missing") for c in comparisons.values()))


# %% markdown_table
#| export
def markdown_table(header, rows):
    lines = ""
    for row in [header, ["---"] * len(header), *rows]:
        cells = [str(cell).replace("|", "\\|").replace("\n", " ") for cell in row]
        lines += "| " + " | ".join(cells) + " |\n"
    return lines
