# why: half done

# %% block_indices
#| export
def block_indices(n, block, resamples, rng):
    """Indices of the moving-block bootstrap.

    n: how many samples there are; block: how many neighbours are drawn together, at most n
    resamples: how often; rng: a numpy Generator. The blocks' first indices come from
        rng.integers(0, n - block + 1, size=(resamples, blocks)), with blocks = n / block, rounded up
    Returns an int array (resamples, n): in each row blocks of consecutive indices, the last one cut off at n entries.

    block_indices(5, 2, 1, rng) may be [[3, 4, 0, 1, 2]]      (about 4 lines)
    Hint: starts[:, :, None] + np.arange(block) has all blocks; -(-n // block) rounds up.
    """
    raise NotImplementedError()


def quantile_draws(values, q, resamples, rng):
    """The quantile `q` of each of `resamples` block bootstrap samples of `values`: an array (resamples,).

    values: list or array of n numbers; q: from 0 to 1, 0.5 is the median. A block is round(n ** (1 / 3)) long.

    (about 3 lines)      Hint: np.quantile has an axis.
    """
    raise NotImplementedError()


def middle(draws, level=0.95):
    """The middle `level` of `draws`: (low, high), two floats. At both ends the same share is left out.

    Hint: np.quantile      (about 2 lines)
    """
    raise NotImplementedError()

# %% cliffs_delta
#| export
def cliffs_delta(a, b):
    """Cliff's delta: the share of pairs with a[i] > b[j], minus the share of those with a[i] < b[j].

    a, b: lists or arrays of numbers, of any lengths but 0
    Returns a float from -1 to 1. There are len(a) * len(b) pairs; equal ones count for neither side.

    cliffs_delta([2, 4], [1, 3]) == 0.5      (about 2 lines)
    Hint: np.subtract.outer, or two calls of np.searchsorted, which need no table of all pairs.
    """
    raise NotImplementedError()

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
    """What the interval of a ratio says.

    low, high: numbers, low <= high; tolerance: 0.03 stands for 3 %. From 1 / (1 + tolerance) to 1 + tolerance, both
        included, a ratio is as good as 1
    Returns "slower" or "faster" if all of the interval lies outside, on that side; "same" if all of it lies inside;
    else "no difference seen".

    verdict(1.04, 1.20) == "slower", verdict(0.99, 1.01) == "same", verdict(0.99, 1.08) == "no difference seen"
    (about 7 lines)
    """
    raise NotImplementedError()


def compare(old, new, tolerance=0.03, level=0.95, resamples=2000, seed=0):
    """Compare two functions that took turns.

    old, new: lists or arrays of seconds, entries of the same index from the same round
    The ratio is e to the median of the rounds' log(new / old); its interval is e to the middle `level` of
    quantile_draws of those logarithms, with q=0.5 and np.random.default_rng(seed). delta is cliffs_delta(new, old).
    Returns a Comparison of floats and a verdict. Raises ValueError if there are more of one than of the other.

    compare([1.0] * 20, [1.5] * 20)[:3] == (1.5, 1.5, 1.5), up to rounding      (about 8 lines)
    """
    raise NotImplementedError()

# %% baseline
#| export
def save_baseline(path, results, environment):
    """Write results to a JSON file, whole or not at all.

    path: where to, a text or Path; results: dict name → Result; environment: a dict of texts and numbers
    The file holds one object with "format": FORMAT, "environment", and "benchmarks": each name with an object of its
    Result's fields. NaN and infinity are no JSON: ValueError. Whatever is raised, what was at `path` stays as it is.

    (about 5 lines)      Hint: json.dumps with allow_nan=False; result._asdict(); module 6 knows how to replace a file
    """
    raise NotImplementedError()


def load_baseline(path):
    """What save_baseline wrote: (results, environment).

    Raises FileNotFoundError if there is no file, and ValueError, with the path and the reason in its message, if it is
    no JSON in UTF-8, or has `faults`, which are then all named.

    (about 9 lines)      Hint: what json.loads and decoding raise are both ValueErrors.
    """
    raise NotImplementedError()

# %% compare_runs
#| export
def yardsticks(result, resamples, rng):
    """How many yardsticks long a benchmark is when left in peace, as a logarithm, and how sure that is.

    result: a Result; rng: a numpy Generator
    Returns (value, draws): value, a float, is the quantile 0.1 of the logarithms of the seconds minus that of the
    logarithms of the yardstick; draws is an array (resamples,) of the same difference, between quantile_draws of the
    seconds' logarithms and quantile_draws of the yardstick's, drawn in this order from `rng`.

    yardsticks(Result(1, 20, [math.e] * 9, [1.0] * 9), 2, rng) is about (1.0, [1.0, 1.0])      (about 4 lines)
    """
    raise NotImplementedError()


def compare_runs(old, new, tolerance=0.03, level=0.95, resamples=2000, seed=0):
    """Compare two Results of one benchmark from different runs.

    old, new: Results; they may have different numbers of rounds
    With values and draws of `yardsticks`, both from one np.random.default_rng(seed), the old run's first: the ratio is
    e to (new value - old value), its interval e to the middle `level` of (new draws - old draws). delta is cliffs_delta
    of the new and the old seconds / yardstick, round by round.
    Returns a Comparison of floats and a verdict.

    (about 7 lines)
    """
    raise NotImplementedError()


def check_regressions(baseline, current, tolerance=0.03, alarm=0.05, seed=0):
    """Compare a run with the baseline, benchmark by benchmark.

    baseline, current: dicts name → Result; alarm: how often, at most, the whole suite may raise one without a reason
    Returns a dict name → Comparison, first the baseline's names in their order, then the others. What both have is
    compared by compare_runs, at the level 1 - alarm / (how many both have), with `tolerance` and `seed`. What is
    missing from `current` has the verdict "missing", what is new in it "new", and NaN for all numbers.

    (about 9 lines)      Hint: baseline | current has all names, in the right order.
    """
    raise NotImplementedError()


def exit_code(comparisons):
    """What a program should return to the shell: 1 if anything is "slower" or "missing", else 0. (about 1 line)"""
    raise NotImplementedError()

# %% markdown_table
#| export
def markdown_table(header, rows):
    """A table in Markdown.

    header: list of texts; rows: lists of as many values, which are shown as str() gives them
    Returns a text: a line each for the header, for "| --- | --- |", and for each row, with "| " before the first cell,
    " | " between cells and " |" after the last, and "\\n" at the end of every line. In cells a backslash stands before
    every "|", and every line break ("\\n") is a space.

    markdown_table(["a", "b"], [[1, "x|y"]]) == "| a | b |\\n| --- | --- |\\n| 1 | x\\\\|y |\\n"      (about 5 lines)
    """
    raise NotImplementedError()
