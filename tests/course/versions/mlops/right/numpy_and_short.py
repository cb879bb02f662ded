# why: as much numpy as possible

# %% psi.shares
def shares(values, edges):
    counts, _ = np.histogram(values, np.concatenate([[-np.inf], edges, [np.inf]]))
    return (counts + 0.5) / (counts + 0.5).sum()

# %% psi.psi
def psi(p, q):
    difference = np.subtract(q, p)
    return float(difference @ (np.log(q) - np.log(p)))

# %% ks_test.ks_test
def ks_test(a, b):
    n, m = np.size(a), np.size(b)
    if n * m == 0:
        raise ValueError("empty")
    x = np.union1d(a, b)
    below = [(np.asarray(s)[:, None] <= x).mean(axis=0) for s in (a, b)]
    gap = float(np.max(np.abs(below[0] - below[1])))
    return gap, kolmogorov(gap / math.sqrt(1 / n + 1 / m))

# %% Monitor.report
def report(self):
    if len(self.seen) != self.seen.maxlen:
        return {}
    rows, labels, seconds = map(np.stack, zip(*self.seen))

    def index(then, now, edges):
        return psi(shares(then, edges), shares(now, edges))

    now = {name: feature(rows) for name, feature in FEATURES.items()}
    return (
        {f"psi {n}": index(self.reference[n], now[n], bin_edges(self.reference[n])) for n in now}
        | {f"ks {n}": ks_test(self.reference[n], now[n])[1] for n in now}
        | {"psi prediction": index(self.labels, labels, np.arange(1, self.classes))}
        | {f"share {n}": rule(rows).mean() for n, rule in RULES.items()}
        | {f"latency p{q}": np.percentile(seconds, q) for q in (50, 99)}
    )

# %% Alarm.update
def update(self, value):
    against = value <= self.limit if self.ringing else value > self.limit
    if self.below:
        against = value >= self.limit if self.ringing else value < self.limit
    if not np.isnan(value):
        self.streak = (self.streak + 1) * int(against)
        if self.streak >= self.patience:
            self.ringing, self.streak = not self.ringing, 0
    return self.ringing

# %% bundle.load_bundle
def load_bundle(folder, seal=None):
    manifest_path, weights = (Path(folder) / name for name in ("manifest.json", "weights.npz"))
    if seal not in (None, sha256(manifest_path)):
        raise ValueError(f"another manifest: {manifest_path}")
    bundle = Bundle((manifest := read_manifest(manifest_path)) and layer_from(manifest["model"]).eval(), manifest)
    if manifest["sha256"] != sha256(weights):
        raise ValueError(f"other weights: {weights}")
    load_state_dict(bundle.model, load_arrays(weights))
    return bundle

# %% Batcher.flush
def flush(self):
    batch, self.waiting, timer, self.timer = self.waiting, [], self.timer, None
    if timer:
        timer.cancel()
    batch = [pair for pair in batch if not pair[1].cancelled()]
    if batch:
        inputs, futures = zip(*batch, strict=True)
        try:
            for future, result in zip(futures, self.run(list(inputs)), strict=True):
                future.set_result(result)
        except Exception as error:
            [future.set_exception(error) for future in futures]

# %% two_proportion.two_proportion_test
def two_proportion_test(successes_a, n_a, successes_b, n_b, alpha=0.05):
    n, rates = np.array([n_a, n_b]), np.array([successes_a / n_a, successes_b / n_b])
    pooled = rates @ n / n.sum()
    spread = np.sqrt(max(pooled * (1 - pooled), 0) * (1 / n).sum())
    difference = rates[1] - rates[0]
    p = math.erfc(abs(difference) / spread / math.sqrt(2)) if spread > 1e-12 else 1.0
    half = NormalDist().inv_cdf(1 - alpha / 2) * np.sqrt((rates * (1 - rates) / n).sum())
    return difference, p, difference - half, difference + half

# %% Experiment.assign
def assign(user, experiment, shares):
    point = np.frombuffer(hashlib.sha256(f"{experiment}:{user}".encode()).digest(), ">u8")[0] / 2**64
    edges = np.cumsum(list(shares.values()))[:-1]
    return list(shares)[int(np.searchsorted(edges, point, side="right"))]

# %% histogram_quantile.histogram_quantile
def histogram_quantile(q, bounds, counts):
    counts, bounds = np.array([0, *counts]), np.array([0.0, *bounds])
    if counts[-1] == 0:
        return float("nan")
    i = int(np.argmax(counts >= q * counts[-1])) or 1
    if np.isinf(bounds[i]):
        return bounds[i - 1]
    return np.interp(q * counts[-1], counts[i - 1 : i + 1], bounds[i - 1 : i + 1])
