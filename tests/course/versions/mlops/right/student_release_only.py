# why: everything, by somebody who saw only the release

# %% psi
#| export
def bin_edges(values, bins=10):
    """Edges that cut `values` into at most `bins` bins, with about as many values in each: a sorted array."""
    return np.unique(np.quantile(values, np.linspace(0, 1, bins + 1)[1:-1]))


def shares(values, edges):
    """Which share of `values` falls into each of the bins that `edges` make, after half a sample is added to every bin.

    values: array (n,) of finite numbers, n may be 0
    edges: sorted array (k,), k at least 1. Bin 0 is below edges[0], bin i from edges[i - 1] (included) to edges[i]
        (excluded), bin k from edges[k - 1] (included) on
    Returns an array (k + 1,) that adds up to 1.

    shares([1, 5, 5, 9], [5])  is  [1.5, 3.5] / 5      (about 2 lines)
    Hint: np.searchsorted(edges, values, side=…) finds bins, np.bincount(bins, minlength=…) counts them.
    """
    bins = np.searchsorted(edges, values, side="right")
    counts = np.bincount(bins, minlength=len(edges) + 1) + 0.5
    return counts / counts.sum()


def psi(p, q):
    """Population stability index of the shares `q` against the shares `p`, two arrays of equal length: a float.

    psi([0.5, 0.5], [0.25, 0.75])  is about  0.2747      (about 2 lines)
    """
    p, q = np.asarray(p), np.asarray(q)
    return float(np.sum((q - p) * np.log(q / p)))

# %% ks_test
#| export
def kolmogorov(x):
    """The chance that a scaled gap exceeds x if nothing has changed: a float (Kolmogorov 1933, for large samples)."""
    if x < 0.2:  # 1 up to the twelfth digit, and the series would need many terms
        return 1.0
    k = np.arange(1, 101)
    return float(2 * ((-1.0) ** (k - 1) * np.exp(-2 * (k * x) ** 2)).sum())


def ks_test(a, b):
    """Kolmogorov-Smirnov test of two samples.

    a, b: arrays (n,) and (m,) of finite numbers, in any order; equal ones may occur
    Returns (gap, p), two floats: the largest distance between the share of `a` and the share of `b` that is at most x,
    over all x, and `kolmogorov` of the scaled gap, see above.
    Raises ValueError where one of them is empty.

    ks_test([1, 2, 3, 4], [3, 4, 5, 6])[0] == 0.5      (about 7 lines)
    Hint: the gap can only grow at a value of one of the samples. np.searchsorted(sorted_a, x, side="right") is how many
    of a are at most x, also for an array x.
    """
    a, b = np.sort(a), np.sort(b)
    n, m = len(a), len(b)
    if n == 0 or m == 0:
        raise ValueError(f"both samples need values, not {n} and {m}")
    x = np.concatenate([a, b])
    gaps = np.searchsorted(a, x, side="right") / n - np.searchsorted(b, x, side="right") / m
    gap = float(np.abs(gaps).max())
    return gap, kolmogorov(gap * math.sqrt(n * m / (n + m)))

# %% Monitor
#| export
FEATURES = {  # one number for each image of rows (n, pixels)
    "brightness": lambda rows: rows.mean(axis=1),
    "contrast": lambda rows: rows.std(axis=1),
}
RULES = {  # whether each image of rows (n, pixels) is broken
    "blank": lambda rows: np.ptp(rows, axis=1) == 0,
    "clipped": lambda rows: (rows == rows.max(axis=1, keepdims=True)).mean(axis=1) > 0.5,
    "repeated": lambda rows: repeated(rows),
}


def repeated(rows):
    """Which rows are equal to an earlier one: a boolean array."""
    first = {}
    return np.array([first.setdefault(row.tobytes(), i) != i for i, row in enumerate(rows)])


class Monitor:
    """Compares the last requests with a reference.

    images: array (n, …), images as clients send them, from the data that the model was trained on
    labels: int array (n,): which class the model gives to each of them; classes: how many classes there are
    window: how many requests a report looks back
    """

    def __init__(self, images, labels, classes, window=200):
        rows = np.asarray(images, np.float64).reshape(len(images), -1)
        self.reference = {name: feature(rows) for name, feature in FEATURES.items()}
        self.labels, self.classes = np.asarray(labels), classes
        self.seen = deque(maxlen=window)

    def observe(self, image, label, seconds):
        """Note one request: its image, its class (an int), how long it took. The oldest one is forgotten."""
        self.seen.append((np.asarray(image, np.float64).ravel(), label, seconds))

    def report(self):
        """What there is to say about the window: a dict name → float; {} as long as the window isn't full.

        "psi brightness", "ks brightness", and so on for each of FEATURES: the psi of the window's values against the
            reference's, with bins at the bin_edges of the reference's values; and the p of their ks_test
        "psi prediction": the same psi of the classes, with the bins 0, 1, … classes - 1
        "share blank", and so on for each of RULES: which share of the window breaks it
        "latency p50", "latency p99": quantiles of the seconds (np.quantile)

        (about 11 lines)      Hint: zip(*self.seen) gives three tuples; classes have edges np.arange(1, self.classes).
        """
        if len(self.seen) < self.seen.maxlen:
            return {}
        images, labels, seconds = zip(*self.seen, strict=True)
        rows, report = np.stack(images), {}
        for name, feature in FEATURES.items():
            then, now = self.reference[name], feature(rows)
            edges = bin_edges(then)
            report[f"psi {name}"] = psi(shares(then, edges), shares(now, edges))
            report[f"ks {name}"] = ks_test(then, now)[1]
        edges = np.arange(1, self.classes)
        report["psi prediction"] = psi(shares(self.labels, edges), shares(np.array(labels), edges))
        for name, rule in RULES.items():
            report[f"share {name}"] = float(rule(rows).mean())
        for q in (50, 99):
            report[f"latency p{q}"] = float(np.quantile(seconds, q / 100))
        return report

# %% Alarm
#| export
class Alarm:
    """Rings after `patience` bad values in a row, and falls silent after as many good ones in a row.

    limit: values above it are bad, equal ones are good; below=True: values below it are bad (for a p, say)
    ringing: whether it rings now; streak: how many values in a row have spoken against what it does now
    """

    def __init__(self, limit, patience=3, below=False):
        self.limit, self.patience, self.below = limit, patience, below
        self.ringing, self.streak = False, 0

    def update(self, value):
        """Hear of the next value. Returns whether it rings, a bool. A nan says nothing and changes nothing.

        with limit 1 and patience 2, the values 2, 0, 2, 2, 0, 0 give F, F, F, True, True, F      (about 6 lines)
        """
        if not math.isnan(value):
            bad = value < self.limit if self.below else value > self.limit
            if bad == self.ringing:
                self.streak = 0
            else:
                self.streak += 1
            if self.streak >= self.patience:
                self.ringing, self.streak = not self.ringing, 0
        return self.ringing


def usual_alarms(patience=3):
    """An alarm for each line of a Monitor's report that has a usual limit: a dict name → Alarm."""
    limits = {"psi brightness": 0.25, "psi contrast": 0.25, "psi prediction": 0.25, "latency p99": 0.25}
    limits |= {f"share {rule}": 0.05 for rule in RULES}
    alarms = {name: Alarm(limit, patience) for name, limit in limits.items()}
    return alarms | {f"ks {name}": Alarm(1e-6, patience, below=True) for name in ("brightness", "contrast")}

# %% bundle
#| export
def save_bundle(folder, model, name, version, input, classes):
    """Pack a model.

    folder: where to; it must not be there yet (else FileExistsError), those above it may
    model: Module; a layer that is not in LAYERS raises the ValueError of describe, before anything is written
    name, version: texts; input: dict with shape, low and high; classes: list of texts
    Writes weights.npz, the state_dict of the model, and then manifest.json, a dict with the keys format (1), name,
    version, input, classes, model (the words of describe) and sha256 (that of weights.npz).
    Returns the seal: the sha256 of manifest.json.

    (about 7 lines)      Hint: save_arrays; Path(folder).mkdir(parents=True) raises that FileExistsError by itself.
    """
    words = describe(model)
    folder = Path(folder)
    folder.mkdir(parents=True)
    save_arrays(folder / "weights.npz", state_dict(model))
    manifest = {"format": 1, "name": name, "version": version, "input": input, "classes": classes, "model": words}
    manifest["sha256"] = sha256(folder / "weights.npz")
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return sha256(folder / "manifest.json")


def load_bundle(folder, seal=None):
    """Unpack a model, and refuse what is not exactly what was packed: a Bundle, its model in eval mode.

    folder: as save_bundle wrote it; seal: what it returned, or None if you don't know it
    Raises ValueError for a manifest with another sha256 than the seal, for weights with another than the manifest
    says, and for all that read_manifest, layer_from, load_arrays and load_state_dict refuse. No array is read before the
    fingerprints are known to be right. A file that is missing is a FileNotFoundError.

    (about 9 lines)
    """
    path, weights = Path(folder) / "manifest.json", Path(folder) / "weights.npz"
    if seal is not None and sha256(path) != seal:
        raise ValueError(f"{path} is not what the seal says")
    manifest = read_manifest(path)
    if sha256(weights) != manifest["sha256"]:
        raise ValueError(f"{weights} is not what the manifest says")
    model = layer_from(manifest["model"])
    load_state_dict(model, load_arrays(weights))
    return Bundle(model.eval(), manifest)

# %% Deployment
#| export
def measured(bundles, sizes=(1, 32), **options):
    """How long each of some Bundles takes to answer, measured by your Suite: all of them take turns.

    bundles: list of Bundles for the same input; sizes: how many images come at once; options: those of Suite
    Returns a list with a dict for each Bundle, from "1 at once", "32 at once" to its Results.
    """
    suite = Suite(**{"rounds": 60, **options})
    for i, bundle in enumerate(bundles):
        for n in sizes:
            pixels = np.zeros((n, *bundle.manifest["input"]["shape"]))
            suite.add(f"{i}: {n}", lambda bundle=bundle, pixels=pixels: bundle.predict(pixels))
    results = suite.run()
    return [{f"{n} at once": results[f"{i}: {n}"] for n in sizes} for i in range(len(bundles))]


class Deployment:
    """The version of a model that answers now, and those that did before.

    live: the Bundle that answers; previous: list of those before it, the last of them is where `rollback` goes
    """

    def __init__(self, bundle, measure=measured):
        self.live, self.previous, self.measure = bundle, [], measure

    def deploy(self, bundle, gate=None):
        """Let `bundle` answer from now on, if it can; else a ValueError that says why not, and nothing has changed.

        Refused are: another input or other classes in its manifest than those of `live`, for the clients stay the same;
        and one that, asked to predict two images of zeros (n, *shape), doesn't give an array of shape
        (2, number of classes) with finite numbers only, or raises an exception of whatever kind.

        (about 11 lines)      Hint: `raise ValueError(…) from error` tells where another exception came from.
        """
        old, new = self.live.manifest, bundle.manifest
        for key in ("input", "classes"):
            if old[key] != new[key]:
                raise ValueError(f"another {key}: {new[key]} instead of {old[key]}")
        try:
            p = bundle.predict(np.zeros((2, *old["input"]["shape"])))
            good = p.shape == (2, len(old["classes"])) and bool(np.isfinite(p).all())
        except Exception as error:
            raise ValueError("it cannot predict") from error
        if not good:
            raise ValueError("it does not give finite probabilities for each class")
        if gate is not None:
            comparisons = gate(*self.measure([self.live, bundle]))
            if exit_code(comparisons) != 0:
                raise ValueError(f"the gate is closed: {comparisons}")
        self.previous.append(self.live)
        self.live = bundle

    def rollback(self):
        """Let the version before this one answer again. Without one: RuntimeError.      (about 3 lines)"""
        if not self.previous:
            raise RuntimeError("there is no version before this one")
        self.live = self.previous.pop()

    def predict(self, pixels):
        """List of (version, probabilities), one for each image: the version is the one that predicted it, even if
        another takes over in the middle.

        pixels: array (n, *shape)      (about 2 lines)
        """
        bundle = self.live
        return [(bundle.version, p) for p in bundle.predict(pixels)]

# %% parse_image
#| export
MAX_BODY = 100_000  # bytes


class BadRequest(ValueError):
    """What a client did wrong: an HTTP status from 400 to 499, and the reason in words."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


def parse_json(body):
    """What the bytes `body` say as JSON. BadRequest 400 where it is not JSON, or has 300 digits in a row."""
    if re.search(rb"\d{300}", body):  # an int larger than any float would crash only later, where nobody expects it
        raise BadRequest(400, "a number has fewer than 300 digits")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # bad UTF-8 is a ValueError, too, and "[[[[…" a RecursionError
        raise BadRequest(400, "the body is not JSON") from None


def parse_image(body, content_type, spec):
    """The image in a request: float32 array of the shape spec["shape"].

    body: bytes; content_type: text; spec: the `input` of a manifest: dict with shape, low and high
    Raises BadRequest, with the first of these statuses that is right:
    413 for more than MAX_BODY bytes
    415 if content_type is neither application/json nor application/octet-stream (what comes after a ";" is ignored)
    400 for a JSON body that parse_json refuses
    422 for JSON that is no dict with an "image" that is a flat list of numbers, row by row; a bool is no number
    422 for another number of numbers (or of bytes, for octet-stream) than shape needs; the reason names both numbers
    422 for a number that is not from low to high, nan included; the reason names low and high

    parse_image(b'{"image": [0, 9, 9, 0]}', "application/json", {"shape": [1, 2, 2], "low": 0, "high": 9})
    (about 11 lines)      Hint: np.frombuffer(body, np.uint8) reads bytes. np.array(["7"], float) would read the text,
    and isinstance(True, int) is True: ask for the type. nan is neither less nor more than anything.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if len(body) > MAX_BODY:
        raise BadRequest(413, f"a body has at most {MAX_BODY} bytes")
    if kind not in ("application/json", "application/octet-stream"):
        raise BadRequest(415, f"send application/json or application/octet-stream, not {kind or 'nothing'}")
    shape, low, high = spec["shape"], spec["low"], spec["high"]
    if kind == "application/octet-stream":
        numbers = np.frombuffer(body, np.uint8)
    else:
        found = parse_json(body)
        numbers = found.get("image") if isinstance(found, dict) else None
        if not isinstance(numbers, list) or not all(type(x) in (int, float) for x in numbers):
            raise BadRequest(422, 'send {"image": [0, 1, 2]}, a flat list of numbers')
    if len(numbers) != math.prod(shape):
        raise BadRequest(422, f"an image has {math.prod(shape)} numbers, not {len(numbers)}")
    image = np.array(numbers, np.float64)
    if not ((image >= low) & (image <= high)).all():
        raise BadRequest(422, f"numbers are from {low} to {high}")
    return image.astype(np.float32).reshape(shape)

# %% Batcher
#| export
class Batcher:
    """Gathers single inputs into batches.

    run: function from a list of inputs to a list of as many results; it is never called with an empty list
    max_batch: how many inputs a batch may have; max_wait: how many seconds its first input may wait for more
    waiting: list of pairs (input, future), in the order in which they came; timer: what call_later returned, or None
    """

    def __init__(self, run, max_batch=32, max_wait=0.0):
        self.run, self.max_batch, self.max_wait = run, max_batch, max_wait
        self.waiting, self.timer = [], None

    async def submit(self, x):
        """The result for one input, as soon as its batch was run.

        A batch is run (by `flush`) at once when max_batch inputs wait, else max_wait seconds after its first one came.
        If run raises an exception, everybody in the batch gets that exception.

        (about 7 lines)      Hint: loop = asyncio.get_running_loop(), then loop.create_future() and loop.call_later.
        """
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self.waiting.append((x, future))
        if len(self.waiting) >= self.max_batch:
            self.flush()
        elif self.timer is None:
            self.timer = loop.call_later(self.max_wait, self.flush)
        return await future

    def flush(self):
        """Run a batch of all that wait now, if any do. After that nobody waits, and no timer is set.

        Whoever has stopped waiting (future.done(): its client hung up) is left out of the batch.

        (about 11 lines)      Hint: a timer that was set for this batch would cut the next one short: timer.cancel().
        """
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        batch = [(x, future) for x, future in self.waiting if not future.done()]
        self.waiting = []
        if not batch:
            return
        try:
            results = self.run([x for x, _ in batch])
        except Exception as error:
            for _, future in batch:
                future.set_exception(error)
        else:
            for (_, future), result in zip(batch, results, strict=True):
                future.set_result(result)

# %% two_proportion
#| export
def two_proportion_test(successes_a, n_a, successes_b, n_b, alpha=0.05):
    """Is the rate of B another than that of A? For one look, at the end of an experiment.

    successes_a, n_a: of how many trials how many succeeded, ints, n_a at least 1; successes_b, n_b: likewise
    Returns four floats (difference, p, low, high): B's rate minus A's; the two-sided p of the pooled z test, 1 where
    the pooled variance is 0; and the confidence interval of the difference, difference ± quantile * sqrt(v), with the
    normal quantile of 1 - alpha / 2 and v = rate_a * (1 - rate_a) / n_a + rate_b * (1 - rate_b) / n_b.

    two_proportion_test(830, 1000, 860, 1000)  is about  (0.03, 0.064, -0.0017, 0.0617)      (about 8 lines)
    Hint: NormalDist().inv_cdf(share) is a quantile; math.erfc(z / sqrt(2)) is the chance to be z away on either side.
    """
    a, b = successes_a / n_a, successes_b / n_b
    pooled = (successes_a + successes_b) / (n_a + n_b)
    variance = pooled * (1 - pooled) * (1 / n_a + 1 / n_b)
    p = math.erfc(abs(b - a) / math.sqrt(variance) / math.sqrt(2)) if variance > 0 else 1.0
    half = NormalDist().inv_cdf(1 - alpha / 2) * math.sqrt(a * (1 - a) / n_a + b * (1 - b) / n_b)
    return b - a, p, b - a - half, b - a + half


def sample_size(rate, lift, alpha=0.05, power=0.8):
    """How many trials *each* of two versions needs, so that a rise from `rate` to `rate + lift` is found, an int.

    n = ((z_alpha * sqrt(2 * m * (1 - m)) + z_power * sqrt(r * (1 - r) + s * (1 - s))) / lift) ** 2, rounded up,
    where r and s are the two rates, m is their mean, and z_alpha and z_power are the normal quantiles of 1 - alpha / 2
    and of power (Fleiss, Statistical Methods for Rates and Proportions).

    sample_size(0.83, 0.03) == 2284      (about 4 lines)
    """
    r, s = rate, rate + lift
    m = (r + s) / 2
    z_alpha, z_power = NormalDist().inv_cdf(1 - alpha / 2), NormalDist().inv_cdf(power)
    root = z_alpha * math.sqrt(2 * m * (1 - m)) + z_power * math.sqrt(r * (1 - r) + s * (1 - s))
    return math.ceil((root / lift) ** 2)

# %% always_valid
#| export
def mixture_p(estimate, variance, tau=0.05):
    """1 / ratio, with the ratio from above, but at most 1: how well an estimate goes with a true value of 0.

    estimate, variance: floats or arrays of equal shape, variance above 0; tau: the size of differences you hope for
    Returns a float or an array of that shape. An estimate far away gives 0, without a warning.

    mixture_p(0.03, 0.0002)  is about  0.457      (about 3 lines)
    Hint: np.exp of a large negative number is 0, of a large positive one it overflows. np.minimum(1, …)
    """
    total = variance + tau**2
    inverse = np.sqrt(total / variance) * np.exp(-(estimate**2) * tau**2 / (2 * variance * total))
    return np.minimum(1, inverse)


def always_valid_p(successes_a, n_a, successes_b, n_b, tau=0.05):
    """The p of a sequential test at each of several looks, which may be read, and acted upon, at any of them.

    successes_a, n_a, successes_b, n_b: int arrays (looks,): what was counted *until* each look; all n at least 1
    At each look: estimate = B's rate - A's; pooled rate m = (all successes + 1) / (all trials + 2), so that it is never
    0 or 1; variance = m * (1 - m) * (1 / n_a + 1 / n_b); and mixture_p of these.
    Returns an array (looks,): at each look the smallest mixture_p until then.

    (about 5 lines)      Hint: np.minimum.accumulate
    """
    s_a, n_a, s_b, n_b = (np.asarray(x) for x in (successes_a, n_a, successes_b, n_b))
    m = (s_a + s_b + 1) / (n_a + n_b + 2)
    variance = m * (1 - m) * (1 / n_a + 1 / n_b)
    return np.minimum.accumulate(mixture_p(s_b / n_b - s_a / n_a, variance, tau))

# %% Experiment
#| export
def assign(user, experiment, shares):
    """Which arm a user is in: a key of `shares`, always the same one for the same three arguments.

    user, experiment: texts; shares: dict from arms to their shares, which add up to 1, in order
    The first 8 bytes of the SHA-256 of "experiment:user" (in UTF-8), as a whole number, most significant byte first,
    divided by 2 ** 64, are a point from 0 to 1. The first arm has the points below its share, the second those from
    there to the sum of both shares, and so on; the last one has all that remain.

    assign("ann", "blue button", {"A": 0.9, "B": 0.1}) == "A"      (about 6 lines)
    Hint: hashlib.sha256(text.encode()).digest() are bytes; int.from_bytes(…, "big")
    """
    digest = hashlib.sha256(f"{experiment}:{user}".encode()).digest()
    point, upper = int.from_bytes(digest[:8], "big") / 2**64, 0.0
    for arm, share in shares.items():
        upper += share
        if point < upper:
            return arm
    return arm


class Experiment:
    """Two versions, compared while they run; it may be looked at as often as you like.

    name: text; shares: dict from two arms to their shares, the old version first
    guards: names of events that must not become more frequent; alpha: how sure a verdict has to be
    counts: arm → {"users": …, "success": …, and each of the guards: how many}
    p: always valid p of "success", of each of the guards, and of "assignment", the smallest ones so far
    """

    def __init__(self, name, shares, guards=(), alpha=0.05, tau=0.05):
        self.name, self.shares, self.guards, self.alpha, self.tau = name, shares, tuple(guards), alpha, tau
        self.counts = {arm: dict.fromkeys(("users", "success", *guards), 0) for arm in shares}
        self.p = dict.fromkeys(("success", *guards, "assignment"), 1.0)
        self.users = set()

    def arm_of(self, user):
        """The arm that a user is in."""
        return assign(user, self.name, self.shares)

    def record(self, user, /, **events):
        """Note how it went with a user, as in record("ann", success=True, error=False); only the first time counts."""
        if user in self.users:
            return
        self.users.add(user)
        counts = self.counts[self.arm_of(user)]
        counts["users"] += 1
        for event in ("success", *self.guards):
            counts[event] += bool(events.get(event, False))
        (a, b), (share_a, share_b) = self.counts.values(), self.shares.values()
        if a["users"] and b["users"]:
            for event in ("success", *self.guards):
                p = always_valid_p([a[event]], [a["users"]], [b[event]], [b["users"]], self.tau)[0]
                self.p[event] = min(self.p[event], float(p))
            total = a["users"] + b["users"]
            p = mixture_p(b["users"] / total - share_b, share_a * share_b / total, self.tau)
            self.p["assignment"] = min(self.p["assignment"], float(p))

    def rate(self, arm, event):
        """How many of an arm's users it happened to."""
        return self.counts[arm][event] / max(1, self.counts[arm]["users"])

    def verdict(self):
        """What to do now, a text; for arms A and B it is the first of these that is true:

        "assignment is broken"  if p of the assignment is below 0.001
        "roll back B: more error"  if p of the guard error is below alpha, and its rate is higher in B than in A
            (likewise for every other guard, in their order)
        "ship B" or "keep A"  if p of the success is below alpha, and its rate is higher in B, or is not
        "go on"  else

        (about 10 lines)      Hint: `a, b = self.shares` are the names of the arms.
        """
        a, b = self.shares
        if self.p["assignment"] < 0.001:
            return "assignment is broken"
        for guard in self.guards:
            if self.p[guard] < self.alpha and self.rate(b, guard) > self.rate(a, guard):
                return f"roll back {b}: more {guard}"
        if self.p["success"] < self.alpha:
            return f"ship {b}" if self.rate(b, "success") > self.rate(a, "success") else f"keep {a}"
        return "go on"

# %% histogram_quantile
#| export
def histogram_quantile(q, bounds, counts):
    """The quantile q of what was counted into buckets, as Prometheus computes it.

    q: float above 0, at most 1
    bounds: upper bounds of the buckets, ascending, at least two; the last one is math.inf
    counts: cumulated: how many were at most each bound, so that the last one is how many there were at all
    It lies in the first bucket whose count is at least q * all. In that, it lies between its lower bound (the bound of
    the bucket before, 0 for the first) and its upper one, as far up as q * all lies between the counts of these two. In
    the last bucket it is the lower bound, for more isn't known. Returns a float; nan where nothing was counted.

    histogram_quantile(0.5, [1, 2, math.inf], [0, 10, 10]) == 1.5      (about 8 lines)
    """
    total = counts[-1]
    if total == 0:
        return math.nan
    rank = q * total
    i = next(i for i, count in enumerate(counts) if count >= rank)
    if i == len(bounds) - 1:
        return float(bounds[-2])
    low, before = (bounds[i - 1], counts[i - 1]) if i > 0 else (0, 0)
    return float(low + (bounds[i] - low) * (rank - before) / (counts[i] - before))


def own_line(rows):
    top, bottom = rows[:, :84], rows[:, -84:]
    return (top - bottom[:, ::-1]).mean(axis=1) / 255

# %% answer
#| export
async def answer(service, body, content_type, user=None):
    """Answer one request for a prediction: (status, content), content a dict for JSON.

    service: Service; body: bytes; content_type: text; user: text, or None
    200  {"label": …, "probability": …, "version": …, "arm": …}: the likeliest class, a text of the manifest's classes,
         its probability, a Python float, the version that predicted it, and the arm, service.arm_of(user).
         Only then service.note(image, number of the class, an int, and the seconds since the beginning) is called.
    4xx  {"error": reason} for a BadRequest, with its status; no batch ever sees such a request
    500  {"error": …} for every other exception, with words of your own: nothing of the exception's text

    (about 12 lines)      Hint: service.batchers[arm].submit gives what Deployment.predict gives for one image; the
    manifest is that of service.arms[arm].live. time.perf_counter()
    """
    started = time.perf_counter()
    try:
        arm = service.arm_of(user)
        manifest = service.arms[arm].live.manifest
        image = parse_image(body, content_type, manifest["input"])
        version, p = await service.batchers[arm].submit(image)
        label = int(np.argmax(p))
        content = {"label": manifest["classes"][label], "probability": float(p[label]), "version": version, "arm": arm}
        service.note(image, label, time.perf_counter() - started)
        return 200, content
    except BadRequest as error:
        return error.status, {"error": str(error)}
    except Exception:
        return 500, {"error": "something went wrong on the server"}
