"""MLP: the exported layers against PyTorch's numbers, and by what they promise."""

from pathlib import Path

import numpy as np
import pytest
from tinytorch.core import mlp
from tinytorch.core.mlp import (
    CrossEntropyLoss,
    Dropout,
    Linear,
    Module,
    MSELoss,
    ReLU,
    Residual,
    Sequential,
    Sigmoid,
    Tanh,
)
from tinytorch.core.tensor import Tensor

GOLDEN = np.load(Path(__file__).parent / "goldens" / "mlp.npz")


def case(name):
    """The arrays of one golden case, by their short names."""
    return {key.partition(".")[2]: GOLDEN[key] for key in GOLDEN.files if key.startswith(f"{name}.")}


def same(what, got, want, rtol=1e-9, atol=1e-12):
    got = got.data if isinstance(got, Tensor) else np.asarray(got)
    assert got.shape == np.shape(want), f"{what}: shape {got.shape} instead of {np.shape(want)}"
    np.testing.assert_allclose(got, want, rtol=rtol, atol=atol, err_msg=f"{what} is not what PyTorch computes")


def gradients(f_backward, count, *args):
    result = f_backward(*args)
    form = f"{f_backward.__name__} returns a tuple with one gradient for each of its {count} inputs"
    assert isinstance(result, tuple), f"{form}, not a {type(result).__name__}"
    assert len(result) == count, f"{form}, not {len(result)}"
    return result


def float64_model(case, *layers):
    """Sequential(*layers) with the golden parameters p0, p1, … in place of its own."""
    model = Sequential(*layers)
    for i, parameter in enumerate(model.parameters()):
        parameter.data = case[f"p{i}"].copy()
    return model


# --- functions against PyTorch ------------------------------------------------------------------


@pytest.mark.parametrize("name", ["linear6", "linear1", "linear5"])
def test_linear_and_its_gradients(name):
    c = case(name)
    inputs = c["x"], c["weight"], c["bias"]
    out = mlp.linear(*inputs)
    same("linear", out, c["out"])
    dx, dweight, dbias = gradients(mlp.linear_backward, 3, c["grad"], out, *inputs)
    same("dx", dx, c["dx"])
    same("dweight", dweight, c["dweight"])
    same("dbias", dbias, c["dbias"])


@pytest.mark.parametrize("name", ["relu", "sigmoid"])
def test_activation_and_its_gradient(name):
    c = case(name)
    with np.errstate(over="raise", invalid="raise"):  # an overflow is a mistake, even if the result looks right
        out = getattr(mlp, name)(c["x"])
        (dx,) = gradients(getattr(mlp, f"{name}_backward"), 1, c["grad"], out, c["x"])
    same(name, out, c["out"])
    same(f"gradient of {name}", dx, c["dx"])


@pytest.mark.parametrize("name", ["small_logits", "large_logits"])
def test_cross_entropy_and_its_gradient(name):
    c = case(name)
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        same("log_softmax", mlp.log_softmax(c["logits"]), c["log_softmax"])
        out = mlp.cross_entropy(c["logits"], c["labels"])
        same("cross_entropy", out, c["out"])
        dlogits, nothing = gradients(mlp.cross_entropy_backward, 2, c["grad"], out, c["logits"], c["labels"])
    same("dlogits", dlogits, c["dlogits"])
    assert nothing is None, "labels have no gradient: the second one is None"


@pytest.mark.parametrize("function", [mlp.relu, mlp.sigmoid, mlp.log_softmax])
def test_float32_stays_float32(function):
    x = np.linspace(-3, 3, 12, dtype=np.float32).reshape(3, 4)
    got = function(x).dtype
    assert got == np.float32, f"{function.__name__} of float32 is {got}: twice the memory, and slower"


@pytest.mark.parametrize("function", [mlp.linear, mlp.relu, mlp.sigmoid])
def test_gradients_have_the_dtype_of_their_inputs(function):
    inputs = [np.ones(shape, np.float32) for shape in [(5, 4), (3, 4), 3]][: 3 if function is mlp.linear else 1]
    out, f_backward = function(*inputs), getattr(mlp, f"{function.__name__}_backward")
    for i, gradient in enumerate(gradients(f_backward, len(inputs), np.ones_like(out), out, *inputs)):
        assert gradient.dtype == np.float32, f"the gradient of float32 input {i} is {gradient.dtype}"


def test_cross_entropy_has_the_dtype_of_its_logits():
    for dtype in (np.float32, np.float64):
        got = np.asarray(mlp.cross_entropy(np.zeros((2, 3), dtype), np.array([0, 2])))
        assert got.dtype == dtype, f"cross_entropy of {np.dtype(dtype)} logits is {got.dtype}"
        assert got.shape == (), f"cross_entropy is one number, this one has shape {got.shape}"


def test_the_tiny_mlp_by_hand():
    c = case("tiny")
    loss, found = mlp.mlp_gradients(*(c[name] for name in ["x", "labels", "w1", "b1", "w2", "b2"]))
    same("loss", loss, c["loss"])
    for name, gradient in zip(["w1", "b1", "w2", "b2"], found, strict=True):
        same(f"gradient of {name}", gradient, c[f"d{name}"])


def test_numeric_gradient_and_gradient_check():
    x = np.array([[0.5, -1.0, 2.0]])
    kept = x.copy()
    same("numeric gradient of sin", mlp.numeric_gradient(lambda a: np.sin(a).sum(), x), np.cos(x), rtol=1e-8)
    np.testing.assert_array_equal(x, kept, err_msg="numeric_gradient has to leave x as it was")
    assert mlp.gradient_check(mlp.sigmoid, mlp.sigmoid_backward, x) < 1e-7
    assert mlp.gradient_check(mlp.sigmoid, lambda grad, out, x: (-grad * out * (1 - out),), x) > 0.1
    with pytest.raises(ValueError, match="shape"):
        mlp.gradient_check(mlp.relu, lambda grad, out, x: (grad[0],), x)
    with pytest.raises(TypeError, match="tuple"):
        mlp.gradient_check(mlp.relu, lambda grad, out, x: grad * (x > 0), x)
    assert np.isnan(mlp.gradient_check(mlp.sigmoid, lambda grad, out, x: (grad * np.nan,), x))


def test_numeric_gradient_of_whole_numbers():
    got = mlp.numeric_gradient(lambda a: (a**2).sum(), np.array([1, 3]))
    same("numeric gradient at ints, which a small step can't change", got, np.array([2.0, 6.0]), rtol=1e-6)


def test_numeric_gradient_puts_each_number_back():
    x = np.array([2.0, 3.0, 5.0])
    got = mlp.numeric_gradient(lambda a: a.prod(), x, eps=0.5)
    same("numeric gradient of a product, with wide steps", got, np.array([15.0, 10.0, 6.0]), rtol=1e-9)


def test_linear_cost_counts():
    got = mlp.linear_cost(32, 784, 128)
    assert got["parameters"] == 784 * 128 + 128
    assert got["flops"] == 2 * 32 * 784 * 128
    assert got["bytes"] == 4 * (32 * 784 + 784 * 128 + 128 + 32 * 128)


# --- layers -------------------------------------------------------------------------------------


def test_layers_give_the_same_gradients_as_functions():
    c = case("tiny") | {f"p{i}": GOLDEN[f"tiny.{name}"] for i, name in enumerate(["w1", "b1", "w2", "b2"])}
    model, loss_fn = float64_model(c, Linear(2, 3), ReLU(), Linear(3, 2)), CrossEntropyLoss()
    same("loss", loss_fn(model(Tensor(c["x"])), c["labels"]), c["loss"])
    dx = model.backward(loss_fn.backward())
    assert isinstance(dx, Tensor), "backward returns a Tensor"
    for name, parameter in zip(["w1", "b1", "w2", "b2"], model.parameters(), strict=True):
        assert isinstance(parameter.grad, Tensor), f"the gradient of {name} is a Tensor"
        same(f"gradient of {name}", parameter.grad, c[f"d{name}"])


def test_three_steps_of_sgd():
    c = case("mlp")
    model, loss_fn = float64_model(c, Linear(6, 5), ReLU(), Linear(5, 4)), CrossEntropyLoss()
    for step in range(3):
        model.zero_grad()
        loss = loss_fn(model(Tensor(c["x"])), c["labels"])
        same(f"loss before step {step + 1}", loss, c["losses"][step])
        model.backward(loss_fn.backward())
        if step == 0:
            for i, parameter in enumerate(model.parameters()):
                same(f"gradient of parameter {i}", parameter.grad, c[f"dp{i}"])
        mlp.sgd_step(model.parameters(), float(c["lr"]))
    for i, parameter in enumerate(model.parameters()):
        same(f"parameter {i} after three steps", parameter, c[f"after{i}"])


@pytest.mark.parametrize(("layer", "name"), [(ReLU, "relu"), (Sigmoid, "sigmoid")])
def test_activation_layers(layer, name):
    c, layer = case(name), layer()
    same(name, layer(Tensor(c["x"])), c["out"])
    same(f"gradient of {name}", layer.backward(Tensor(c["grad"])), c["dx"])
    assert layer.parameters() == [], "an activation has nothing to learn"


def test_linear_starts_as_in_pytorch():
    layer = Linear(400, 300)
    for name, parameter, shape in [("weight", layer.weight, (300, 400)), ("bias", layer.bias, (300,))]:
        assert parameter.shape == shape, f"{name} has shape {parameter.shape} instead of {shape}"
        assert parameter.dtype == np.float32, f"{name} is {parameter.dtype} instead of float32"
        assert parameter.requires_grad, f"{name} needs requires_grad=True, or nothing will learn it"
        assert np.abs(parameter.data).max() <= 0.05 * (1 + 1e-6), f"{name} goes beyond 1 / sqrt(in_features)"
        assert 0.02 < parameter.data.std() < 0.04, f"{name} is not spread evenly between -0.05 and 0.05"
    a, b = (Linear(5, 4, rng=np.random.default_rng(3)).weight.data for _ in range(2))
    np.testing.assert_array_equal(a, b, err_msg="two generators with the same seed must give the same weights")


def test_linear_adds_up_gradients_until_they_are_forgotten():
    layer, x, grad = Linear(3, 2), Tensor(np.ones((4, 3), np.float32)), Tensor(np.ones((4, 2), np.float32))
    for times in (1, 2):
        layer(x)
        layer.backward(grad)
        same(f"bias.grad after {times} backward", layer.bias.grad, [4.0 * times] * 2, rtol=1e-6)
    layer.zero_grad()
    assert layer.weight.grad is None
    assert layer.bias.grad is None


def test_operations_go_through_apply():
    x = Tensor(np.ones((2, 3), np.float32))
    layers = {
        "linear": Linear(3, 4),
        "relu": Sequential(Linear(3, 4), ReLU()),
        "sigmoid": Sequential(Linear(3, 4), Sigmoid()),
    }
    for name, layer in layers.items():
        creator = layer(x).creator
        assert creator is not None, f"{name} did not go through tinytorch.core.tensor.apply"
        assert creator[0] is getattr(mlp, name)


def test_parameters_are_found_in_order_and_inside():
    inner = Sequential(Linear(2, 3), Sigmoid())
    model = Sequential(inner, Linear(3, 4))
    model(Tensor(np.ones((5, 2), np.float32)))  # what layers remember from it is not to be learned
    got = [parameter.shape for parameter in model.parameters()]
    assert got == [(3, 2), (3,), (4, 3), (4,)], f"parameters() has the shapes {got}"
    assert model.parameters()[0] is inner.parameters()[0], "parameters() must give the Tensors themselves"


def test_a_module_without_forward_says_so():
    with pytest.raises(NotImplementedError, match="Module"):
        Module()(Tensor([1.0]))


def test_labels_of_a_wrong_shape_are_refused():
    with pytest.raises(ValueError, match=r"\(3, 1\)"):
        CrossEntropyLoss()(Tensor(np.zeros((3, 2), np.float32)), np.zeros((3, 1), np.int64))


def test_tanh_and_its_layer():
    c, layer = case("tanh"), mlp.Tanh()
    same("Tanh", layer(Tensor(c["x"])), c["out"])
    same("what goes back", layer.backward(Tensor(c["grad"])), c["dx"])
    assert layer(Tensor(np.ones(2, np.float32))).dtype == np.float32


def test_mean_squared_error_and_its_gradients():
    c, loss_fn = case("mse"), MSELoss()
    loss = loss_fn(Tensor(c["prediction"]), c["target"])
    same("MSELoss", loss, c["out"])
    same("what goes back", loss_fn.backward().data * c["grad"], c["dprediction"])
    both = gradients(mlp.mse_backward, 2, c["grad"], c["out"], c["prediction"], c["target"])
    same("of both", both, [c["dprediction"], c["dtarget"]])
    assert loss_fn(Tensor(np.ones(2, np.float32)), [1, 2]).dtype == np.float32
    with pytest.raises(ValueError, match="reshape"):
        loss_fn(Tensor(np.ones((4, 1))), np.ones(4))
    with pytest.raises(ValueError, match="floats"):
        loss_fn(Tensor([1, 2]), [1, 2])


def test_dropout_drops_its_share_and_keeps_the_mean():
    layer, x = Dropout(0.3, np.random.default_rng(0)), Tensor(np.full((400, 500), 2.0, np.float32))
    out = layer(x).data
    kept = out != 0
    assert abs(kept.mean() - 0.7) < 6 * np.sqrt(0.3 * 0.7 / x.size)
    same("what is kept", out[kept], np.full(kept.sum(), 2 / 0.7), rtol=1e-6)
    assert out.dtype == np.float32
    same("and what goes back", layer.backward(Tensor(np.full(x.shape, 2.0, np.float32))), out)
    assert not np.array_equal(layer(x).data, out), "another time others are dropped"
    assert layer.eval()(x) is x
    same("in use, what goes back", layer.backward(x), x.data)
    assert Dropout(0.5).train()(Tensor([1, 2])).dtype == np.float32
    for p in (-0.1, 1, 1.5, np.nan):
        with pytest.raises(ValueError, match="share"):
            Dropout(p)


def test_a_residual_branch_adds_and_hands_back_both_ways():
    rng = np.random.default_rng(0)
    branch = Sequential(Linear(3, 5, rng), Tanh(), Linear(5, 3, rng))
    model, x = Sequential(Residual(branch), Residual(ReLU())), Tensor(rng.standard_normal((4, 3)))
    inner = x.data + branch(x).data
    same("forward", model(x), inner + np.maximum(inner, 0))
    assert model.parameters() == branch.parameters()
    grad = rng.standard_normal((4, 3))
    dx = model.backward(Tensor(grad)).data
    numeric = mlp.numeric_gradient(lambda a: (model(Tensor(a)).data * grad).sum(), x.data)
    same("backward", dx, numeric, rtol=1e-6, atol=1e-8)
    assert all(p.grad is not None for p in branch.parameters())
    assert not any(module.training for module in model.eval().modules())
    with pytest.raises(ValueError, match="one shape"):
        Residual(Linear(3, 1))(x)


# --- training -----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.int8])
@pytest.mark.parametrize("labels", [[0, -1], [0, 3], [120, 1]])
def test_labels_that_are_no_class_are_refused(labels, dtype):
    if min(labels) < 0 and dtype == np.uint8:
        labels = [0, 255]
    logits = np.zeros((2, 3), np.float32)
    for use in (CrossEntropyLoss(), mlp.accuracy):
        with pytest.raises(ValueError, match="classes go from 0 to 2"):
            use(Tensor(logits), np.array(labels, dtype))


def test_what_is_no_label_and_no_logit_is_refused():
    logits, labels = np.zeros((2, 3), np.float32), np.array([0, 2])
    wrong = [(logits, labels.astype(np.float32)), (logits, labels > 0), (logits.astype(np.uint8), labels)]
    wrong += [(logits, labels[:, None]), (logits, labels[:1]), (logits[0], labels), (logits[:, :, None], labels)]
    for use in (CrossEntropyLoss(), mlp.accuracy):
        for pair in wrong:
            with pytest.raises(ValueError, match=r"logits"):
                use(*map(Tensor, pair))


@pytest.mark.parametrize("shape", [(4,), (1, 4), (2, 3, 4), (2, 1, 3, 4), (0, 4), (2, 0, 4), (4, 4, 4)])
@pytest.mark.parametrize("outside", [1, 3, 4])
def test_all_axes_of_a_linear_layer_but_the_last_count_samples(shape, outside):
    rng = np.random.default_rng(0)
    x, weight, bias = rng.random(shape), rng.random((outside, 4)), rng.random(outside)
    out = mlp.linear(x, weight, bias)
    grad = rng.random(out.shape)
    found = mlp.linear_backward(grad, out, x, weight, bias)
    rows = mlp.linear_backward(grad.reshape(-1, outside), out, x.reshape(-1, 4), weight, bias)
    for name, one, other in zip(("dx", "dweight", "dbias"), found, rows, strict=True):
        same(name, one, other.reshape(x.shape) if name == "dx" else other)


@pytest.mark.parametrize("kind", ["bool", "uint8", "int8", "int64"])
def test_the_sigmoid_of_whole_numbers_is_that_of_floats(kind):
    numbers = np.array([0, 1, 100, 200]).astype(kind)
    out = Sigmoid()(Tensor(numbers))
    assert out.dtype == np.float32
    same("sigmoid", out, mlp.sigmoid(numbers.astype(np.float32)), rtol=1e-6)


def shared_layers():
    """Networks in which a layer is used twice, in every way in which it may be."""
    layer, relu = Linear(3, 3), ReLU()
    yield Sequential(layer, ReLU(), layer)
    yield Sequential(Linear(3, 3), relu, Linear(3, 3), relu)
    yield Sequential(Sequential(layer, ReLU()), Sequential(Sequential(layer)))


@pytest.mark.parametrize("which", range(3))
def test_a_layer_that_is_used_twice_is_learned_once_and_not_by_hand(which):
    model = list(shared_layers())[which]
    for found in (model.parameters(), list(model.modules())):
        assert len({id(one) for one in found}) == len(found)
    out = model(Tensor(np.ones((2, 3), np.float32)))
    with pytest.raises(RuntimeError, match="used twice"):
        model.backward(out)


@pytest.mark.parametrize("wrap", [lambda x: {"a": x}, lambda x: [[x]], lambda x: ([], (x,)), lambda x: [{"a": [x]}]])
@pytest.mark.parametrize("make", [lambda: Linear(2, 2), ReLU, lambda: Tensor([1.0], requires_grad=True)])
def test_layers_where_nobody_looks_are_refused(make, wrap):
    outer, inner = Module(), Module()
    outer.inside, inner.branches = inner, wrap(make())
    for look in (Module.parameters, lambda module: list(module.modules()), Module.train, Module.zero_grad):
        with pytest.raises(TypeError, match=r"Module\.branches hides"):
            look(outer)


def test_dicts_and_nested_lists_of_plain_numbers_are_nobodys_business():
    module = Module()
    module.options, module.table, module.mean = {"a": np.ones(2)}, [[1, 2], [3]], {"mean": Tensor([1.0])}
    assert module.parameters() == []


def test_sgd_step_works_in_place():
    p, frozen = Tensor(np.ones(3, np.float32), requires_grad=True), Tensor(np.ones(3, np.float32), requires_grad=True)
    array, p.grad = p.data, Tensor(np.arange(3, dtype=np.float32))
    mlp.sgd_step([p, frozen], lr=0.5)
    assert p.data is array, "p.data must stay the same array: others hold on to it"
    same("p after a step", array, [1.0, 0.5, 0.0], rtol=1e-6)
    same("a parameter without gradient", frozen, [1.0, 1.0, 1.0])
    assert p.dtype == np.float32, f"a step turned float32 into {p.dtype}"


def test_minibatches_visit_every_sample_once():
    batches = list(mlp.minibatches(23, 5, np.random.default_rng(0)))
    assert [len(batch) for batch in batches] == [5, 5, 5, 5, 3]
    assert sorted(np.concatenate(batches).tolist()) == list(range(23))


def test_accuracy_of_arrays_and_tensors():
    logits, labels = np.array([[0.1, 0.9], [2.0, 1.0], [0.0, 1.0], [0.0, 3.0]]), np.array([1, 1, 1, 0], np.uint8)
    assert mlp.accuracy(logits, labels) == 0.5
    assert mlp.accuracy(Tensor(logits), Tensor(labels)) == 0.5


def test_training_separates_three_clouds():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 600)
    points = (3 * np.array([[0, 1], [1, -1], [-1, -1]])[labels] + rng.standard_normal((600, 2))).astype(np.float32)
    model = Sequential(Linear(2, 16, rng), ReLU(), Linear(16, 3, rng))
    losses = [mlp.train_epoch(model, CrossEntropyLoss(), points, labels, 0.1, 32, rng) for _ in range(5)]
    assert len(losses[0]) == 19, f"600 points in batches of 32 are 19 steps, train_epoch reports {len(losses[0])}"
    assert np.mean(losses[-1]) < np.mean(losses[0]) / 2, "the loss hardly falls"
    right = mlp.accuracy(model(Tensor(points)), labels)
    assert right > 0.95, f"only {right:.0%} of the points on the right side"
