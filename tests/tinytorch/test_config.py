"""Config: configs with types, run folders that survive, the same bits in every process, and searches that go on."""

import itertools
import json
import math
import os
import re
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tinytorch.core import config as module
from tinytorch.core.config import (
    Config,
    ConfigError,
    DataConfig,
    ModelConfig,
    OptimizerConfig,
    Run,
    TrainConfig,
    as_type,
    build,
    build_loaders,
    build_model,
    build_trainer,
    changed,
    digest,
    draw_value,
    fingerprint,
    grid,
    key_lines,
    load_config,
    random_trials,
    read_rows,
    save_config,
    search,
    stream,
    train,
    with_overrides,
)
from tinytorch.core.training import load_arrays, state_dict

# --- types ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "kind", "want"),
    [
        (True, bool, True),
        (3, int, 3),
        (3, float, 3.0),
        ("1e-3", float, 0.001),
        ("no", str, "no"),
        (None, int | None, None),
        (3, int | None, 3),
        ([], list[int], []),
        ([1, "2.5"], list[float], [1.0, 2.5]),
        ([[1], []], list[list[int]], [[1], []]),
        (["1e2"], list[float] | None, [100.0]),
        ([1, None], list[int | None], [1, None]),
    ],
)
def test_values_that_fit(value, kind, want):
    assert repr(as_type(value, kind)) == repr(want)


@pytest.mark.parametrize(
    ("value", "kind", "named"),
    [
        (1, bool, "1"),
        (True, int, "True"),
        (True, float, "True"),
        (3.0, int, "3.0"),
        ("3", int, "'3'"),
        ("fast", float, "'fast'"),
        (".nan", float, "'.nan'"),
        ("nan", float, "'nan'"),
        (math.inf, float, "inf"),
        (False, str, "False"),
        (None, int, "None"),
        (None, float, "None"),
        ("text", int | None, "'text'"),
        (64, list[int], "64"),
        ("64", list[str], "'64'"),
        ([1, "b"], list[int], "'b'"),
        ({"a": 1}, list[str], "{'a': 1}"),
    ],
)
def test_values_that_do_not_fit(value, kind, named):
    with pytest.raises(ValueError, match=re.escape(named)):
        as_type(value, kind)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_survives_the_way_through_yaml(number):
    for text in (yaml.safe_dump({"x": number}), f"x: {number!r}"):
        assert as_type(yaml.safe_load(text)["x"], float) == number


# --- lines ---------------------------------------------------------------------------------------


def lines_of(text):
    return key_lines(yaml.compose(text))


def test_lines_of_keys():
    text = (
        "# a comment\na: 1\n\nb:\n  c: [1, {no: 2}]\n  d:\n    e: {f: 1, g: {h: 2}}\n  # more\n  i: |\n    a: 3\nj: 4\n"
    )
    keys = {
        "a": 2,
        "b": 4,
        "b.c": 5,
        "b.d": 6,
        "b.d.e": 7,
        "b.d.e.f": 7,
        "b.d.e.g": 7,
        "b.d.e.g.h": 7,
        "b.i": 9,
        "j": 11,
    }
    assert lines_of(text) == keys
    assert key_lines(yaml.compose("a: {b: 1}"), "x.") == {"x.a": 1, "x.a.b": 1}
    assert lines_of("a: {x: 1}\nb: {x: 2}\nx: 3") == {"a": 1, "a.x": 1, "b": 2, "b.x": 2, "x": 3}


@pytest.mark.parametrize(
    ("text", "start", "first"),
    [
        ("a: 1\nb: 2\na: 3", "3: a: ", "1"),
        ("s:\n  x: 1\n  y: 2\n\n  x: 3", "5: s.x: ", "2"),
        ("a: {b: 1,\n b: 2}", "2: a.b: ", "1"),
    ],
)
def test_a_key_twice(text, start, first):
    with pytest.raises(ValueError, match=f"^{start}.*{first}"):
        lines_of(text)


# --- schemas -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wheel:
    radius: float = 1.0
    spokes: list[int] = field(**module.checked([4], module.at_least(1)))


@dataclass(frozen=True)
class Bike:
    name: str = "bike"
    gears: int = field(**module.checked(7, module.at_least(1, below=30)))
    front: Wheel = Wheel()
    back: Wheel = Wheel(radius=2.0)
    owner: str | None = None


def test_build_fills_and_keeps_defaults():
    problems, values = [], {"gears": 3, "front": {"radius": 5}}
    bike = build(Bike, values, problems)
    assert bike == Bike("bike", 3, Wheel(5.0), Wheel(2.0))
    assert type(bike.front) is Wheel
    assert type(bike.front.radius) is float
    assert (problems, values) == ([], {"gears": 3, "front": {"radius": 5}})
    assert build(Bike, {}, []) == Bike()
    assert build(Bike, {}, []).front.spokes is not build(Bike, {"front": {}}, []).front.spokes


def test_build_collects_all_problems():
    problems = [("before", "stays")]
    values = {"name": 3, "gear": 2, "front": {"radius": "r", "spokes": [0]}, "back": 7, "owner": None, 5: 6}
    bike = build(Bike, values, problems)
    assert bike == Bike(), "what can't be used has its default"
    assert problems[0] == ("before", "stays")
    assert sorted(key for key, _ in problems[1:]) == ["5", "back", "front.radius", "front.spokes", "gear", "name"]
    words = dict(problems)
    assert words["gear"] == "unknown, did you mean gears?"
    assert "at least 1" in words["front.spokes"]
    found = []
    build(Wheel, {"x": 1, "radius": None}, found, "my.bike.")
    assert sorted(key for key, _ in found) == ["my.bike.radius", "my.bike.x"]


@dataclass(frozen=True)
class Garage:
    bike: Bike = Bike()


def test_a_problem_in_a_section_of_a_section_has_its_whole_key():
    problems = []
    build(Garage, {"bike": {"front": {"radius": "r", "x": 1}}}, problems)
    assert sorted(key for key, _ in problems) == ["bike.front.radius", "bike.front.x"]


# --- overrides -----------------------------------------------------------------------------------


def test_overrides():
    values = {"a": {"b": 1, "c": {"d": 2}}}
    new = with_overrides(values, ["a.b=[1, 2]", "x.y.z=1e-3", "name=p=q", "a.b=3", "none="])
    assert new == {"a": {"b": 3, "c": {"d": 2}}, "x": {"y": {"z": "1e-3"}}, "name": "p=q", "none": None}
    new["a"]["c"]["d"] = 5
    assert values == {"a": {"b": 1, "c": {"d": 2}}}, "nothing of what was given changes"
    assert with_overrides({}, []) == {}


@pytest.mark.parametrize("override", ["a.b", "=1", "a..b=1", ".a=1", "a.=1", "a.b.c=1", "a.b.c.d.e=1"])
def test_overrides_that_are_none(override):
    with pytest.raises(ValueError, match=re.escape(override)):
        with_overrides({"a": {"b": 1}}, ["a.x=1", override])


def test_an_override_that_is_no_yaml():
    with pytest.raises(ValueError, match=r"'\['"):
        with_overrides({}, ["a=["])


# --- load_config ---------------------------------------------------------------------------------


@pytest.fixture
def write(tmp_path):
    def write(text, name="a.yml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


def complaints(path, overrides=(), schema=Config):
    with pytest.raises(ConfigError) as caught:
        load_config(path, overrides, schema)
    return str(caught.value).replace(f"{path}", path.name).split("\n")


def test_three_layers(write):
    path = write("seed: 7\noptimizer:\n  lr: 1e-2\n  schedule: cosine\n")
    config = load_config(path, ["optimizer.lr=0.5", "model.widths=[8, 4]"])
    assert (config.seed, config.optimizer.lr, config.optimizer.schedule) == (7, 0.5, "cosine")
    assert (config.model.widths, config.train) == ([8, 4], TrainConfig())
    assert load_config(write("# only a comment")) == Config()
    assert load_config(write("radius: 3"), schema=Wheel) == Wheel(3.0)
    with pytest.raises(AttributeError):  # frozen
        config.seed = 1


def test_errors_name_place_and_key(write):
    path = write(
        "name: x\n\nmodel:\n  name: mpl\n  width: 3\ntrain:\n  epochs: 0\n  patience: 2\noptimizer: {lr: 0,01}\n"
    )
    said = complaints(path, ["train.patience=soon", "data={crop: -1, x: 2}", "d.e=1"])
    starts = [
        *(
            "a.yml:4: model.name: unknown 'mpl', did you mean mlp?",
            "a.yml:5: model.width: unknown, did you mean widths?",
        ),
        *("a.yml:7: train.epochs: ", "command line: train.patience: ", "a.yml:9: optimizer.01: "),
        *("command line: data.crop: ", "command line: data.x: ", "command line: d: "),
    ]
    assert len(said) == len(starts)
    for start in starts:
        assert any(line.startswith(start) for line in said), f"{start!r} is not in {said}"
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert f"{path}:4: model.name: " in str(caught.value), "the path is to be named as it was given"


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "a b", "'a\\b'"])
def test_names_that_are_no_folder(write, name):
    assert complaints(write(f"name: {name!r}\n"))[0].startswith("a.yml:1: name: needs letters")


def test_an_override_takes_the_blame_only_for_its_own(write):
    path = write("train: {epochs: x}\ntraining: 3\nmodel: {name: y}\n")
    said = complaints(path, ["train={epochs: z}", "model.name=zzz"])
    assert sorted(line.split(": ")[0] for line in said) == ["a.yml:2", "command line", "command line"]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("optimizer.lr: 0.1\n", "a.yml:1: optimizer.lr: unknown, write a section optimizer, and lr in it"),
        ("a: 1\nb: [1, 2\nc: 3\n", "a.yml:3: "),
        ("seed: 1\ntrain:\n  epochs: 1\n  epochs: 2\n", "a.yml:4: train.epochs: "),
        ("- 1\n- 2\n", "a.yml:1: "),
        ("name: &a x\nseed: *a\n", "a.yml:2: "),
        ("name: !!python/object/apply:os.getcwd []\n", "a.yml:1: "),
        ("name: \0", "a.yml:"),
    ],
)
def test_files_that_are_no_config(write, text, start):
    (line,) = complaints(write(text))
    assert line.startswith(start)


def test_other_errors(write):
    with pytest.raises(FileNotFoundError):
        load_config(write("").parent / "none.yml")
    (line,) = complaints(write(""), ["seed"])
    assert line.startswith("command line: ")
    assert "seed" in line.removeprefix("command line: ")
    assert complaints(write(""), ["seed=["])[0].startswith("command line: '['")
    assert load_config(write("name: 'on'\n")).name == "on"
    assert complaints(write("on: 1\n"))[0].startswith("a.yml:1: on: unknown")


CONFIGS = st.builds(
    Config,
    name=st.sampled_from(["run", "größe", "a-b.c_1", "no", "1e3", "null", "010"]),
    seed=st.integers(0, 2**40),
    data=st.builds(DataConfig, limit=st.none() | st.integers(1, 9), shuffle=st.booleans()),
    model=st.builds(ModelConfig, widths=st.lists(st.integers(1, 99), max_size=3)),
    optimizer=st.builds(OptimizerConfig, lr=st.floats(0, 10), schedule=st.sampled_from(sorted(module.SCHEDULES))),
)


@settings(max_examples=60, deadline=None)
@given(config=CONFIGS)
def test_saved_and_loaded_it_is_the_same(tmp_path_factory, config):
    path = tmp_path_factory.mktemp("configs") / "config.yml"
    save_config(path, config)
    assert load_config(path) == config
    assert fingerprint(load_config(path)) == fingerprint(config)


@given(one=CONFIGS, other=CONFIGS)
def test_fingerprints_differ_where_configs_do(one, other):
    assert (fingerprint(one) == fingerprint(other)) == (one == other)


def test_fingerprint_is_that_of_canonical_json():
    assert fingerprint(Config()) == "7f738138dea1"
    assert re.fullmatch("[0-9a-f]{12}", fingerprint(Wheel()))


def test_changed():
    config = changed(Config(), {"optimizer.lr": 1e-7, "model.widths": [3], "name": "no", "data.limit": None})
    assert (config.optimizer.lr, config.model.widths, config.name, config.data.limit) == (1e-7, [3], "no", None)
    with pytest.raises(ConfigError, match=r"optimizer\.rate: unknown"):
        changed(Config(), {"optimizer.rate": 1, "seed": -1})


# --- JSON lines ----------------------------------------------------------------------------------


def test_rows_come_back(tmp_path):
    path = tmp_path / "rows.jsonl"
    assert read_rows(path) == []
    row = {"epoch": np.int64(1), "loss": np.float32(0.5), "nan": math.nan, "inf": np.float32("-inf"), "text": "ä\n"}
    row |= {"true": np.bool_(True), "none": None, "list": [1, {"a": "b"}], "tiny": 1e-300}
    kept = dict(row)
    module.append_row(path, row)
    assert all(row[name] is kept[name] for name in row)
    module.append_row(path, {})
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") == 2
    assert text.endswith("\n")
    assert "NaN" not in text
    want = {"epoch": 1, "loss": 0.5, "nan": None, "inf": None, "text": "ä\n", "true": True, "none": None}
    assert read_rows(path) == [want | {"list": [1, {"a": "b"}], "tiny": 1e-300}, {}]
    types = {"epoch": int, "loss": float, "true": bool}
    assert {name: type(read_rows(path)[0][name]) for name in types} == types, "a 1 is no 1.0, and a True no 1"


def test_a_path_may_be_a_text(tmp_path):
    path = str(tmp_path / "rows.jsonl")
    assert read_rows(path) == []
    module.append_row(path, {"epoch": 1})
    assert read_rows(path) == [{"epoch": 1}]


def test_a_torn_line_is_left_out_wherever_it_was_torn(tmp_path):
    path = tmp_path / "rows.jsonl"
    whole = "".join(json.dumps({"n": n, "ä": "ö"}, ensure_ascii=False) + "\n" for n in range(3)).encode()
    for size in range(len(whole) + 1):
        path.write_bytes(whole[:size])
        assert [row["n"] for row in read_rows(path)] == list(range(whole[:size].count(b"\n")))


def test_only_a_newline_ends_a_row(tmp_path):
    path = tmp_path / "rows.jsonl"
    text = "\u2028 \x85 \u2029"
    path.write_text(json.dumps({"text": text}, ensure_ascii=False) + "\n", encoding="utf-8")
    assert read_rows(path) == [{"text": text}]


def test_a_damaged_line_is_named(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"a": 1}\n{"a": \n{"a": 3}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"rows\.jsonl:2: "):
        read_rows(path)


# --- chance --------------------------------------------------------------------------------------


def test_streams():
    assert stream(0, "model").random() == pytest.approx(0.36705872242684234, abs=1e-15)
    assert stream(0, "Größe").random() != stream(0, "model").random() != stream(1, "model").random()
    assert stream(2**40, "").integers(10) in range(10)


# --- from a config to a trainer ------------------------------------------------------------------

rng = np.random.default_rng(3)
IMAGES = {
    "train": rng.integers(0, 256, (50, 1, 6, 6), dtype=np.uint8),
    "val": rng.integers(0, 256, (250, 1, 6, 6), dtype=np.uint8),
}


@pytest.fixture
def small(tmp_path):
    """A config that trains a tiny network within milliseconds."""
    arrays = {f"{part}_images": images for part, images in IMAGES.items()}
    arrays |= {f"{part}_labels": images.mean(axis=(1, 2, 3)) > 127 for part, images in IMAGES.items()}
    np.savez(tmp_path / "data.npz", **{name: a.astype(np.uint8) for name, a in arrays.items()})
    data = DataConfig(path=str(tmp_path / "data.npz"), batch_size=8, crop=1)
    return Config("small", 5, data, ModelConfig("mlp", [1, 6, 6], [7], 2), OptimizerConfig(lr=0.02), TrainConfig(4))


def test_models(small):
    shapes = [p.shape for p in build_model(changed(small, {"model.widths": [9, 8]})).parameters()]
    assert shapes == [(9, 36), (9,), (8, 9), (8,), (2, 8), (2,)]
    layers = build_model(changed(small, {"model.name": "cnn", "model.widths": [3, 4]})).layers
    assert [type(layer).__name__ for layer in layers] == 2 * ["Conv2d", "MaxPool2d", "BatchNorm2d", "ReLU"] + [
        "Flatten",
        "Linear",
    ]
    start = state_dict(build_model(small))
    assert (
        digest(state_dict(build_model(small)))
        == digest(start)
        != digest(state_dict(build_model(changed(small, {"seed": 6}))))
    )
    assert digest(state_dict(build_model(changed(small, {"data.crop": 0, "optimizer.lr": 1})))) == digest(start)
    bound = 6**-1
    np.testing.assert_array_equal(
        start["layers.1.weight"], stream(5, "model").uniform(-bound, bound, (7, 36)).astype(np.float32)
    )


def test_loaders(small):
    train_loader, val_loader = build_loaders(changed(small, {"data.limit": 30}))
    assert [len(labels) for _, labels in train_loader] == [8, 8, 8, 6]
    assert [len(labels) for _, labels in val_loader] == [200, 50]
    np.testing.assert_array_equal(next(iter(val_loader))[0].data, (IMAGES["val"][:200] / np.float32(255)))
    assert train_loader.seed == 5
    plain, _ = build_loaders(changed(small, {"data.shuffle": False, "data.crop": 0}))
    np.testing.assert_array_equal(next(iter(plain))[0].data, (IMAGES["train"][:8] / np.float32(255)))
    first, again = (np.concatenate([x.data for x, _ in build_loaders(small)[0]]) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, np.concatenate([x.data for x, _ in plain]))


@pytest.mark.parametrize("optimizer", sorted(module.OPTIMIZERS))
@pytest.mark.parametrize("schedule", sorted(module.SCHEDULES))
def test_trainers(small, optimizer, schedule):
    changes = {"optimizer.name": optimizer, "optimizer.schedule": schedule, "optimizer.weight_decay": 0.25}
    trainer, train_loader, val_loader = build_trainer(changed(small, changes), "a.npz")
    assert type(trainer.optimizer).__name__.lower() == optimizer
    assert trainer.optimizer.weight_decay == 0.25
    held = zip(trainer.optimizer.parameters, trainer.model.parameters(), strict=True)
    assert all(one is other for one, other in held)
    assert trainer.checkpoint == "a.npz"
    assert trainer.early_stopping is None
    assert [len(train_loader), len(val_loader)] == [7, 2]
    if schedule == "constant":
        assert trainer.scheduler is None
    else:
        assert trainer.scheduler.lr_at(27) < 0.02 / 9, "the last of 28 steps is a small one"
        assert trainer.scheduler.lr_at(8) > 0.02 / 3, "that of the ninth is not"


def test_momentum_patience_and_no_checkpoint(small):
    changes = {"optimizer.name": "sgd", "optimizer.momentum": 0.5, "train.patience": 3}
    trainer, *_ = build_trainer(changed(small, changes))
    assert (trainer.optimizer.momentum, trainer.early_stopping.patience, trainer.checkpoint) == (0.5, 3, None)


def test_the_last_sixth_is_to_validate_with():
    class Arrays:
        arrays = np.arange(12), np.arange(12) * 2

        def __len__(self):
            return 12

    (images, _), (val_images, val_labels) = module.split(Arrays())
    assert (images.tolist(), val_images.tolist(), val_labels.tolist()) == (list(range(10)), [10, 11], [20, 22])


# --- runs ----------------------------------------------------------------------------------------


class PowerCut(BaseException):
    """Happens in the middle of a step."""


def cut_at(epoch, step):
    def report(*now):
        if now[:2] == (epoch, step):
            raise PowerCut

    return report


def files_of(run):
    return sorted(path.name for path in run.folder.iterdir())


def test_a_run_folder_tells_all(tmp_path, small):
    run = Run.create(tmp_path / "runs", small)
    assert run.folder.name == "small-001"
    assert Run.create(tmp_path / "runs", small).folder.name == "small-002"
    assert files_of(run) == ["config.yml", "environment.json"]
    assert Run(run.folder).config == small
    noted = json.loads((run.folder / "environment.json").read_text(encoding="utf-8"))
    assert {"fingerprint", "seed", "time", "command", "python", "numpy", "platform", "cores", "git"} <= set(noted)
    assert (noted["seed"], noted["fingerprint"], noted["numpy"]) == (5, fingerprint(small), np.__version__)
    history = train(run)
    assert files_of(run) == ["checkpoint.npz", "config.yml", "environment.json", "metrics.jsonl", "model.npz"]
    rows = run.rows()
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4]
    for name, values in history.items():
        assert [row[name] for row in rows] == values
    model = Run(run.folder).model()
    assert not model.training
    assert digest(state_dict(model)) == digest(load_arrays(run.weights))
    trainer, _, val_loader = build_trainer(small)
    trainer.model = model
    assert trainer.evaluate(val_loader)["accuracy"] == rows[-1]["val_accuracy"]


def test_git_state(tmp_path):
    assert module.git_state(tmp_path) is None or "commit" in module.git_state(tmp_path)
    assert module.git_state(tmp_path / "none") is None


@pytest.mark.parametrize("name", ["mlp", "cnn"])
@pytest.mark.parametrize("cuts", [[(1, 1)], [(2, 7)], [(2, 1), (2, 2), (4, 7)]])
def test_whenever_it_is_stopped_it_ends_with_the_same_bits(tmp_path, small, name, cuts):
    small = changed(small, {"model.name": name, "optimizer.schedule": "one_cycle"})
    calm = Run.create(tmp_path, small)
    train(calm)
    disturbed = Run.create(tmp_path, small)
    for cut in cuts:
        with pytest.raises(PowerCut):
            train(disturbed, report=cut_at(*cut))
        assert not disturbed.weights.exists()
        assert len(disturbed.rows()) == cut[0] - 1
        disturbed = Run(disturbed.folder)
    assert train(disturbed) == {key: [row[key] for row in calm.rows()] for key in calm.rows()[0] if key != "epoch"}
    assert disturbed.rows() == calm.rows()
    assert digest(load_arrays(disturbed.weights)) == digest(load_arrays(calm.weights))


def test_called_again_it_mends_what_is_missing_and_trains_nothing(tmp_path, small):
    run, calls = Run.create(tmp_path, small), []
    first = train(run)
    rows, weights, checkpoint = run.rows(), load_arrays(run.weights), run.checkpoint.read_bytes()
    assert train(run) == first, "nothing is missing: the history of all epochs all the same"
    run.weights.unlink()
    run.metrics.write_text(json.dumps(rows[0]) + "\n" + json.dumps(rows[1])[:-5], encoding="utf-8")  # torn
    again = Run(run.folder)
    history = train(again, report=lambda *now: calls.append(now))
    assert calls == []
    assert again.rows() == rows
    assert len(history["loss"]) == 4
    assert digest(load_arrays(again.weights)) == digest(weights)
    assert again.checkpoint.read_bytes() == checkpoint


def test_early_stopping_holds_after_a_stop(tmp_path, small):
    small = changed(small, {"train.patience": 1, "train.epochs": 30, "optimizer.lr": 3.0})
    run = Run.create(tmp_path, small)
    train(run)
    epochs = len(run.rows())
    assert epochs < 30
    train(run)
    assert len(run.rows()) == epochs


def test_reports(tmp_path, small):
    calls = []
    train(Run.create(tmp_path, small), lambda *now: calls.append(now[:3]))
    assert calls == [(epoch, step, 7) for epoch in range(1, 5) for step in range(1, 8)]


PROGRAM = "import sys; from tinytorch.core.config import main; sys.exit(main(sys.argv[1:]))"


def command_line(folder, *arguments, **environment):
    """train.py in a process of its own."""
    package = Path(module.__file__).parents[2] if Path(module.__file__).parents[1].name == "tinytorch" else None
    paths = os.pathsep.join([*([str(package)] if package else []), *filter(None, [os.environ.get("PYTHONPATH")])])
    env = {**os.environ, **environment, **({"PYTHONPATH": paths} if paths else {})}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], cwd=folder, env=env, capture_output=True, text=True
    )


def test_the_same_bits_in_every_process(tmp_path, small):
    """Other processes, other salts of hash(), other numbers of threads; one of them was stopped and goes on."""
    save_config(tmp_path / "small.yml", small)
    here = Run.create(tmp_path / "here", small)
    train(here)
    for salt, threads in (("1", "1"), ("2", "2")):
        done = command_line(
            tmp_path, "small.yml", PYTHONHASHSEED=salt, OPENBLAS_NUM_THREADS=threads, OMP_NUM_THREADS=threads
        )
        assert done.returncode == 0, done.stderr
    stopped = Run.create(tmp_path / "runs", small)
    with pytest.raises(PowerCut):
        train(stopped, cut_at(3, 2))
    done = command_line(tmp_path, "runs/small-003", PYTHONHASHSEED="3")
    assert done.returncode == 0, done.stderr
    for number in (1, 2, 3):
        run = Run(tmp_path / "runs" / f"small-00{number}")
        assert digest(load_arrays(run.weights)) == digest(load_arrays(here.weights)), "another process, other weights"
        assert run.rows() == here.rows()
    assert digest(load_arrays(here.weights)) in done.stdout


def test_command_line(tmp_path, small, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    save_config("small.yml", small)
    assert module.main(["small.yml", "train.epochs=1", "name=short"]) == 0
    assert len(Run("runs/short-001").rows()) == 1
    assert "short-001" in capsys.readouterr().out
    assert module.main(["small.yml", "train.epoch=1"]) == 2
    assert capsys.readouterr().err == "command line: train.epoch: unknown, did you mean epochs?\n"
    assert module.main(["none.yml"]) == 2
    assert "none.yml" in capsys.readouterr().err


# --- search --------------------------------------------------------------------------------------


def test_grid():
    trials = grid({"b": [1, 2], "a": ["x", [3], None]})
    assert trials == [{"b": b, "a": a} for b, a in itertools.product([1, 2], ["x", [3], None])]
    assert [list(trial) for trial in trials] == [["b", "a"]] * 6
    assert grid({}) == [{}]
    assert grid({"a": [1], "b": []}) == []
    for values in (3, "abc", {"log": [1, 2]}, (1, 2)):
        with pytest.raises(ValueError, match="rate"):
            grid({"a": [1], "rate": values})


PLACES = st.floats(0, 1, exclude_max=True)


@given(PLACES, st.floats(1e-6, 1), st.floats(1, 1e3))
def test_numbers_from_ranges(u, low, high):
    assert draw_value({"uniform": [low, high]}, u) == pytest.approx(low + u * (high - low))
    value = draw_value({"log": [low, high]}, u)
    assert math.log(value) == pytest.approx(math.log(low) + u * math.log(high / low), abs=1e-9)


@given(PLACES, st.integers(-9, 9), st.integers(0, 9))
def test_whole_numbers_and_choices(u, low, more):
    value = draw_value({"integers": [low, low + more]}, u)
    assert type(value) is int
    assert value == low + math.floor(u * (more + 1))
    letters = list("abcdefghij")[: more + 1]
    assert draw_value(letters, u) == letters[math.floor(u * (more + 1))]


def test_unknown_ranges():
    with pytest.raises(ValueError):
        draw_value({"normal": [0, 1]}, 0.5)


def test_random_trials():
    space = {"x": {"uniform": [0, 1]}, "y": ["a", "b", "c"], "z": {"log": [0.01, 100]}}
    trials = random_trials(space, seed=9, count=20)
    assert len(trials) == 20
    assert random_trials(space, 9, 7) == trials[:7]
    assert random_trials(space, 10, 7) != trials[:7]
    numbers = stream(9, "trial 12")
    assert trials[12] == {name: draw_value(values, numbers.random()) for name, values in space.items()}
    assert len({trial["x"] for trial in trials}) == 20
    assert {trial["y"] for trial in trials} == {"a", "b", "c"}


def test_search_goes_on_and_keeps_to_its_budget(tmp_path):
    path, seen, now = tmp_path / "table.jsonl", [], [100.0]

    def measure(trial):
        seen.append(trial["x"])
        now[0] += 10
        if trial["x"] == 2:
            raise FloatingPointError("step 5: the loss is nan")
        return {"score": np.float32(trial["x"])}

    def go(trials, **options):
        return search(trials, measure, path, clock=lambda: now[0], **options)

    trials = grid({"x": [0, 1, 2, 3, 4, 5, 6]})
    assert go(trials, budget=0) == []
    assert go(trials, budget=2) == [{"trial": {"x": 0}, "score": 0.0}, {"trial": {"x": 1}, "score": 1.0}]
    assert go(trials, seconds=20)[2:] == [
        {"trial": {"x": 2}, "error": "step 5: the loss is nan"},
        {"trial": {"x": 3}, "score": 3.0},
    ]
    assert len(go(trials, seconds=0)) == 4
    assert len(go(trials, seconds=5)) == 5
    assert len(go(trials * 2, budget=9)) == 7
    assert seen == [0, 1, 2, 3, 4, 5, 6], "each trial once, those that failed, too"
    assert go(trials) == read_rows(path)


def test_a_trial_that_failed_counts_in_the_budget(tmp_path):
    def measure(trial):
        raise FloatingPointError("the loss is nan")

    path, trials = tmp_path / "t.jsonl", grid({"x": [0, 1, 2, 3]})
    assert [len(search(trials, measure, path, budget=budget)) for budget in (1, 2)] == [1, 3]


def test_a_search_is_no_net_for_bugs(tmp_path):
    def measure(trial):
        if trial["x"] == 1:
            raise KeyError("a bug")
        return {}

    with pytest.raises(KeyError):
        search(grid({"x": [0, 1, 2]}), measure, tmp_path / "t.jsonl")
    assert read_rows(tmp_path / "t.jsonl") == [{"trial": {"x": 0}}]


def test_a_search_that_was_stopped_while_it_wrote(tmp_path):
    path, trials = tmp_path / "t.jsonl", grid({"x": [0, 1, 2]})
    path.write_text('{"trial": {"x": 0}, "y": 7}\n{"trial": {"x": 1}, "y"', encoding="utf-8")
    wanted = [{"trial": {"x": 0}, "y": 7}, {"trial": {"x": 1}, "y": 1}, {"trial": {"x": 2}, "y": 2}]
    assert search(trials, lambda trial: {"y": trial["x"]}, path) == wanted


def test_a_real_search(tmp_path, small):
    space = {"optimizer.lr": [0.01, 0.1], "train.epochs": [1, 2]}
    rows = search(grid(space), module.experiment(small, tmp_path / "runs"), tmp_path / "t.jsonl")
    assert [row["run"] for row in rows] == [f"small-00{i}" for i in (1, 2, 3, 4)]
    run = Run(tmp_path / "runs" / "small-004")
    assert (run.config.optimizer.lr, run.config.train.epochs) == (0.1, 2)
    assert run.rows()[-1]["val_loss"] == rows[3]["val_loss"]


def test_results_table():
    rows = [
        {"trial": {"lr": 0.1}, "run": "a-001", "val_accuracy": 0.5, "seconds": 1},
        {"trial": {"lr": 2.0, "x": [1]}, "error": "nan"},
        {"trial": {"lr": 0.3}, "run": "a-002", "val_accuracy": 0.75, "seconds": 2.0},
        {"trial": {"lr": 0.4}, "run": "a-003", "val_accuracy": None},
    ]
    best = module.best_first(rows)
    assert [row["trial"]["lr"] for row in best] == [0.3, 0.1, 2.0, 0.4]
    lines = module.results_table(best, columns=["val_accuracy", "seconds"]).split("\n")
    assert lines[0] == "| run | lr | x | val_accuracy | seconds |"
    assert lines[2] == "| a-002 | 0.3 |  | 0.75 | 2 |"
    assert lines[4] == "| - | 2 | [1] | nan | nan |"


def test_all_of_a_config_is_plain_data():
    assert json.loads(json.dumps(asdict(Config()))) == asdict(Config())


@pytest.mark.parametrize("text", ["010", "-010", "+017", "1:30", "12:30:45", "-1:30", "08", "0_7", "1:30.5"])
def test_no_number_is_octal_or_sexagesimal(text, write):
    for value in (
        module.parse_value(text),
        module.read_yaml(write(f"seed: {text}"))[0]["seed"],
        module.parse_value(f"[{text}]")[0],
    ):
        assert value == text
    with pytest.raises(ConfigError, match="seed"):
        load_config(write(f"seed: {text}"))
    with pytest.raises(ConfigError, match="seed"):
        load_config(write(""), [f"seed={text}"])


@pytest.mark.parametrize(
    "text", ["0", "-3", "10", "1_000", "0x1F", "0b11", "0.5", "-1.5e+3", "1e-3", "true", "null", "a:b"]
)
def test_all_else_is_what_yaml_says(text):
    assert module.parse_value(text) == yaml.safe_load(text)
