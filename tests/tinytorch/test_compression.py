"""Compression: masks, int8 and distillation as PyTorch has them, and files that bring back what was saved."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tinytorch.core import cnn
from tinytorch.core import compression as c
from tinytorch.core.cnn import AvgPool2d, BatchNorm2d, Conv2d, Flatten, MaxPool2d, conv2d
from tinytorch.core.data import ArrayDataset, DataLoader
from tinytorch.core.mlp import CrossEntropyLoss, Dropout, Linear, Module, ReLU, Sequential, Sigmoid, Tanh
from tinytorch.core.profiling import Machine
from tinytorch.core.tensor import Tensor, listeners
from tinytorch.core.training import SGD, Trainer, evaluate, save_arrays, state_dict

GOLDEN = np.load(Path(__file__).parent / "goldens" / "compression.npz")
AMOUNTS = (0.0, 0.25, 0.5, 0.9)
quickly = settings(max_examples=60, deadline=None)


def same(what, got, want, rtol=1e-9, atol=1e-12):
    got = got.data if isinstance(got, Tensor) else np.asarray(got)
    assert got.shape == np.shape(want), f"{what}: shape {got.shape} instead of {np.shape(want)}"
    np.testing.assert_allclose(got, want, rtol=rtol, atol=atol, err_msg=f"{what} is not what PyTorch computes")


def network(seed=0, norm=True):
    rng = np.random.default_rng(seed)
    layers = [Conv2d(1, 4, 3, padding=1, rng=rng), *([BatchNorm2d(4)] * norm), ReLU(), MaxPool2d(2)]
    return Sequential(*layers, Flatten(), Linear(16, 6, rng), Sigmoid(), Linear(6, 3, rng))


def images(n=20, seed=1):
    return np.random.default_rng(seed).standard_normal((n, 1, 4, 4)).astype(np.float32)


# --- pruning -------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", AMOUNTS)
def test_masks_as_in_pytorch(amount):
    weights = [GOLDEN[f"prune.weight{i}"] for i in range(3)]
    for i, weight in enumerate(weights):
        np.testing.assert_array_equal(c.l1_mask(weight, amount), GOLDEN[f"prune.l1.{i}.{amount}"])
        if weight.ndim > 1:
            np.testing.assert_array_equal(c.unit_mask(weight, amount), GOLDEN[f"prune.units.{i}.{amount}"])
    for i, mask in enumerate(c.global_masks(weights, amount)):
        np.testing.assert_array_equal(mask, GOLDEN[f"prune.global.{i}.{amount}"])


@quickly
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=40), st.floats(0, 1))
def test_a_mask_keeps_the_largest(numbers, amount):
    weight = np.array(numbers, float)
    mask = c.l1_mask(weight, amount)
    assert mask.dtype == bool
    assert (~mask).sum() == round(amount * weight.size)
    if mask.any() and not mask.all():
        assert np.abs(weight[mask]).min() >= np.abs(weight[~mask]).max()
    level = np.abs(weight) == (np.abs(weight[mask]).min() if mask.any() else -1)
    assert (np.diff(mask[level].astype(int)) >= 0).all(), "of equal ones, the first are pruned"


def test_shares_that_are_none():
    for amount in (-0.1, 1.1):
        with pytest.raises(ValueError):
            c.l1_mask(np.ones(3), amount)


@pytest.mark.parametrize("scope", ["global", "layer"])
def test_pruned_weights_stay_zero_in_training(scope):
    model = network()
    pruner, biases = c.Pruner(model), [layer.bias.data.copy() for layer in model.layers if hasattr(layer, "bias")]
    assert pruner.sparsity == 0
    assert list(pruner.masks) == ["layers.0.weight", "layers.5.weight", "layers.7.weight"]
    arrays = {name: tensor.data for name, tensor in pruner.weights.items()}
    pruner.prune(0.75, scope)
    assert abs(pruner.sparsity - 0.75) < 0.02
    for before, layer in zip(biases, [layer for layer in model.layers if hasattr(layer, "bias")], strict=True):
        np.testing.assert_array_equal(before, layer.bias.data)
    zeros = {name: array == 0 for name, array in arrays.items()}
    if scope == "layer":
        assert [int(zero.sum()) for zero in zeros.values()] == [27, 72, round(0.75 * 18)]
    loader = DataLoader(ArrayDataset(images(), np.arange(20) % 3), 5)
    Trainer(model, CrossEntropyLoss(), SGD(model.parameters(), 0.1, momentum=0.9)).fit(loader, report=pruner)
    for name, tensor in pruner.weights.items():
        assert tensor.data is arrays[name], f"{name} got another array: an optimizer would hold on to the old one"
        np.testing.assert_array_equal(tensor.data == 0, zeros[name], err_msg=name)
    pruner.prune(0.9, scope)
    assert all((arrays[name][zeros[name]] == 0).all() for name in arrays), (
        "what is pruned is smallest, and stays pruned"
    )


@quickly
@given(st.lists(st.integers(0, 5), max_size=3), st.sampled_from(["f4", "f8", "i1"]), st.integers(0, 9))
def test_sparse_there_and_back(shape, dtype, seed):
    array = np.array(np.random.default_rng(seed).integers(-2, 3, shape), dtype)
    packed = c.pack_sparse(array)
    assert {name: value.dtype for name, value in packed.items()} == {
        "values": dtype,
        "bits": np.uint8,
        "shape": np.int64,
    }
    assert packed["bits"].size == -(-array.size // 8)
    again = c.unpack_sparse(packed)
    assert again.dtype == array.dtype
    np.testing.assert_array_equal(again, array)


def test_units_that_give_nothing_can_go():
    """Dropping units whose weights and bias are 0 changes no answer, whatever layer comes next."""
    rng = np.random.default_rng(3)
    layers = [Conv2d(1, 6, 3, rng=rng), ReLU(), Conv2d(6, 4, 2, rng=rng), ReLU(), Flatten(), Linear(36, 8, rng), ReLU()]
    model = Sequential(*layers, Linear(8, 3, rng))
    for layer in (layers[0], layers[2], layers[5]):
        dead = rng.permutation(len(layer.weight)) < len(layer.weight) // 2
        layer.weight.data[dead] = layer.bias.data[dead] = 0
    x = Tensor(rng.standard_normal((5, 1, 6, 6)).astype(np.float32))
    small = c.narrow(model, 0.5)
    same("the answer of a narrow network", small(x), model(x).data, rtol=1e-4, atol=1e-5)
    shapes = [tensor.shape for tensor in small.parameters()]
    assert shapes == [(3, 1, 3, 3), (3,), (2, 3, 2, 2), (2,), (4, 18), (4,), (3, 4), (3,)]
    assert model.layers[0].weight.shape == (6, 1, 3, 3), "the wide one stays"
    with pytest.raises(ValueError, match="fold"):
        c.narrow(network(), 0.5)


def test_the_profiler_says_what_each_layer_costs():
    model, x = network(norm=False), Tensor(images())
    rows = {row["name"]: row for row in c.layer_costs(model, x)}
    assert list(sorted(rows, key=lambda name: int(name.split()[0]))) == [
        f"{i} {type(layer).__name__}" for i, layer in enumerate(model.layers)
    ]
    assert rows["0 Conv2d"]["flops"] == 2 * 9 * 20 * 4 * 16
    assert rows["4 Linear"]["flops"] == 2 * 16 * 20 * 6
    assert rows["3 Flatten"]["flops"] == 0
    assert all(row["calls"] == 1 for row in rows.values())
    assert not listeners


def test_the_layer_that_takes_the_time_is_narrowed():
    model, x = network(norm=False), Tensor(images())
    costs = c.layer_costs(model, x)
    for order in (["1", "4", "0", "6"], ["6", "0", "4", "3"]):  # slowest first; only 0 and 4 can lose units
        seconds = {place: 1.0 / rank for rank, place in enumerate(order, 1)}
        rows = [{**row, "seconds": seconds.get(row["name"][0], 0.0)} for row in costs]
        assert c.layer_to_narrow(model, rows, Machine(1e9, 1e9, 0.0)) == int(order[1]), order
    assert c.layer_to_narrow(model, costs, Machine(1e12, 1e12, 1.0)) is None, "calls cost more than all else"
    small = c.narrow(model, 0.5, only=4)
    assert [tensor.shape[0] for tensor in small.parameters()] == [4, 4, 3, 3, 3, 3]
    assert {row["name"]: row["flops"] for row in c.layer_costs(small, x)}["4 Linear"] == 2 * 16 * 20 * 3
    assert small.layers[0].weight.data.tolist() == model.layers[0].weight.data.tolist()


# --- int8 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["affine", "symmetric"])
@pytest.mark.parametrize("name", ["both", "positive", "negative", "filters", "zeros"])
def test_int8_as_in_pytorch(name, word):
    x = GOLDEN[f"int8.{name}"]
    rows = x.reshape(len(x), -1)
    ranges = {"tensor": (None, x.min(), x.max()), "channel": (0, rows.min(axis=1), rows.max(axis=1))}
    for what, (axis, low, high) in ranges.items():
        case = f"int8.{name}.{word}.{what}"
        scale, zero_point = c.choose_qparams(low, high, symmetric=word == "symmetric")
        same(f"scale of {case}", scale, GOLDEN[f"{case}.scale"], rtol=1e-6)
        np.testing.assert_array_equal(zero_point, GOLDEN[f"{case}.zero_point"], err_msg=case)
        assert (np.asarray(scale).dtype, np.asarray(zero_point).dtype) == (np.float32, np.int32)
        q = c.quantize(x, scale, zero_point, axis)
        assert q.dtype == np.int8
        steps = np.abs(x / c.along(scale, axis, x.ndim))
        halves = np.abs(steps % 1 - 0.5) < 1e-4  # where the last digit of a float32 decides
        np.testing.assert_array_equal(q[~halves], GOLDEN[f"{case}.q"][~halves], err_msg=case)
        assert np.abs(q.astype(int) - GOLDEN[f"{case}.q"]).max() <= 1, case
        back = c.dequantize(GOLDEN[f"{case}.q"], scale, zero_point, axis)
        assert back.dtype == np.float32
        same(f"{case}, back", back, GOLDEN[f"{case}.back"], rtol=1e-5, atol=1e-7)


@quickly
@given(st.floats(-100, 100), st.floats(0, 100), st.booleans(), st.integers(2, 8), st.integers(0, 99))
def test_off_by_half_a_step_at_most(low, width, symmetric, bits, seed):
    scale, zero_point = c.choose_qparams(low, low + width, symmetric, bits)
    x = np.random.default_rng(seed).uniform(low, low + width, (3, 4))
    q = c.quantize(x, scale, zero_point, bits=bits)
    assert -(2 ** (bits - 1)) <= q.min()
    assert q.max() < 2 ** (bits - 1)
    # the zero point is rounded as well, so that the ends of the range may be another half step off
    assert np.abs(c.dequantize(q, scale, zero_point) - x).max() <= scale * 1.001
    zero = c.quantize(np.zeros(1), scale, zero_point, bits=bits)
    assert c.dequantize(zero, scale, zero_point).item() == 0, "0.0 has a whole number of its own"


def test_rounding_and_clipping():
    np.testing.assert_array_equal(c.quantize(np.array([0.5, 1.5, -0.5, 300, -300]), 1.0, 0), [0, 2, 0, 127, -128])
    assert c.dequantize(np.array([127], np.int8), 0.5, -128).item() == 127.5
    rows = np.array([[1.0, -1.0], [10.0, -10.0]])
    scales, points = np.array([0.1, 1.0]), np.array([0, 5])
    np.testing.assert_array_equal(c.quantize(rows, scales, points, axis=1), [[10, 4], [100, -5]])
    np.testing.assert_allclose(c.dequantize(np.array([[10, 4], [100, -5]], np.int8), scales, points, axis=1), rows)


@quickly
@given(st.integers(1, 5), st.sampled_from([1, 7, 1024, 2500]), st.integers(1, 5), st.booleans(), st.integers(0, 99))
def test_products_of_whole_numbers_are_exact(n, k, m, each, seed):
    rng = np.random.default_rng(seed)
    x, weight = rng.integers(-128, 128, (n, k)).astype(np.int8), rng.integers(-128, 128, (m, k)).astype(np.int8)
    x_point, points = int(rng.integers(-128, 128)), rng.integers(-128, 128, m if each else ()).astype(np.int32)
    got = c.quantized_matmul(x, weight, x_point, points)
    want = (x.astype(np.int64) - x_point) @ (weight.astype(np.int64) - points.reshape(-1, 1)).T
    assert got.dtype == np.int32
    np.testing.assert_array_equal(got, want)


def test_the_kernel_takes_int8_alone():
    with pytest.raises(TypeError, match="int32"):
        c.int8_matmul(np.ones((2, 2), np.int8), np.ones((2, 2), np.int32))


@pytest.mark.parametrize("name", ["linear", "conv"])
def test_layers_in_int8_as_in_pytorch(name):
    arrays = [GOLDEN[f"{name}.{what}"] for what in ("x", "weight", "bias")]
    pairs = 0.02, 17, GOLDEN[f"{name}.scales"], GOLDEN[f"{name}.points"]
    if name == "linear":
        got = c.quantized_linear(*arrays, *pairs)
    else:
        got = c.quantized_conv2d(*arrays, *pairs, stride=2, padding=1)
    same(name, got, GOLDEN[f"{name}.out"])
    small = arrays[0].astype(np.float32)
    function = c.quantized_linear if name == "linear" else c.quantized_conv2d
    assert function(small, *arrays[1:], *pairs).dtype == np.float32


@pytest.mark.parametrize("chunk", [1, 1 << 20])
def test_a_convolution_of_one_scale_and_no_square(chunk, monkeypatch):
    monkeypatch.setattr(cnn, "CHUNK", chunk)  # 1: each image is a chunk
    rng = np.random.default_rng(0)
    x, weight = rng.standard_normal((2, 3, 5, 8)), rng.integers(-128, 128, (4, 3, 2, 3)).astype(np.int8)
    got = c.quantized_conv2d(x, weight, np.zeros(4), 0.02, -9, 0.5, 3, stride=1, padding=2)
    seen = c.dequantize(c.quantize(x, 0.02, -9), 0.02, -9)
    same("a convolution", got, conv2d(seen, c.dequantize(weight, 0.5, 3), np.zeros(4), padding=2), rtol=1e-6, atol=1e-8)


def test_observers_hear_of_every_batch():
    model = network()
    model.train()
    x = [Tensor(images(6)), Tensor(3 * images(3, seed=2)), Tensor(images(2, seed=3))]
    seen = {}

    def listen(function, inputs, options, out, seconds):
        if function.__name__ in ("linear", "conv2d"):
            seen.setdefault(inputs[1].shape, []).append(inputs[0].data)

    before = state_dict(model)
    ranges = c.calibrate(model, x)
    listeners.append(listen)
    try:
        for batch in x:
            model.eval()(batch)
    finally:
        listeners.remove(listen)
    assert list(ranges) == ["layers.0", "layers.5", "layers.7"]
    for (low, high), arrays in zip(ranges.values(), seen.values(), strict=True):
        assert type(low) is type(high) is float
        assert low == min(array.min() for array in arrays)
        assert high == max(array.max() for array in arrays)
    assert model.train().training
    assert not listeners
    for name, array in state_dict(model).items():
        np.testing.assert_array_equal(array, before[name], err_msg="calibration changed the model")
    numbers = Tensor(np.arange(101, dtype=np.float32).reshape(-1, 1))
    assert c.calibrate(Sequential(Linear(1, 2)), [(numbers, None)], share=0.1)["layers.0"] == pytest.approx((10, 90))


@pytest.mark.parametrize("per_channel", [True, False])
def test_quantized_layers(per_channel):
    rng = np.random.default_rng(0)
    layer, conv = Linear(9, 4, rng), Conv2d(3, 4, 3, stride=2, padding=1, rng=rng)
    for kind, wide in ((c.QuantizedLinear, layer), (c.QuantizedConv2d, conv)):
        small = kind.from_float(wide, -1.0, 3.0, per_channel)
        weight, rows = wide.weight.data, wide.weight.data.reshape(4, -1)
        axis, along = (0, 1) if per_channel else (None, None)
        scale, point = c.choose_qparams(rows.min(axis=along), rows.max(axis=along), symmetric=True)
        same("scales of the weight", small.weight_scale, scale)
        np.testing.assert_array_equal(small.weight_zero_point.data, point)
        np.testing.assert_array_equal(small.weight.data, c.quantize(weight, scale, point, axis))
        same("scale of the input", small.x_scale, np.float32(4 / 255), rtol=1e-6)
        assert small.x_zero_point.item() == -64
        dtypes = {name: str(array.dtype) for name, array in state_dict(small).items()}
        floats = dict.fromkeys(("bias", "weight_scale", "x_scale"), "float32")
        assert dtypes == floats | {"weight": "int8", "weight_zero_point": "int32", "x_zero_point": "int32"}
        np.testing.assert_array_equal(small.bias.data, wide.bias.data)
        wide.bias.data += 1
        assert not np.array_equal(small.bias.data, wide.bias.data), "the bias must be a copy"
        wide.bias.data -= 1
        shape = (5, 9) if wide is layer else (5, 3, 7, 7)
        x = Tensor(rng.uniform(-1, 3, shape).astype(np.float32))
        assert np.abs(small(x).data - wide(x).data).max() < 0.1
        assert small(x).dtype == np.float32
        assert small.parameters() == [], "nothing to learn"


@pytest.mark.parametrize("per_channel", [True, False])
def test_files_bring_back_the_model(tmp_path, per_channel):
    model, x, path = network(), Tensor(images()), tmp_path / "model.npz"
    model(x)
    folded = c.fold(model)
    pruner = c.Pruner(sparse := network(1))
    pruner.prune(0.8)
    small = c.convert(folded, c.calibrate(folded, [x]), per_channel)
    for saved in (model.eval(), folded, sparse.eval(), small):
        c.save_model(path, saved)
        again = c.load_model(path)
        assert [type(layer) for layer in again.layers] == [type(layer) for layer in saved.layers]
        assert not again.training
        np.testing.assert_array_equal(again(x).data, saved(x).data)
    assert np.abs(small(x).data - folded(x).data).max() < 0.05
    with np.load(path, allow_pickle=False) as file:
        assert sorted(file.files) == ["model.layers", "model.numbers", "model.table"]


def test_files_bring_back_layers_with_options(tmp_path):
    model = Sequential(AvgPool2d(3, 1), Tanh(), Dropout(0.25), Sequential(Flatten(), Linear(2 * 3 * 4, 3))).eval()
    c.save_model(tmp_path / "model.npz", model)
    again, x = c.load_model(tmp_path / "model.npz"), Tensor(np.arange(60, dtype=np.float32).reshape(1, 2, 5, 6))
    assert [type(layer) for layer in again.layers] == [type(layer) for layer in model.layers]
    assert again.layers[2].p == 0.25
    np.testing.assert_array_equal(again(x).data, model(x).data)


def test_pruned_weights_take_fewer_bytes_in_a_file(tmp_path):
    model = Sequential(Linear(200, 100), ReLU(), Linear(100, 10))
    c.save_model(tmp_path / "whole.npz", model)
    c.Pruner(model).prune(0.8)
    c.save_model(tmp_path / "pruned.npz", model)
    small = c.convert(model, c.calibrate(model, [Tensor(np.ones((3, 200), np.float32))]))
    c.save_model(tmp_path / "int8.npz", small)
    whole, pruned, int8 = ((tmp_path / f"{name}.npz").stat().st_size for name in ("whole", "pruned", "int8"))
    assert pruned < 0.3 * whole
    assert int8 < 0.15 * whole, "int8, and only those that are not 0"


def test_files_that_do_not_fit(tmp_path):
    class Own(Module):
        def forward(self, x):
            return x

    with pytest.raises(ValueError, match="Own"):
        c.save_model(tmp_path / "own.npz", Sequential(Own()))
    save_arrays(tmp_path / "arrays.npz", {"layers.0.weight": np.ones(3)})
    with pytest.raises(ValueError, match="save_model"):
        c.load_model(tmp_path / "arrays.npz")
    parts = {"layers": c.as_bytes({"type": "Attention"}), "table": c.as_bytes([]), "numbers": np.zeros(0, np.uint8)}
    save_arrays(tmp_path / "new.npz", {f"model.{name}": part for name, part in parts.items()})
    with pytest.raises(ValueError, match="Attention"):
        c.load_model(tmp_path / "new.npz")
    with pytest.raises(KeyError):
        c.convert(network(), {})


# --- folding -------------------------------------------------------------------------------------


def test_folding_as_in_pytorch():
    norm = BatchNorm2d(5, eps=0.01)
    norm.running_mean.data, norm.running_var.data = GOLDEN["fold.2"], GOLDEN["fold.3"]
    norm.weight.data, norm.bias.data = GOLDEN["fold.4"], GOLDEN["fold.5"]
    weight, bias = c.fold_batch_norm(GOLDEN["fold.0"], GOLDEN["fold.1"], norm)
    same("the folded weight", weight, GOLDEN["fold.weight"])
    same("the folded bias", bias, GOLDEN["fold.bias"])


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("pooled", [True, False])
def test_folding_changes_no_answer(pooled, sign):
    norm = BatchNorm2d(4)
    norm.weight.data[1] = sign * 0.5
    model = Sequential(Conv2d(1, 4, 3), *([MaxPool2d(2)] * pooled), norm, ReLU())
    x = Tensor(images(30, seed=5) * 4)
    model(x)
    folded = c.fold(model)
    kept = pooled and sign < 0  # the largest number times a negative one is the smallest
    assert len(folded.layers) == len(model.layers) - (not kept)
    same("the answer of a folded network", folded(x), model.eval()(x).data, rtol=1e-4, atol=1e-5)
    assert isinstance(model.layers[-2], BatchNorm2d), "the model itself stays"


# --- distillation --------------------------------------------------------------------------------


@pytest.mark.parametrize(("T", "alpha"), [(1.0, 1.0), (4.0, 0.5), (2.5, 0.9), (3.0, 0.0)])
def test_distillation_as_in_pytorch(T, alpha):
    given = [GOLDEN[f"distil.{name}"] for name in ("logits", "teacher", "labels")]
    loss = c.distillation_loss(*given, T, alpha)
    same("the loss", loss, GOLDEN[f"distil.{T}.{alpha}.loss"])
    dlogits, *others = c.distillation_loss_backward(2.0, loss, *given, T, alpha)
    same("its gradient", dlogits, 2 * GOLDEN[f"distil.{T}.{alpha}.grad"])
    assert others == [None, None]
    logits = Tensor(given[0], requires_grad=True)
    c.DistillationLoss(T, alpha)(logits, given[2], Tensor(given[1])).backward()
    same("the gradient through the graph", logits.grad, GOLDEN[f"distil.{T}.{alpha}.grad"])
    small = [array.astype(np.float32) for array in given[:2]]
    assert c.distillation_loss(*small, given[2], T, alpha).dtype == np.float32


def test_very_sure_teachers():
    sure, labels = np.array([[1000.0, 0.0], [0.0, 1000.0]]), np.array([0, 1])
    assert c.distillation_loss(sure, sure, labels, 1.0, 0.5) == 0
    assert np.isfinite(c.distillation_loss(sure, -sure, labels, 1.0, 0.5))


def test_a_student_learns_from_answers_alone():
    x = images(60)
    teacher = network(norm=False)
    train = DataLoader(ArrayDataset(x, np.zeros(60, int)), 10)
    logits = 5 * c.answers(teacher, train)
    same("answers", c.answers(teacher, [(Tensor(x),)]) * 5, logits, rtol=1e-4, atol=1e-5)
    student = Sequential(Flatten(), Linear(16, 3, np.random.default_rng(2)))
    before = (student(Tensor(x)).data.argmax(axis=1) == logits.argmax(axis=1)).mean()
    loader, calls = DataLoader(ArrayDataset(x, np.zeros(60, int), logits), 10, shuffle=True), []
    loss_fn = c.DistillationLoss(2.0, alpha=1.0)
    trainer = c.Distiller(student, loss_fn, SGD(student.parameters(), 0.1))
    history = trainer.fit(loader, train, epochs=15, report=lambda *values: calls.append(values))
    after = (student(Tensor(x)).data.argmax(axis=1) == logits.argmax(axis=1)).mean()
    assert after > max(before, 0.7)
    assert history["loss"][-1] < history["loss"][0]
    assert [call[:3] for call in calls[:6]] == [(1, i, 6) for i in range(1, 7)]
    plain = evaluate(student, CrossEntropyLoss(), train)["loss"]
    assert evaluate(student, loss_fn, train)["loss"] == pytest.approx(plain), (
        "without a teacher it is the cross-entropy"
    )


# --- the race ------------------------------------------------------------------------------------


@quickly
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 2)), max_size=12))
def test_pareto_front(rows):
    costs = np.array(rows, float).reshape(-1, 3)
    front = c.pareto_front(costs)
    assert front.dtype == bool
    assert front.shape == (len(costs),)
    for i, own in enumerate(costs):
        beaten = any(all(other <= own) and any(other < own) for other in costs)
        assert front[i] == (not beaten)


@pytest.mark.parametrize("which", [0, 2])
def test_a_layer_that_is_used_twice_is_converted_for_both_uses(which):
    layer = Linear(4, 4, np.random.default_rng(0))
    model = Sequential(layer, ReLU(), layer)
    x = np.random.default_rng(1).random((20, 4)).astype(np.float32)
    quantized = c.convert(model, c.calibrate(model, [Tensor(x)]))
    assert type(quantized.layers[which]) is c.QuantizedLinear
    same("outputs", quantized(Tensor(x)), model(Tensor(x)).data, rtol=0, atol=0.05)


def test_labels_that_are_no_class_are_refused_by_distillation():
    logits = Tensor(np.zeros((2, 3), np.float32))
    for teacher in (None, logits):
        with pytest.raises(ValueError, match=r"\w"):
            c.DistillationLoss()(logits, np.array([0, -1]), teacher)
