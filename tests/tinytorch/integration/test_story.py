"""The whole system, one story: configure, load, train, profile, compress, serve, compare, monitor, from all modules."""

import http.client
import json

import numpy as np
import pytest
from tinytorch.core.autograd import no_grad
from tinytorch.core.benchmarking import Suite, check_regressions, write_report
from tinytorch.core.cnn import Conv2d
from tinytorch.core.compression import (
    Pruner,
    calibrate,
    convert,
    fold,
    layer_costs,
    layer_to_narrow,
    load_model,
    narrow,
    save_model,
)
from tinytorch.core.config import Run, fingerprint, load_config, train
from tinytorch.core.data import ArrayDataset, DataLoader
from tinytorch.core.kernels import use
from tinytorch.core.mlops import (
    Deployment,
    Experiment,
    Monitor,
    create_app,
    load_bundle,
    measured,
    running,
    save_bundle,
    save_run,
    usual_alarms,
)
from tinytorch.core.mlp import CrossEntropyLoss, Linear, accuracy
from tinytorch.core.profiling import Machine, Profiler, save_trace, totals, watch
from tinytorch.core.setup import hello_tinytorch
from tinytorch.core.tensor import Tensor
from tinytorch.core.training import AdamW, Trainer, evaluate, load_arrays, save_arrays

SIZE, CLASSES = 12, 4
INPUT = {"shape": [1, SIZE, SIZE], "low": 0, "high": 1}
NAMES = ["across", "down", "falling", "rising"]
CONFIG = """
name: stripes
data: {name: npz, path: PATH, batch_size: 25}
model: {name: cnn, input: [1, 12, 12], widths: [6, 8], classes: 4}
optimizer: {name: adamw, lr: 0.02, schedule: one_cycle}
train: {epochs: 1}
"""


def stripes(count, rng):
    """Images of waves in four directions, under noise, and the numbers of their directions."""
    y, x = np.mgrid[:SIZE, :SIZE]
    labels = rng.permutation(np.arange(count) % CLASSES)
    phases = [(y, x, x + y, x - y)[label] + rng.uniform(0, 6) for label in labels]
    images = 0.5 + 0.3 * np.sin(np.stack(phases)) + rng.normal(0, 0.12, (count, SIZE, SIZE))
    return np.clip(images, 0, 1)[:, None].astype(np.float32), labels


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """The folder of the story, its config file, data, and what was trained from them."""
    folder, rng = tmp_path_factory.mktemp("story"), np.random.default_rng(0)
    parts = {name: stripes(count, rng) for name, count in (("train", 400), ("val", 100), ("test", 200))}
    arrays = {f"{name}_images": images for name, (images, _) in parts.items()}
    save_arrays(folder / "stripes.npz", arrays | {f"{name}_labels": labels for name, (_, labels) in parts.items()})
    (folder / "config.yml").write_text(CONFIG.replace("PATH", str(folder / "stripes.npz")))
    run = Run.create(folder / "runs", load_config(folder / "config.yml", ["train.epochs=4"]))
    with use():
        train(run)
    return folder, run, parts["test"]


@pytest.fixture(scope="module")
def small(story):
    """The compressed model: half of its weights gone, the rest whole numbers; as loaded from its file."""
    folder, run, _ = story
    model, arrays = run.model(), load_arrays(folder / "stripes.npz")
    loader = DataLoader(ArrayDataset(arrays["train_images"], arrays["train_labels"]), 25, shuffle=True)
    pruner = Pruner(model)
    pruner.prune(0.5)
    Trainer(model, CrossEntropyLoss(), AdamW(model.parameters(), 0.005)).fit(loader, epochs=2, report=pruner)
    save_model(folder / "large.npz", run.model())
    save_model(folder / "small.npz", convert(model, calibrate(model, loader)))
    return load_model(folder / "small.npz")


def test_greeted():
    assert "TinyTorch" in hello_tinytorch()


def test_trained_as_configured_and_written_down(story):
    _, run, (images, labels) = story
    rows = run.rows()
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4]
    assert rows[-1]["val_accuracy"] > 0.9
    found = evaluate(run.model(), CrossEntropyLoss(), DataLoader(ArrayDataset(images, labels), 50))
    assert found["loss"] < 0.5
    assert found["accuracy"] > 0.9


def test_profiled(story):
    folder, run, (images, labels) = story
    with Profiler() as profile, profile.span("step"):
        CrossEntropyLoss()(watch(run.model(), profile)(Tensor(images[:50])), labels[:50]).backward()
    rows = {row["name"]: row for row in totals(profile.events)}
    assert rows["conv2d"]["calls"] == 2
    assert rows["conv2d"]["flops"] > rows["linear"]["flops"] > 0
    assert {"conv2d_backward", "step"} <= set(rows)
    save_trace(folder / "trace.json", profile)
    assert json.loads((folder / "trace.json").read_text())["traceEvents"]


def test_compressed(story, small):
    folder, run, (images, labels) = story
    assert not [layer for layer in small.layers if type(layer) in (Linear, Conv2d)]
    with no_grad():
        large, compressed = (accuracy(model(Tensor(images)), labels) for model in (run.model(), small))
    assert compressed > large - 0.05
    assert (folder / "small.npz").stat().st_size < 0.6 * (folder / "large.npz").stat().st_size


def test_own_kernels_say_the_same(story):
    model, images = story[1].model(), Tensor(story[2][0])
    with no_grad():
        logits = model(images).data
        with use():
            np.testing.assert_allclose(model(images).data, logits, rtol=1e-3, atol=1e-4)


def test_what_a_step_takes_on_own_kernels(story, record_property):
    """It is measured and told: faster than BLAS it need not be."""
    model, loss_fn, (images, labels) = story[1].model(), CrossEntropyLoss(), story[2]

    def step():
        loss_fn(model(Tensor(images[:25])), labels[:25]).backward()

    def own_step():
        with use():
            step()

    suite = Suite(rounds=10)
    suite.add("own kernels", own_step)
    suite.add("BLAS", step)
    own, blas = (1e3 * np.median(result.seconds) for result in suite.run().values())
    assert min(own, blas) > 0
    record_property("note", f"a training step took {own:.1f} ms on your own kernels, {blas:.1f} ms on numpy's BLAS")


def test_benchmarked(story, small):
    folder, run, (images, _) = story
    suite, x = Suite(rounds=12), Tensor(images[:8])
    with no_grad():
        for name, model in (("large", run.model()), ("small", small)):
            suite.add(name, lambda model=model: model(x))
        first, second = suite.run(), suite.run()
    found = check_regressions(first, second)
    assert set(found) == {"large", "small"}
    write_report(folder / "report.md", second, found, {})
    assert "large" in (folder / "report.md").read_text()


def test_the_layer_that_the_profiler_names_is_narrowed(story):
    """By FLOPs, which are the same on every machine."""
    model, x = fold(story[1].model()), Tensor(story[2][0][:20])
    before = [{**row, "seconds": row["flops"] / 1e9} for row in layer_costs(model, x)]
    place = layer_to_narrow(model, before, Machine(1e9, 1e9, 0.0))
    after = {row["name"]: row["flops"] for row in layer_costs(narrow(model, 0.5, only=place), x)}
    changed = {row["name"]: after[row["name"]] / row["flops"] for row in before if row["flops"] != after[row["name"]]}
    assert changed[f"{place} Conv2d"] == 0.5
    assert all(int(name.split()[0]) >= place for name in changed)


def test_a_version_is_its_config_and_passes_the_gate(story, small):
    folder, run, _ = story
    version = fingerprint(run.config)
    seal = save_run(folder / "versions", run, INPUT, NAMES)
    save_bundle(folder / "versions" / "small", small, "stripes", "small", INPUT, NAMES)
    heard = []

    def measure(bundles):
        return measured(bundles, sizes=(1, 4), rounds=8)

    def gate(old, new):
        heard.append(check_regressions(old, new))
        return {}  # whatever it heard: how long they take is this machine's

    deployment = Deployment(load_bundle(folder / "versions" / version, seal), measure)
    deployment.deploy(load_bundle(folder / "versions" / "small"), gate)
    assert [one.version for one in (deployment.live, *deployment.previous)] == ["small", version]
    assert [list(found) for found in heard] == [["1 at once", "4 at once"]]


def ask(port, method, path, body=None, **headers):
    """Status and text of a request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_served_compared_and_watched(story, small):
    folder, run, (images, labels) = story
    arms = {}
    for arm, model in (("large", run.model()), ("small", small)):
        seal = save_bundle(folder / "bundles" / arm, model, "stripes", arm, INPUT, NAMES)
        arms[arm] = Deployment(load_bundle(folder / "bundles" / arm, seal))
    with no_grad():
        known = run.model()(Tensor(images)).data.argmax(axis=1)
    experiment = Experiment("smaller", {"large": 0.5, "small": 0.5}, guards=["error"])
    watching = {"monitor": Monitor(images, known, CLASSES, window=60), "alarms": usual_alarms(1), "every": 60}
    app = create_app(arms, experiment=experiment, **watching)
    right = {arm: [] for arm in arms}
    with running(app) as port:
        assert ask(port, "GET", "/ready")[0] == 200
        assert ask(port, "POST", "/predict", "{", **{"content-type": "application/json"})[0] == 400
        for number, (image, label) in enumerate(zip(images[:120], labels, strict=False)):
            status, said = predict(port, image, f"user {number}")
            assert status == 200
            right[said["arm"]].append(said["label"] == NAMES[label])
            events = {"user": f"user {number}", "success": bool(right[said["arm"]][-1]), "error": False}
            assert ask(port, "POST", "/feedback", json.dumps(events))[0] == 200
        state = json.loads(ask(port, "GET", "/state")[1])
        assert "psi brightness" not in state["ringing"]
        assert state["experiment"]["verdict"] == "go on"
        assert sum(counts["users"] for counts in state["experiment"]["counts"].values()) == 120
        for number, image in enumerate(images[:60]):  # and then somebody turns off the light
            predict(port, image * 0.3, f"user {number}")
        assert "psi brightness" in json.loads(ask(port, "GET", "/state")[1])["ringing"]
        assert "<title>TinyTorch at work" in ask(port, "GET", "/")[1]
        assert 'requests_total{status="200"} 180.0' in ask(port, "GET", "/metrics")[1]
    assert all(np.mean(found) > 0.85 for found in right.values())


def predict(port, image, user):
    headers = {"content-type": "application/json", "x-user": user}
    status, text = ask(port, "POST", "/predict", json.dumps({"image": image.ravel().tolist()}), **headers)
    return status, json.loads(text)
