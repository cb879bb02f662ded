# why: written with loops, one thing after the other

# %% psi.shares
def shares(values, edges):
    counts = [0.5] * (len(edges) + 1)
    for value in np.asarray(values).tolist():
        counts[sum(edge <= value for edge in edges)] += 1
    return np.array(counts) / (len(values) + 0.5 * len(counts))

# %% psi.psi
def psi(p, q):
    return sum((b - a) * math.log(b / a) for a, b in zip(p, q, strict=True))

# %% ks_test.ks_test
def ks_test(a, b):
    n, m = len(a), len(b)
    if min(n, m) == 0:
        raise ValueError("no values")
    gap = 0.0
    for x in {*np.asarray(a).tolist(), *np.asarray(b).tolist()}:
        gap = max(gap, abs(float(np.mean(np.asarray(a) <= x)) - float(np.mean(np.asarray(b) <= x))))
    return gap, kolmogorov(gap * (n * m / (n + m)) ** 0.5)

# %% Monitor.report
def report(self):
    said = {}
    if len(self.seen) == self.seen.maxlen:
        rows = np.stack([image for image, _, _ in self.seen])
        labels = [label for _, label, _ in self.seen]
        seconds = [took for _, _, took in self.seen]
        for name in FEATURES:
            today, edges = FEATURES[name](rows), bin_edges(self.reference[name])
            said["psi " + name] = psi(shares(self.reference[name], edges), shares(today, edges))
            _, said["ks " + name] = ks_test(today, self.reference[name])
        edges = np.arange(self.classes)[1:]
        said["psi prediction"] = psi(shares(np.array(labels), edges), shares(self.labels, edges))
        for name in RULES:
            said["share " + name] = np.count_nonzero(RULES[name](rows)) / len(rows)
        said["latency p50"], said["latency p99"] = np.quantile(seconds, [0.5, 0.99])
    return said

# %% Alarm.update
def update(self, value):
    if value != value:
        return self.ringing
    bad = (value < self.limit) if self.below else (value > self.limit)
    if bad == self.ringing:
        self.streak = 0
    else:
        self.streak += 1
    if self.streak == self.patience:
        self.ringing = bad
        self.streak = 0
    return self.ringing

# %% bundle.save_bundle
def save_bundle(folder, model, name, version, input, classes):
    folder = Path(folder)
    manifest = dict(format=1, name=name, version=version, input=input, classes=list(classes), model=describe(model))
    if folder.exists():
        raise FileExistsError(str(folder))
    folder.mkdir(parents=True)
    save_arrays(str(folder / "weights.npz"), state_dict(model))
    with open(folder / "manifest.json", "w") as file:
        json.dump({**manifest, "sha256": sha256(folder / "weights.npz")}, file)
    return sha256(folder / "manifest.json")

# %% bundle.load_bundle
def load_bundle(folder, seal=None):
    path, weights = Path(folder, "manifest.json"), Path(folder, "weights.npz")
    manifest = read_manifest(path)
    for file, wanted in ((path, seal), (weights, manifest["sha256"])):
        if wanted is not None and sha256(file) != wanted:
            raise ValueError(f"{file} has been changed")
    model = layer_from(manifest["model"]).eval()
    load_state_dict(model, load_arrays(weights))
    return Bundle(model=model, manifest=manifest)

# %% Deployment.deploy
def deploy(self, bundle, gate=None):
    new, old = bundle.manifest, self.live.manifest
    if (new["input"], new["classes"]) != (old["input"], old["classes"]):
        raise ValueError("other clients than those we have")
    try:
        trial = bundle.predict(np.zeros([2] + new["input"]["shape"], np.float32))
        if trial.shape != (2, len(new["classes"])) or not np.all(np.isfinite(trial)):
            raise ValueError(f"not what was expected: {trial}")
    except Exception as error:
        raise ValueError("the trial failed") from error
    if gate is not None:
        before, now = self.measure([self.live, bundle])
        if exit_code(gate(before, now)) == 1:
            raise ValueError("too slow")
    self.previous, self.live = [*self.previous, self.live], bundle

# %% Deployment.rollback
def rollback(self):
    try:
        self.live = self.previous.pop()
    except IndexError:
        raise RuntimeError("nothing to go back to") from None

# %% Deployment.predict
def predict(self, pixels):
    live = self.live
    found = []
    for row in live.predict(pixels):
        found.append((live.manifest["version"], row))
    return found

# %% parse_image.parse_image
def parse_image(body, content_type, spec):
    kind = content_type.split(";")[0].strip().lower()
    if len(body) > MAX_BODY:
        raise BadRequest(413, "too long")
    if kind == "application/octet-stream":
        values = list(body)
    elif kind == "application/json":
        content = parse_json(body)
        if not isinstance(content, dict) or not isinstance(content.get("image"), list):
            raise BadRequest(422, "no image")
        values = content["image"]
        for value in values:
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise BadRequest(422, f"{str(value)[:20]} is no number")
    else:
        raise BadRequest(415, kind)
    count = int(np.prod(spec["shape"]))
    if len(values) != count:
        raise BadRequest(422, f"{len(values)} instead of {count}")
    for value in values:
        if not spec["low"] <= value <= spec["high"]:
            raise BadRequest(422, f"{value} is not between {spec['low']} and {spec['high']}")
    return np.array(values, np.float32).reshape(spec["shape"])

# %% Batcher
#| export
class Batcher:
    def __init__(self, run, max_batch=32, max_wait=0.0):
        self.run, self.max_batch, self.max_wait = run, max_batch, max_wait
        self.waiting, self.timer = [], None

    async def submit(self, x):
        loop = asyncio.get_running_loop()
        pair = (x, loop.create_future())
        self.waiting.append(pair)
        if len(self.waiting) == 1:
            self.timer = loop.call_later(self.max_wait, self.flush)
        if len(self.waiting) == self.max_batch:
            self.flush()
        return await pair[1]

    def flush(self):
        waiting = self.waiting
        self.waiting = []
        if self.timer:
            self.timer.cancel()
            self.timer = None
        there = [pair for pair in waiting if not pair[1].done()]
        if not there:
            return
        try:
            results = self.run([x for x, _ in there])
        except Exception as error:
            for _, future in there:
                future.set_exception(error)
            return
        for pair, result in zip(there, results, strict=True):
            pair[1].set_result(result)

# %% two_proportion.two_proportion_test
def two_proportion_test(successes_a, n_a, successes_b, n_b, alpha=0.05):
    a, b = successes_a / n_a, successes_b / n_b
    m = (successes_a + successes_b) / (n_a + n_b)
    deviation = math.sqrt(m * (1 - m) / n_a + m * (1 - m) / n_b)
    p = 1.0
    if deviation > 0:
        p = 2 * NormalDist().cdf(-abs(b - a) / deviation)
    half = -NormalDist().inv_cdf(alpha / 2) * (a * (1 - a) / n_a + b * (1 - b) / n_b) ** 0.5
    return (b - a, p, b - a - half, b - a + half)

# %% two_proportion.sample_size
def sample_size(rate, lift, alpha=0.05, power=0.8):
    quantile = NormalDist().inv_cdf
    other = rate + lift
    m = (rate + other) / 2
    first = quantile(1 - alpha / 2) * (2 * m * (1 - m)) ** 0.5
    second = quantile(power) * (rate * (1 - rate) + other * (1 - other)) ** 0.5
    return int(math.ceil(((first + second) / lift) ** 2))

# %% always_valid.mixture_p
def mixture_p(estimate, variance, tau=0.05):
    w = variance + tau * tau
    return np.minimum(1, np.sqrt(w / variance) * np.exp(-0.5 * np.square(estimate) * (1 / variance - 1 / w)))

# %% always_valid.always_valid_p
def always_valid_p(successes_a, n_a, successes_b, n_b, tau=0.05):
    smallest, found = 1.0, []
    for a, n, b, m in zip(successes_a, n_a, successes_b, n_b, strict=True):
        rate = (a + b + 1) / (n + m + 2)
        smallest = min(smallest, mixture_p(b / m - a / n, rate * (1 - rate) * (1 / n + 1 / m), tau))
        found.append(smallest)
    return np.array(found)

# %% Experiment.assign
def assign(user, experiment, shares):
    number = int(hashlib.sha256((experiment + ":" + user).encode("utf-8")).hexdigest()[:16], 16)
    reached = 0.0
    arms = list(shares)
    for arm in arms[:-1]:
        reached += shares[arm]
        if number < reached * 2**64:
            return arm
    return arms[-1]

# %% Experiment.verdict
def verdict(self):
    old, new = list(self.shares)
    if self.p["assignment"] < 0.001:
        return "assignment is broken"
    for guard in self.guards:
        if self.rate(new, guard) > self.rate(old, guard) and self.p[guard] < self.alpha:
            return "roll back " + new + ": more " + guard
    if not self.p["success"] < self.alpha:
        return "go on"
    if self.rate(new, "success") > self.rate(old, "success"):
        return "ship " + new
    return "keep " + old

# %% histogram_quantile.histogram_quantile
def histogram_quantile(q, bounds, counts):
    if not counts[-1]:
        return math.nan
    low, below = 0.0, 0
    for high, count in zip(bounds, counts, strict=True):
        if count >= q * counts[-1]:
            break
        low, below = high, count
    return low if high == math.inf else low + (high - low) * (q * counts[-1] - below) / (count - below)

# %% answer
#| export
async def answer(service, body, content_type, user=None):
    begin = time.perf_counter()
    arm = service.arm_of(user)
    try:
        image = parse_image(body, content_type, service.arms[arm].live.manifest["input"])
    except BadRequest as error:
        return error.status, {"error": str(error)}
    try:
        version, row = await service.batchers[arm].submit(image)
    except Exception:
        return 500, {"error": "sorry"}
    best = int(np.argmax(row))
    service.note(image, best, time.perf_counter() - begin)
    label = service.arms[arm].live.manifest["classes"][best]
    return 200, {"label": label, "probability": float(row[best]), "version": version, "arm": arm}
