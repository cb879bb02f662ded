# why: half done

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
        raise NotImplementedError()

    def flush(self):
        """Run a batch of all that wait now, if any do. After that nobody waits, and no timer is set.

        Whoever has stopped waiting (future.done(): its client hung up) is left out of the batch.

        (about 11 lines)      Hint: a timer that was set for this batch would cut the next one short: timer.cancel().
        """
        raise NotImplementedError()

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
    raise NotImplementedError()


def sample_size(rate, lift, alpha=0.05, power=0.8):
    """How many trials *each* of two versions needs, so that a rise from `rate` to `rate + lift` is found, an int.

    n = ((z_alpha * sqrt(2 * m * (1 - m)) + z_power * sqrt(r * (1 - r) + s * (1 - s))) / lift) ** 2, rounded up,
    where r and s are the two rates, m is their mean, and z_alpha and z_power are the normal quantiles of 1 - alpha / 2
    and of power (Fleiss, Statistical Methods for Rates and Proportions).

    sample_size(0.83, 0.03) == 2284      (about 4 lines)
    """
    raise NotImplementedError()

# %% always_valid
#| export
def mixture_p(estimate, variance, tau=0.05):
    """1 / ratio, with the ratio from above, but at most 1: how well an estimate goes with a true value of 0.

    estimate, variance: floats or arrays of equal shape, variance above 0; tau: the size of differences you hope for
    Returns a float or an array of that shape. An estimate far away gives 0, without a warning.

    mixture_p(0.03, 0.0002)  is about  0.457      (about 3 lines)
    Hint: np.exp of a large negative number is 0, of a large positive one it overflows. np.minimum(1, …)
    """
    raise NotImplementedError()


def always_valid_p(successes_a, n_a, successes_b, n_b, tau=0.05):
    """The p of a sequential test at each of several looks, which may be read, and acted upon, at any of them.

    successes_a, n_a, successes_b, n_b: int arrays (looks,): what was counted *until* each look; all n at least 1
    At each look: estimate = B's rate - A's; pooled rate m = (all successes + 1) / (all trials + 2), so that it is never
    0 or 1; variance = m * (1 - m) * (1 / n_a + 1 / n_b); and mixture_p of these.
    Returns an array (looks,): at each look the smallest mixture_p until then.

    (about 5 lines)      Hint: np.minimum.accumulate
    """
    raise NotImplementedError()

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
    raise NotImplementedError()


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
        raise NotImplementedError()

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
    raise NotImplementedError()


def own_line(rows):
    raise NotImplementedError()

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
    raise NotImplementedError()
