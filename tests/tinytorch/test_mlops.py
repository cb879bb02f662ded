"""MLOps: statistics against SciPy's, bundles that refuse, batches on a clock that jumps, and a real server."""

import asyncio
import hashlib
import http.client
import json
import math
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tinytorch.core import mlops
from tinytorch.core.benchmarking import Clock, Comparison, check_regressions
from tinytorch.core.cnn import BatchNorm2d, Conv2d, Flatten, MaxPool2d
from tinytorch.core.compression import LAYERS, calibrate, convert
from tinytorch.core.config import Config, ModelConfig, Run, build_model, fingerprint
from tinytorch.core.mlops import (
    Alarm,
    BadRequest,
    Batcher,
    Bundle,
    Deployment,
    Experiment,
    Monitor,
    Service,
    always_valid_p,
    answer,
    assign,
    call,
    create_app,
    histogram_quantile,
    ks_test,
    load_bundle,
    measured,
    mixture_p,
    own_line,
    parse_image,
    psi,
    running,
    sample_size,
    save_bundle,
    save_run,
    sha256,
    shares,
    simulate,
    two_proportion_test,
    usual_alarms,
)
from tinytorch.core.mlp import Linear, Module, ReLU, Sequential, Sigmoid
from tinytorch.core.tensor import Tensor
from tinytorch.core.training import load_arrays, save_arrays, state_dict

GOLDEN = np.load(Path(__file__).parent / "goldens" / "mlops.npz")
JSON, BYTES = "application/json", "application/octet-stream"
SPEC = {"shape": [1, 2, 2], "low": 0, "high": 9}


# --- drift ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("i", range(12))
def test_ks_as_in_scipy(i):
    a, b = GOLDEN[f"ks.{i}.a"], GOLDEN[f"ks.{i}.b"]
    np.testing.assert_allclose(ks_test(a, b), GOLDEN[f"ks.{i}.expected"], rtol=1e-9, atol=1e-12)
    assert [type(value) for value in ks_test(a, b)] == [float, float]


def test_ks_of_nothing():
    for pair in (([], [1.0]), ([1.0], [])):
        with pytest.raises(ValueError, match=r"\w"):
            ks_test(*map(np.array, pair))


def test_psi_as_in_scipy():
    found = [psi(p, q) for p, q in GOLDEN["psi.pairs"]]
    np.testing.assert_allclose(found, GOLDEN["psi.expected"], rtol=1e-9)
    assert type(psi([0.5, 0.5], [0.4, 0.6])) is float


@given(st.lists(st.integers(-5, 5), max_size=40), st.sets(st.integers(-4, 4), min_size=1))
def test_shares_count_every_value_once(values, edges):
    edges = sorted(edges)
    found = shares(np.array(values, float), np.array(edges))
    bins = [sum(edge <= value for edge in edges) for value in values]
    counts = np.array([bins.count(i) + 0.5 for i in range(len(edges) + 1)])
    np.testing.assert_allclose(found, counts / counts.sum())


def test_report():
    rng = np.random.default_rng(0)
    then = rng.uniform(0, 9, (60, 1, 2, 2))
    monitor = Monitor(then, np.arange(60) % 3, classes=3, window=8)
    stream = [then[i] for i in range(6)] + [then[0], np.full((1, 2, 2), 4.0), np.array([[[1.0, 9], [9, 9]]])]
    for i, image in enumerate(stream):
        assert (monitor.report() == {}) == (i < 8)
        monitor.observe(image, i % 2, 0.001 * i)
    report, now = monitor.report(), np.array(stream[1:]).reshape(8, 4)
    assert all(type(value) is float for value in report.values())
    want = {"latency p50": 0.0045, "latency p99": 0.00793, "share blank": 1 / 8, "share clipped": 2 / 8}
    want |= {"share repeated": 0.0, "psi prediction": psi([1 / 3] * 3, np.array([4.5, 4.5, 0.5]) / 9.5)}
    for name, feature in mlops.FEATURES.items():
        reference = feature(then.reshape(60, 4))
        edges = mlops.bin_edges(reference)
        want[f"psi {name}"] = psi(shares(reference, edges), shares(feature(now), edges))
        want[f"ks {name}"] = ks_test(reference, feature(now))[1]
    assert set(report) == set(want)
    for name, value in want.items():
        assert report[name] == pytest.approx(value, rel=1e-6, abs=1e-9), name
    monitor.observe(stream[-1], 0, 0.0)
    assert monitor.report()["share repeated"] == 1 / 8
    assert set(usual_alarms()) <= set(report), "every usual alarm belongs to a line of the report"


def test_alarms():
    assert [Alarm(1, 1).update(value) for value in (0.5, 1, 1.5)] == [False, False, True]
    alarm = Alarm(0.1, patience=2, below=True)
    values = (0.0, 0.2, 0.0, math.nan, 0.05, 0.1, 0.0, 0.1, math.nan, 0.1, 0.0)
    rings = [False] * 4 + [True] * 5 + [False] * 2
    assert [alarm.update(value) for value in values] == rings


# --- bundles -------------------------------------------------------------------------------------


class Eighth(Module):
    """A layer of a later module: whole numbers of eight bits."""

    def __init__(self, count):
        self.factors = Tensor(np.arange(count, dtype=np.int8))

    def forward(self, x):
        return x * self.factors.astype(np.float32)


def network():
    net = Sequential(Conv2d(1, 3, 3, 2, 1), BatchNorm2d(3, 0.1, 0.2), MaxPool2d(2, 1), Sigmoid(), Flatten(), ReLU())
    net.layers[1].running_mean.data[:] = [0.5, -0.5, 0.25]
    return Sequential(net, Linear(3, 2))


def packed(path, net=None, shape=(1, 4, 4)):
    spec = {"shape": list(shape), "low": 0, "high": 255}
    return save_bundle(path, network() if net is None else net, "net", path.name, spec, ["no", "yes"])


def test_bundles_come_back(tmp_path):
    net, x = network(), np.random.default_rng(1).integers(0, 256, (5, 1, 4, 4))
    seal = packed(tmp_path / "deep" / "1.0", net)
    bundle = load_bundle(str(tmp_path / "deep" / "1.0"), seal)
    logits = net.eval()(Tensor((x / 255).astype(np.float32))).data
    want = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(bundle.predict(x), want, rtol=1e-5)
    assert seal == sha256(tmp_path / "deep" / "1.0" / "manifest.json")
    assert not any(module.training for module in bundle.model.modules())
    about = {"name": "net", "version": "1.0", "classes": ["no", "yes"], "format": 1}
    assert about.items() <= bundle.manifest.items()
    assert bundle.manifest["input"] == {"shape": [1, 4, 4], "low": 0, "high": 255}
    assert sorted(path.name for path in (tmp_path / "deep" / "1.0").iterdir()) == ["manifest.json", "weights.npz"]
    with pytest.raises(FileExistsError):
        packed(tmp_path / "deep" / "1.0", net)


def test_the_version_of_a_run_is_its_config(tmp_path):
    config = Config("small", 7, model=ModelConfig(input=[1, 2, 2], widths=[3], classes=2))
    run = Run.create(tmp_path / "runs", config)
    save_arrays(run.weights, state_dict(build_model(config)))
    seal = save_run(tmp_path / "bundles", run, {"shape": [1, 2, 2], "low": 0, "high": 1}, ["no", "yes"])
    bundle = load_bundle(tmp_path / "bundles" / fingerprint(config), seal)
    assert (bundle.manifest["name"], bundle.version) == ("small", fingerprint(config))
    x = np.random.default_rng(0).random((3, 1, 2, 2)).astype(np.float32)
    logits = run.model()(Tensor(x)).data
    np.testing.assert_allclose(
        np.log(bundle.predict(x)), logits - np.log(np.exp(logits).sum(1, keepdims=True)), rtol=1e-4
    )


def test_layers_of_later_modules(tmp_path, monkeypatch):
    net = Sequential(Eighth(3), Linear(3, 2))
    with pytest.raises(ValueError, match="Eighth"):
        packed(tmp_path / "1", net, (3,))
    assert not (tmp_path / "1").exists(), "nothing is written for a model that can't be packed"
    monkeypatch.setitem(LAYERS, "Eighth", (Eighth, lambda layer: {"count": len(layer.factors)}))
    net.layers[0].factors.data[:] = [5, -7, 100]
    packed(tmp_path / "1", net, (3,))
    factors = load_bundle(tmp_path / "1").model.layers[0].factors
    assert factors.dtype == np.int8
    assert factors.data.tolist() == [5, -7, 100]


def rewrite(path, change, whole=True):
    """Change a bundle's manifest and arrays; whole: with a fingerprint that is right again."""
    manifest, arrays = json.loads((path / "manifest.json").read_text()), load_arrays(path / "weights.npz")
    change(manifest, arrays)
    np.savez(path / "weights.npz", **arrays)
    if whole:
        manifest["sha256"] = sha256(path / "weights.npz")
    (path / "manifest.json").write_text(json.dumps(manifest))


CHANGES = {
    "shape": lambda manifest, arrays: arrays.update({"layers.1.bias": np.zeros((2, 1), np.float32)}),
    "missing": lambda manifest, arrays: arrays.pop("layers.1.bias"),
    "additional": lambda manifest, arrays: arrays.update({"layers.7.bias": np.zeros(2)}),
    "pickle": lambda manifest, arrays: arrays.update({"layers.1.bias": np.array([{}, {}])}),
    "type": lambda manifest, arrays: manifest["model"]["layers"].append({"type": "os.system"}),
    "argument": lambda manifest, arrays: manifest["model"]["layers"][1].update(command="rm"),
    "no layer": lambda manifest, arrays: manifest.update(model=[7]),
    "format": lambda manifest, arrays: manifest.update(format=2),
    "classes": lambda manifest, arrays: manifest.pop("classes"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_does_not_fit_is_refused(tmp_path, name):
    packed(tmp_path / "1")
    rewrite(tmp_path / "1", CHANGES[name])
    with pytest.raises(ValueError, match=r"\w"):
        load_bundle(tmp_path / "1")


def test_fingerprint_and_seal(tmp_path):
    def nudge(manifest, arrays):
        arrays["layers.1.bias"][0] += 1

    seal = packed(tmp_path / "1")
    rewrite(tmp_path / "1", nudge, whole=False)
    with pytest.raises(ValueError, match=r"weights\.npz"):
        load_bundle(tmp_path / "1")
    rewrite(tmp_path / "1", nudge)
    load_bundle(tmp_path / "1")  # all is consistent: only the seal can tell
    with pytest.raises(ValueError, match=r"manifest\.json"):
        load_bundle(tmp_path / "1", seal)
    for name in ("weights.npz", "manifest.json"):
        packed(tmp_path / name)
        (tmp_path / name / name).unlink()
        with pytest.raises(FileNotFoundError):
            load_bundle(tmp_path / name)
    (tmp_path / "weights.npz" / "manifest.json").write_text("[" * 100_000)
    with pytest.raises(ValueError, match="manifest"):
        load_bundle(tmp_path / "weights.npz")


# --- deployment ----------------------------------------------------------------------------------


@pytest.mark.parametrize("per_channel", [True, False])
def test_compressed_models_come_back(tmp_path, per_channel):
    x = np.random.default_rng(3).integers(0, 256, (20, 1, 6, 6))
    scaled = Tensor((x / 255).astype(np.float32))
    net = Sequential(Conv2d(1, 3, 3, 2, 1), ReLU(), MaxPool2d(2, 1), Flatten(), Linear(12, 2)).eval()
    small = convert(net, calibrate(net, [(scaled, None)]), per_channel)
    bundle = load_bundle(tmp_path / "small", packed(tmp_path / "small", small, (1, 6, 6)))
    assert [type(layer) for layer in bundle.model.layers] == [type(layer) for layer in small.layers]
    assert bundle.model.layers[0].weight.data.dtype == np.int8
    np.testing.assert_array_equal(bundle.model(scaled).data, small(scaled).data)
    logits = small(scaled).data
    np.testing.assert_allclose(bundle.predict(x), np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True), rtol=1e-5)


def bundle_of(weights, version, **manifest):
    """A bundle of one linear layer without bias."""
    net = Sequential(Linear(len(weights[0]), len(weights)))
    net.layers[0].weight.data[:], net.layers[0].bias.data[:] = weights, 0.0
    spec = {"shape": [len(weights[0])], "low": 0, "high": 9}
    return Bundle(net.eval(), {"input": spec, "classes": ["no", "yes"], "version": version, **manifest})


def test_swaps_and_rollbacks():
    one, two = bundle_of([[9, 0], [0, 9]], "1"), bundle_of([[0, 9], [9, 0]], "2")
    deployment, x = Deployment(one), np.array([[9.0, 0], [0, 0]])
    with pytest.raises(RuntimeError):
        deployment.rollback()
    deployment.deploy(two)
    (version, first), (_, second) = deployment.predict(x)
    assert version == "2"
    np.testing.assert_allclose(
        [first, second], [[1 / (1 + math.exp(9)), 1 / (1 + math.exp(-9))], [0.5, 0.5]], rtol=1e-4
    )
    deployment.deploy(one)
    assert deployment.previous == [one, two]
    deployment.rollback()
    assert (deployment.live, deployment.previous) == (two, [one])


def test_bad_versions_never_answer():
    class Crash(Module):
        def forward(self, x):
            raise LookupError("nobody knows")

    good = bundle_of([[1, 0], [0, 1]], "good")
    deployment = Deployment(good)
    crash = Bundle(Crash(), good.manifest)
    bad = [bundle_of([[1, 0], [0, math.nan]], "nan"), bundle_of([[1, 0, 0], [0, 1, 0]], "pixels"), crash]
    bad += [bundle_of([[1, 0], [0, 1]], "classes", classes=["yes", "no"]), bundle_of([[1, 0]] * 3, "three")]
    for bundle in bad:
        with pytest.raises(ValueError, match=r"\w"):
            deployment.deploy(bundle)
        assert (deployment.live, deployment.previous) == (good, [])


def test_a_batch_belongs_to_one_version():
    class Swap(Module):
        def forward(self, x):
            deployment.live = bundle_of([[1, 0], [0, 1]], "late")
            return x

    manifest = bundle_of([[1, 0], [0, 1]], "early").manifest
    deployment = Deployment(Bundle(Swap(), manifest))
    assert [version for version, _ in deployment.predict(np.zeros((3, 2)))] == ["early"] * 3


def taking(seconds, version, clock):
    """A bundle that takes some seconds of a clock for each image."""

    class Takes(Module):
        def forward(self, x):
            clock.spend(seconds * len(x))
            return x

    manifest = {"input": {"shape": [2], "low": 0, "high": 9}, "classes": ["no", "yes"], "version": version}
    return Bundle(Sequential(Takes()), manifest)


def test_a_slower_version_does_not_get_in():
    """Measured by the suite of the benchmarking module, by a clock of ours."""
    clock = Clock()
    old, slow, fast = (taking(s, name, clock) for s, name in ((0.25, "old"), (0.375, "slow"), (0.25, "fast")))

    def measure(bundles):
        return measured(bundles, sizes=(1, 3), rounds=6, timer=clock, ruler=lambda: clock.spend(1.0))

    before, now = measure([old, slow])
    assert list(before) == list(now) == ["1 at once", "3 at once"]
    assert (before["3 at once"].seconds, now["3 at once"].seconds) == ([0.75] * 6, [1.125] * 6)
    deployment = Deployment(old, measure)
    with pytest.raises(ValueError, match=r"\w"):
        deployment.deploy(slow, check_regressions)
    assert (deployment.live, deployment.previous) == (old, [])
    deployment.deploy(fast, check_regressions)
    assert (deployment.live, deployment.previous) == (fast, [old])
    deployment.deploy(slow)
    assert deployment.live is slow, "without a gate, nobody asks"


@pytest.mark.parametrize(("word", "gets_in"), [("same", True), ("new", True), ("slower", False), ("missing", False)])
def test_a_gate_decides_by_its_verdicts(word, gets_in):
    one, two = bundle_of([[1, 0], [0, 1]], "1"), bundle_of([[2, 0], [0, 2]], "2")
    deployment = Deployment(one, lambda bundles: [bundle.version for bundle in bundles])
    heard = []

    def gate(old, new):
        heard.append((old, new))
        return {"x": Comparison(1.0, 1.0, 1.0, 0.0, word)}

    if gets_in:
        deployment.deploy(two, gate)
    else:
        with pytest.raises(ValueError, match=r"\w"):
            deployment.deploy(two, gate)
    assert (deployment.live is two, heard) == (gets_in, [("1", "2")])
    with pytest.raises(ValueError, match=r"\w"):
        deployment.deploy(bundle_of([[1, 0], [0, 1]], "3", classes=["a", "b"]), gate)
    assert len(heard) == 1, "what can't answer need not be measured"


# --- requests ------------------------------------------------------------------------------------

REFUSED = [
    (413, b" " * (mlops.MAX_BODY + 1), JSON),
    (415, b'{"image": [0, 0, 0, 0]}', "text/plain"),
    (415, b"", ""),
    (400, b"", JSON),
    (400, b'{"image": [0, 0, 0, 0]', JSON),
    (400, b"\xff\xfe", JSON),
    (400, b"[" * 90_000, JSON),
    (422, b"[0, 0, 0, 0]", JSON),
    (422, b"{}", JSON),
    (422, b'{"image": 7}', JSON),
    (422, b'{"image": "1234"}', JSON),
    (422, b'{"image": ["0", "0", "0", "0"]}', JSON),
    (422, b'{"image": [0, 0, 0, true]}', JSON),
    (422, b'{"image": [0, 0, 0, null]}', JSON),
    (422, b'{"image": [[0, 0], [0, 0]]}', JSON),
    (422, b'{"image": [0, 0, 0]}', JSON),
    (422, b'{"image": []}', JSON),
    (422, b'{"image": [0, 0, 0, 9.5]}', JSON),
    (422, b'{"image": [0, 0, 0, -1]}', JSON),
    (422, b'{"image": [0, 0, 0, NaN]}', JSON),
    (422, b'{"image": [0, 0, 0, Infinity]}', JSON),
    (400, b'{"image": [0, 0, 0, 1%s]}' % (b"0" * 400), JSON),
    (422, b"\x00\x01\x02", BYTES),
    (422, b"\x00\x01\x02\x0a", BYTES),
]


@pytest.mark.parametrize(("status", "body", "kind"), REFUSED)
def test_refused(status, body, kind):
    with pytest.raises(BadRequest) as caught:
        parse_image(body, kind, SPEC)
    assert caught.value.status == status, str(caught.value)
    assert str(caught.value), "a refusal has a reason"


@given(st.lists(st.integers(0, 9), min_size=4, max_size=4))
def test_both_formats_say_the_same(values):
    image = parse_image(json.dumps({"image": values}).encode(), "application/json; charset=utf-8", SPEC)
    assert image.shape == (1, 2, 2)
    assert image.dtype == np.float32
    np.testing.assert_array_equal(image.ravel(), values)
    np.testing.assert_array_equal(image, parse_image(bytes(values), "Application/Octet-Stream", SPEC))


@settings(max_examples=200)
@given(st.binary(max_size=60), st.sampled_from([JSON, BYTES, "x"]))
def test_noise_is_refused_or_read_but_never_crashes(body, kind):
    try:
        status = len(parse_image(body, kind, SPEC)) and 200
    except BadRequest as error:
        status = error.status
    assert status in (200, 400, 415, 422)


# --- batches -------------------------------------------------------------------------------------


def batched(times, max_batch, max_wait):
    """(when, inputs) of each batch, and (result, when) of each input, which come at `times`."""

    async def story():
        loop, batches = asyncio.get_running_loop(), []

        def run(inputs):
            batches.append((round(loop.time(), 6), inputs))
            return [-x for x in inputs]

        batcher = Batcher(run, max_batch, max_wait)

        async def visit(i):
            await asyncio.sleep(times[i])
            return await batcher.submit(i), round(loop.time(), 6)

        return batches, await asyncio.gather(*map(visit, range(len(times))))

    return simulate(story())


def test_batches():
    assert batched([0, 1, 7], 5, 3) == ([(3, [0, 1]), (10, [2])], [(0, 3), (-1, 3), (-2, 10)])
    assert batched([0, 1, 2, 2.5], 3, 9)[0] == [(2, [0, 1, 2]), (11.5, [3])], "an old timer cuts no later batch short"
    assert batched([0, 0, 0], 5, 0)[0] == [(0, [0, 1, 2])]
    assert batched([0, 0, 0], 1, 9)[0] == [(0, [0]), (0, [1]), (0, [2])]


@given(st.lists(st.integers(0, 60), max_size=30, unique=True), st.integers(1, 6), st.integers(0, 20))
def test_every_input_gets_its_own_result_in_time(seconds, max_batch, wait):
    batches, got = batched(seconds, max_batch, wait + 0.5)
    assert sorted(x for _, inputs in batches for x in inputs) == list(range(len(seconds)))
    assert all(1 <= len(inputs) <= max_batch for _, inputs in batches)
    for i, (result, when) in enumerate(got):
        assert result == -i
        assert seconds[i] <= when <= seconds[i] + wait + 0.5 + 1e-6


def test_accidents():
    async def story():
        seen = []

        def run(inputs):
            seen.append(inputs)
            if 1 in inputs:
                raise LookupError("one")
            return inputs

        batcher = Batcher(run, max_batch=3, max_wait=1)
        tasks = [asyncio.create_task(batcher.submit(i)) for i in range(5)]
        await asyncio.sleep(0.5)
        tasks[3].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        alone = asyncio.create_task(batcher.submit(9))
        await asyncio.sleep(0.5)
        alone.cancel()
        await asyncio.sleep(2)
        batcher.flush()
        return seen, [type(result).__name__ for result in results], (batcher.waiting, batcher.timer)

    errors = ["LookupError"] * 3 + ["CancelledError", "int"]
    assert simulate(story()) == ([[0, 1, 2], [4]], errors, ([], None))


def test_a_clock_that_jumps_says_when_nobody_will_come():
    async def forever():
        await asyncio.get_running_loop().create_future()

    with pytest.raises(RuntimeError, match="wait"):
        simulate(forever())
    before = set(threading.enumerate())
    assert simulate(asyncio.sleep(1e6, "a million seconds")) == "a million seconds"
    assert not set(threading.enumerate()) - before, "simulate leaves no thread behind"


# --- comparing -----------------------------------------------------------------------------------


def test_two_proportions_as_in_scipy():
    counts = zip(GOLDEN["proportions.successes"].tolist(), GOLDEN["proportions.n"].tolist(), strict=True)
    found = np.array([two_proportion_test(s[0], n[0], s[1], n[1]) for s, n in counts])
    np.testing.assert_allclose(found[:, 1], GOLDEN["proportions.p"], rtol=1e-7, atol=1e-14)
    np.testing.assert_allclose(found[:, 2:], GOLDEN["proportions.interval"], rtol=1e-7)
    np.testing.assert_allclose(found[:, 0], found[:, 2:].mean(axis=1), rtol=1e-7)
    assert two_proportion_test(0, 5, 0, 9) == (0, 1, 0, 0)
    narrow, wide = (two_proportion_test(40, 100, 50, 100, alpha) for alpha in (0.5, 0.01))
    assert wide[2] < narrow[2] < 0.1 < narrow[3] < wide[3]


@pytest.mark.parametrize(("rate", "lift"), [(0.1, 0.05), (0.5, -0.1), (0.83, 0.03)])
def test_sample_size_has_the_power_that_was_asked_for(rate, lift):
    for power in (0.8, 0.95):
        n, rng = sample_size(rate, lift, power=power), np.random.default_rng(0)
        assert type(n) is int
        a, b = rng.binomial(n, rate, 4000), rng.binomial(n, rate + lift, 4000)
        pooled = (a + b) / (2 * n)
        z = np.abs(b - a) / n / np.sqrt(pooled * (1 - pooled) * 2 / n)
        assert abs((z > 1.959964).mean() - power) < 0.02
    assert sample_size(rate, lift, alpha=0.01) > sample_size(rate, lift)


def test_mixtures_as_integrals():
    for (estimate, variance, tau), want in zip(GOLDEN["mixture.cases"], GOLDEN["mixture.p"], strict=True):
        np.testing.assert_allclose(mixture_p(estimate, variance, tau), want, rtol=1e-5)
    with np.errstate(all="raise", under="ignore"):
        assert mixture_p(np.array([50.0]), np.array([1e-4]))[0] == 0


def looks(rate_a, rate_b, experiments=300, count=150, each=10, seed=1):
    """Always valid p of many experiments at all looks: array (experiments, count)."""
    rng, n = np.random.default_rng(seed), each * np.arange(1, count + 1)
    a, b = (rng.binomial(each, rate, (experiments, count)).cumsum(axis=1) for rate in (rate_a, rate_b))
    return np.array([always_valid_p(x, n, y, n) for x, y in zip(a, b, strict=True)])


@pytest.mark.parametrize("rate", [0.05, 0.5, 0.9])
def test_peeking_raises_no_false_alarms(rate):
    """Of 300 experiments without a difference, each looked at 150 times, at most 5 % (and some luck) may ever alarm."""
    assert (looks(rate, rate) < 0.05).any(axis=1).mean() <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 300)


def test_a_difference_is_found():
    p = looks(0.5, 0.65)
    assert (p[:, -1] < 0.05).mean() > 0.95
    assert (np.diff(p, axis=1) <= 0).all(), "the smallest one so far never grows"
    np.testing.assert_allclose(always_valid_p([0], [10], [0], [10]), [1.0])
    estimate, variance = 0.2, (81 / 152) * (71 / 152) * (1 / 50 + 1 / 100)
    np.testing.assert_allclose(always_valid_p([20], [50], [60], [100]), [mixture_p(estimate, variance)])


def test_assignment():
    users = [f"user {i}" for i in range(20_000)]
    arms = [assign(user, "colour", {"A": 0.7, "B": 0.3}) for user in users]
    assert arms == [assign(user, "colour", {"A": 0.7, "B": 0.3}) for user in users]
    assert abs(arms.count("B") / 20_000 - 0.3) < 0.02
    more = [assign(user, "colour", {"A": 0.4, "B": 0.6}) for user in users]
    assert all(new == "B" for old, new in zip(arms, more, strict=True) if old == "B"), "who has B keeps it"
    other = [assign(user, "size", {"A": 0.7, "B": 0.3}) for user in users]
    both = sum(one == two == "B" for one, two in zip(arms, other, strict=True))
    assert abs(both / 20_000 - 0.09) < 0.01, "experiments are independent of each other"
    three = [assign(user, "colour", {"A": 0.2, "B": 0.3, "C": 0.5}) for user in users]
    assert abs(three.count("B") / 20_000 - 0.3) < 0.02


def test_assignment_is_the_same_everywhere():
    point = int(hashlib.sha256("größe:ann".encode()).hexdigest()[:16], 16) / 16**16
    assert assign("ann", "größe", {"A": point * 0.99, "B": 1 - point * 0.99}) == "B"
    assert assign("ann", "größe", {"A": point * 1.01, "B": 1 - point * 1.01}) == "A"
    assert assign("ann", "größe", {"A": point * 0.5, "B": point * 0.4}) == "B"  # the last one has all that remain


def test_verdicts():
    def verdict(success=1.0, error=1.0, slow=1.0, assignment=1.0, b=None):
        experiment = Experiment("x", {"old": 0.5, "new": 0.5}, guards=["error", "slow"])
        experiment.counts["old"] = {"users": 100, "success": 50, "error": 5, "slow": 5}
        experiment.counts["new"] = {"users": 200, "success": 100, "error": 10, "slow": 10, **(b or {})}
        experiment.p = {"success": success, "error": error, "slow": slow, "assignment": assignment}
        return experiment.verdict()

    assert verdict() == "go on"
    assert verdict(success=0.04, b={"success": 101}) == "ship new"
    assert verdict(success=0.04, b={"success": 99}) == "keep old"
    assert verdict(success=0.05, b={"success": 150}) == "go on"
    assert verdict(success=0.01, slow=0.01, b={"success": 150, "slow": 20}) == "roll back new: more slow"
    assert verdict(error=0.01, slow=0.01, b={"error": 11, "slow": 20}) == "roll back new: more error"
    assert verdict(error=0.01, b={"error": 9}) == "go on"
    assert verdict(success=0.0, error=0.0, assignment=0.0005, b={"error": 90}) == "assignment is broken"
    assert verdict(assignment=0.002) == "go on"


def test_an_experiment_counts_everybody_once():
    experiment = Experiment("x", {"A": 0.5, "B": 0.5}, guards=["error"])
    for i in range(300):
        user = f"u{i}"
        experiment.record(user, success=experiment.arm_of(user) == "B", error=False)
        experiment.record(user, success=False, error=True)
    assert sum(counts["users"] for counts in experiment.counts.values()) == 300
    assert experiment.counts["A"]["success"] == experiment.counts["B"]["error"] == 0
    assert experiment.verdict() == "ship B"


def test_quantiles_of_buckets():
    bounds = [1, 2, 4, math.inf]
    assert histogram_quantile(0.5, bounds, [0, 10, 10, 10]) == 1.5
    assert histogram_quantile(0.25, bounds, [10, 10, 10, 10]) == 0.25
    assert histogram_quantile(1.0, bounds, [5, 5, 10, 10]) == 4
    assert histogram_quantile(0.5, bounds, [5, 5, 10, 10]) == 1
    assert histogram_quantile(0.9, bounds, [5, 6, 7, 10]) == 4
    assert math.isnan(histogram_quantile(0.9, bounds, [0, 0, 0, 0]))


def test_a_line_of_ones_own_has_a_finite_number_for_each_image():
    """Which number it is, everybody chooses."""
    images = np.vstack([np.random.default_rng(0).uniform(0, 255, (8, 196)), np.zeros((2, 196))])
    before = images.copy()
    numbers = own_line(images)
    assert numbers.shape == (10,)
    assert np.isfinite(numbers).all()
    np.testing.assert_allclose(own_line(images[3:4]), numbers[3:4])
    np.testing.assert_array_equal(images, before)


# --- the service ---------------------------------------------------------------------------------


def service_of(**options):
    return Service({"A": Deployment(bundle_of([[1, 0], [0, 1]], "1.0"))}, **options)


def ask(service, *requests):
    async def together():
        return await asyncio.gather(*(answer(service, *request) for request in requests))

    return simulate(together())


def test_whatever_fails_is_answered_with_500():
    class Broken(Monitor):
        def observe(self, image, label, seconds):
            raise KeyError("a secret of ours")

    service = service_of(monitor=Broken(np.zeros((4, 2)), np.zeros(4, int), 2))
    ((status, content),) = ask(service, (b"\x00\x09", BYTES))
    assert status == 500
    assert list(content) == ["error"]
    assert "secret" not in content["error"]


def test_answers():
    monitor = Monitor(np.random.default_rng(0).uniform(0, 9, (20, 2)), np.arange(20) % 2, 2, window=4)
    service = service_of(monitor=monitor, alarms={"share blank": Alarm(0.5, patience=1)}, every=2)
    good, bad = (b"\x00\x09", BYTES), (b"\x00", BYTES)
    found = ask(service, good, bad, (b'{"image": [9, 0]}', JSON), (b"{", JSON))
    assert [status for status, _ in found] == [200, 422, 200, 400]
    want = {
        "label": "yes",
        "version": "1.0",
        "arm": "A",
        "probability": pytest.approx(1 / (1 + math.exp(-1)), rel=1e-5),
    }
    assert found[0][1] == want
    assert found[2][1]["label"] == "no"
    assert all(set(content) == {"error"} for _, content in (found[1], found[3]))
    assert "2" in found[1][1]["error"], "the reason says how many numbers are expected"
    assert service.answered == len(monitor.seen) == 2
    assert [label for _, label, _ in monitor.seen] == [1, 0]
    assert all(0 <= seconds < 10 for _, _, seconds in monitor.seen)
    assert service.metrics.registry.get_sample_value("batch_size_count") == 1, "they went together"
    ask(service, *[(b"\x05\x05", BYTES)] * 4)
    assert service.report["share blank"] == 1
    assert service.alarms["share blank"].ringing
    assert service.state()["ringing"] == ["share blank"]


def test_the_fault_of_the_model():
    class Broken(Module):
        def forward(self, x):
            raise KeyError("/secret/path")

    manifest = bundle_of([[1, 0], [0, 1]], "1").manifest
    service = Service({"A": Deployment(Bundle(Broken(), manifest))})
    ((status, content),) = ask(service, (b"\x00\x01", BYTES))
    assert status == 500
    assert list(content) == ["error"]
    assert "secret" not in content["error"]
    assert service.answered == 0


def test_arms():
    one, two = bundle_of([[1, 0], [0, 1]], "1"), bundle_of([[1, 0], [0, 1]], "2")
    experiment = Experiment("x", {"A": 0.5, "B": 0.5})
    service = Service({"A": Deployment(one), "B": Deployment(two)}, experiment)
    users = [f"u{i}" for i in range(20)]
    found = ask(service, *[(b"\x00\x01", BYTES, user) for user in users], (b"\x00\x01", BYTES))
    arms = [experiment.arm_of(user) for user in users] + ["A"]
    assert [content["arm"] for _, content in found] == arms
    assert [content["version"] for _, content in found] == ["1" if arm == "A" else "2" for arm in arms]


def visit(app, *requests):
    """Answers of an app to requests, one after the other: (status, headers, content)."""

    async def story():
        return [await call(app, method, path, body, **headers) for method, path, body, headers in requests]

    return simulate(story())


def test_routes(tmp_path):
    packed(tmp_path / "1.0", Sequential(Flatten(), Linear(4, 2)), (1, 2, 2))
    packed(tmp_path / "2.0", Sequential(Flatten(), Linear(4, 3), ReLU(), Linear(3, 2)), (1, 2, 2))
    packed(tmp_path / "bad", Sequential(Flatten(), Linear(5, 2)), (1, 2, 2))
    app = create_app(Deployment(load_bundle(tmp_path / "1.0")), tmp_path)
    image = {"content_type": BYTES}
    requests = [
        ("GET", "/health", b"", {}),
        ("GET", "/ready", b"", {}),
        ("POST", "/predict", b"\x00\x01\x02\x03", image),
        ("POST", "/predict", b"\x00\x01\x02", image),
        ("POST", "/predict", b"x" * 1_000_000, image),
        ("POST", "/versions/2.0", b"", {}),
        ("POST", "/predict", b"\x00\x01\x02\x03", image),
        ("POST", "/versions/bad", b"", {}),
        ("POST", "/versions/..", b"", {}),
        ("POST", "/rollback", b"", {}),
        ("POST", "/rollback", b"", {}),
        ("POST", "/feedback", b'{"user": "ann", "success": true}', {}),
        ("GET", "/nowhere", b"", {}),
        ("GET", "/predict", b"", {}),
    ]
    found = visit(app, *requests)
    wanted = [200, 200, 200, 422, 413, 200, 200, 409, 404, 200, 409, 422, 404, 405]
    assert [status for status, _, _ in found] == wanted
    assert [json.loads(found[i][2])["version"] for i in (2, 6)] == ["1.0", "2.0"]
    (_, _, state), (_, headers, metrics), (_, _, page) = visit(
        app, *(("GET", path, b"", {}) for path in ("/state", "/metrics", "/"))
    )
    state = json.loads(state)
    assert state["requests"] == {"200": 2, "413": 1, "422": 1}
    assert 0 < state["p50"] <= state["p99"]
    assert headers["content-type"].startswith("text/plain")
    assert b'requests_total{status="200"} 2.0' in metrics
    assert b"http" not in page, "the page is complete in itself"
    fresh = create_app(Deployment(load_bundle(tmp_path / "1.0")))
    assert json.loads(visit(fresh, ("GET", "/state", b"", {}))[0][2])["requests"] == {}, "each app counts for itself"
    app.state.service.close()
    assert visit(app, ("GET", "/ready", b"", {}))[0][0] == 503


def test_feedback():
    one, two = bundle_of([[1, 0], [0, 1]], "1"), bundle_of([[1, 0], [0, 1]], "2")
    experiment = Experiment("x", {"A": 0.5, "B": 0.5})
    app = create_app({"A": Deployment(one), "B": Deployment(two)}, experiment=experiment)
    told = [b'{"user": "ann", "success": true}', b'{"user": "ann", "success": true}', b'{"user": 7}', b"{"]
    told += [b'{"user": "bob", "self": 1}', b'{"user": "\\ud800"}', b"[]", b'{"user": "cem", "success": [1]}']
    found = visit(app, *(("POST", "/feedback", body, {}) for body in told))
    assert [status for status, _, _ in found] == [200, 200, 422, 400, 200, 422, 422, 200]
    assert json.loads(found[0][2]) == {"verdict": "go on"}
    assert [sum(counts[what] for counts in experiment.counts.values()) for what in ("users", "success")] == [3, 2]
    assert json.loads(visit(app, ("GET", "/state", b"", {}))[0][2])["experiment"]["verdict"] == "go on"


def test_a_real_server(tmp_path):
    """On a port of this machine, in a thread that is gone afterwards; with a gate that lets nobody in."""
    before = set(threading.enumerate())
    packed(tmp_path / "1.0", Sequential(Linear(2, 2)), (2,))
    packed(tmp_path / "2.0", Sequential(Linear(2, 2)), (2,))
    deployment = Deployment(load_bundle(tmp_path / "1.0"), lambda bundles: [[], []])
    app = create_app(deployment, tmp_path, lambda old, new: {"x": Comparison(2.0, 2.0, 2.0, 1.0, "slower")})
    with running(app) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        for body, status in ((b"\x00\x09", 200), (b"\x00", 422), (b"\x09\x00", 200)):
            connection.request("POST", "/predict", body, {"content-type": BYTES})
            response = connection.getresponse()
            content = json.loads(response.read())
            assert response.status == status
            assert ("error" in content) == (status != 200)
        connection.request("POST", "/versions/2.0")
        response = connection.getresponse()
        refusal = json.loads(response.read())
        assert (response.status, list(refusal), bool(refusal["error"])) == (409, ["error"], True)
        connection.close()
    assert deployment.live.version == "1.0"
    assert not app.state.service.ready
    assert not set(threading.enumerate()) - before
