"""Autograd: the exported autograd against PyTorch's gradients, against numeric ones, and by what it promises."""

import gc
import threading
import tracemalloc
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from tinytorch.core import autograd, cnn, mlp
from tinytorch.core import tensor as tensor_module
from tinytorch.core.autograd import FREED, GRADIENTS, backward, checkpoint, gradcheck, no_grad, topological_order
from tinytorch.core.cnn import BatchNorm2d, Conv2d, Flatten, MaxPool2d
from tinytorch.core.mlp import CrossEntropyLoss, Linear, ReLU, Sequential, Sigmoid
from tinytorch.core.tensor import Tensor, apply, where

GOLDEN = np.load(Path(__file__).parent / "goldens" / "autograd.npz")
RNG = np.random.default_rng(5)


def case(name):
    """The arrays of one golden case, by their short names."""
    return {key.partition(".")[2]: GOLDEN[key] for key in GOLDEN.files if key.startswith(f"{name}.")}


def same(what, got, want, rtol=1e-9, atol=1e-11):
    got = got.data if isinstance(got, Tensor) else np.asarray(got)
    assert got.shape == np.shape(want), f"{what}: shape {got.shape} instead of {np.shape(want)}"
    np.testing.assert_allclose(got, want, rtol=rtol, atol=atol, err_msg=f"{what} is not what it should be")


def leaf(array, dtype=np.float64):
    return Tensor(np.array(array, dtype), requires_grad=True)


def numbers(*shape):
    """Numbers from 0.5 to 2.5, no two equal and none near a kink, in random order."""
    return RNG.permutation(np.linspace(0.5, 2.5, int(np.prod(shape)))).reshape(shape)


def mixed(*shape):
    """As numbers, but of both signs, away from 0."""
    return numbers(*shape) * RNG.choice([-1, 1], shape)


# --- against PyTorch ----------------------------------------------------------------------------


def shared(x):
    y = x * x + x
    z = y * (-y).exp() + y * x
    return z.sum() * z / (y + 10.0)


def small_cnn(x, *p):
    """Fused operations, called as the layers call them; batch norm with the statistics of the batch."""
    x = apply(cnn.conv2d, x, p[0], p[1], stride=1, padding=1, input_grad=True)
    mean, var = x.data.mean(axis=(0, 2, 3)), x.data.var(axis=(0, 2, 3))
    x = apply(mlp.relu, apply(cnn.batch_norm, x, p[2], p[3], mean=mean, var=var, eps=1e-5, training=True))
    x = apply(cnn.max_pool2d, x, kernel_size=2, stride=2)
    x = apply(mlp.relu, apply(cnn.conv2d, x, p[4], p[5], stride=2, padding=0, input_grad=True)).reshape(len(x), -1)
    return apply(mlp.cross_entropy, apply(mlp.linear, x, p[6], p[7]), Tensor(GOLDEN["cnn.labels"]))


ROWS, COLUMNS = np.array([2, 0, 2, 2, 1]), np.array([0, 3, 0, 1, 3])
FORMULAS = {
    "broadcast": lambda a, b, c: (a * b + c) / (b * b + 1) - a,
    "powers": lambda a, b: a**b + b**2 - 2.0**a,
    "zeros_and_powers": lambda a: a**2 + a**1 + a**0,
    "logarithms": lambda a: a.log() * a.exp() - a.log().mean(1, keepdims=True),
    "sums": lambda a: a.sum((0, 2)) * a.mean() + a.sum() - a.mean(-1).sum(0),
    "max_one": lambda a: a.max(1),
    "max_two": lambda a: a.max((0, -1), keepdims=True),
    "max_all": lambda a: a.max(),
    **{f"matmul{i}": lambda a, b: a @ b for i in range(8)},
    "index_rows": lambda a: a[ROWS],
    "index_pairs": lambda a: a[Tensor(ROWS), Tensor(COLUMNS)],
    "index_slices": lambda a: a[1:, None, ::2] * a[0, 1],
    "index_mask": lambda a: a[np.arange(12).reshape(3, 4) % 5 < 2],
    "views": lambda a: a.transpose(2, 0, 1).reshape(4, 6).T.contiguous() * a.reshape(1, 24).expand(2, 24).sum(0)[3],
    "shared": shared,
    "log_softmax": lambda a: apply(mlp.log_softmax, a),
    "cnn": small_cnn,
    "where": lambda a, b: where(a > b, a * b, b),
    "where_number": lambda a: where(a < 0, 0.5 * a, 2.0),
    "tanh": lambda a: (a * a.tanh()).tanh(),
    "residual": lambda x, w, v: apply(mlp.mse, x + (x @ w.T).tanh() @ v.T, 2 * x),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_gradients_equal_pytorch(name):
    c = case(name)
    inputs = [leaf(c[f"x{i}"]) for i in range(sum(key.startswith("x") for key in c))]
    out = FORMULAS[name](*inputs)
    same(f"{name}", out, c["out"])
    backward(out, Tensor(c["grad"]))
    for i, x in enumerate(inputs):
        assert isinstance(x.grad, Tensor), f"{name}: the gradient of input {i} is {x.grad}, not a Tensor"
        same(f"{name}: gradient of input {i}", x.grad, c[f"d{i}"])


# --- gradcheck of everything --------------------------------------------------------------------


def layer(module, *shape):
    """A layer as a function of its input and its parameters, and arrays for all of them."""
    names = [name for name, value in vars(module).items() if isinstance(value, Tensor) and value.requires_grad]

    def f(x, *parameters):
        for name, parameter in zip(names, parameters, strict=True):
            setattr(module, name, parameter)
        return module(x)

    return f, mixed(*shape), *(mixed(*getattr(module, name).shape) for name in names)


def function(f, *inputs, **options):
    return lambda *tensors: apply(f, *tensors, **options), *inputs


def reductions():
    for name in ("sum", "mean", "max"):
        for axis in (None, 0, -1, (0, 2), (-1, 1), (0, 1, 2)):
            for keepdims in (False, True):

                def f(a, name=name, axis=axis, keepdims=keepdims):
                    return getattr(a, name)(axis, keepdims=keepdims)

                yield f"{name}, axis {axis}, keepdims {keepdims}", (f, numbers(2, 3, 4))
        yield f"{name} of one number", (lambda a, name=name: getattr(a, name)(), numbers())
        yield f"{name} of a vector", (lambda a, name=name: getattr(a, name)(0), numbers(4))


def binary():
    operators = {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
        "**": lambda a, b: a**b,
    }
    for sign, f in operators.items():
        for p, q in [
            ((3, 4), (3, 4)),
            ((3, 4), (4,)),
            ((3, 1), (1, 4)),
            ((), (2, 3)),
            ((2, 3), ()),
            ((), ()),
            ((1,), (1, 1)),
        ]:
            yield f"{p} {sign} {q}", (f, numbers(*p), numbers(*q))
    yield "number / tensor", (lambda a: 2.0 / a - 1.0, mixed(3))
    yield "negative ** whole number", (lambda a: a**3 + a**-2, mixed(4))
    matmuls = [((3, 4), (4, 2)), ((5, 3, 4), (4, 2)), ((3, 4), (5, 4, 2)), ((2, 1, 3, 4), (5, 4, 2)), ((1, 1), (1, 1))]
    vectors = [((4,), (4,)), ((3, 4), (4,)), ((4,), (4, 2)), ((4,), (5, 4, 2)), ((5, 3, 4), (4,))]
    for p, q in matmuls + vectors:
        yield f"{p} @ {q}", (lambda a, b: a @ b, mixed(*p), mixed(*q))


CASES = dict(binary()) | dict(reductions())
CASES |= {f"neg {shape}": (lambda a: -a, mixed(*shape)) for shape in [(), (3,), (2, 3)]}
CASES |= {f"exp {shape}": (lambda a: a.exp(), mixed(*shape)) for shape in [(), (3,), (2, 3)]}
CASES |= {f"log {shape}": (lambda a: a.log(), numbers(*shape)) for shape in [(), (3,), (2, 3)]}
CASES |= {
    "reshape": (lambda a: a.reshape(4, -1) * 2.0, mixed(2, 3, 2)),
    "reshape to one number": (lambda a: a.reshape(()), mixed(1, 1)),
    "transpose": (lambda a: a.T, mixed(2, 3, 4)),
    "transpose, axes": (lambda a: a.transpose(1, 2, 0), mixed(2, 3, 4)),
    "transpose, negative axes": (lambda a: a.transpose(-1, 0, -2), mixed(2, 3, 4)),
    "transpose of one number": (lambda a: a.T, mixed()),
    "expand": (lambda a: a.expand(2, 3, 4), mixed(3, 1)),
    "expand one number": (lambda a: a.expand(2, 2), mixed()),
    "getitem, one": (lambda a: a[1, -1], mixed(2, 3)),
    "getitem, of a vector": (lambda a: a[1], mixed(3)),
    "getitem, slices": (lambda a: a[::-1, None, 1:], mixed(2, 3)),
    "getitem, ellipsis": (lambda a: a[..., 0], mixed(2, 3)),
    "getitem, repeated": (lambda a: a[[0, 1, 0, 0]], mixed(2, 3)),
    "getitem, pairs": (lambda a: a[[0, 1, 0, 0], [2, 1, 2, 0]], mixed(2, 3)),
    "getitem, mask": (lambda a: a[a.data > 0], mixed(2, 3)),
    "cast": (lambda a: (a * 2.0).astype(np.float64), mixed(2, 3)),
    "copy": (lambda a: a.T.contiguous(), mixed(2, 3)),
    "iteration": (lambda a: sum(row * row for row in a), mixed(3, 2)),
    "linear": function(mlp.linear, mixed(3, 4), mixed(2, 4), mixed(2)),
    "relu": function(mlp.relu, mixed(3, 4)),
    "relu of one number": function(mlp.relu, mixed()),
    "sigmoid": function(mlp.sigmoid, mixed(3, 4)),
    "log_softmax": function(mlp.log_softmax, mixed(3, 4)),
    "log_softmax, batch 1": function(mlp.log_softmax, mixed(1, 4)),
    "cross_entropy": function(mlp.cross_entropy, mixed(3, 4), np.array([2, 0, 2])),
    "cross_entropy, batch 1": function(mlp.cross_entropy, mixed(1, 4), np.array([3])),
    "max_pool2d, overlapping": function(cnn.max_pool2d, numbers(2, 3, 5, 7), kernel_size=3, stride=2),
    "max_pool2d, a rest": function(cnn.max_pool2d, numbers(1, 2, 5, 7), kernel_size=2, stride=2),
    "batch_norm, constants": function(
        cnn.batch_norm, mixed(2, 3, 2, 3), mixed(3), mixed(3), mean=numbers(3), var=numbers(3), eps=1e-3, training=False
    ),
    "Linear": layer(Linear(4, 3), 5, 4),
    "Linear, batch 1": layer(Linear(4, 3), 1, 4),
    "ReLU": layer(ReLU(), 3, 4),
    "Sigmoid": layer(Sigmoid(), 3, 4),
    "CrossEntropyLoss": (CrossEntropyLoss(), mixed(3, 4), np.array([1, 3, 0])),
    "MaxPool2d": layer(MaxPool2d(2), 2, 3, 4, 6),
    "MaxPool2d, overlapping": layer(MaxPool2d(3, stride=1), 1, 2, 5, 4),
    "BatchNorm2d": layer(BatchNorm2d(3), 2, 3, 4, 5),
    "BatchNorm2d, batch 1": layer(BatchNorm2d(3), 1, 3, 4, 5),
    "BatchNorm2d, eval": layer(BatchNorm2d(3).eval(), 2, 3, 4, 5),
    "Flatten": layer(Flatten(), 2, 3, 4, 5),
    "where": (lambda a, b: where(np.arange(12).reshape(3, 4) % 3 > 0, a, b), mixed(3, 4), mixed(4)),
    "where, in turn a number": (lambda a: where(a > 0, a, 1.5) * where(a > 0, -1, a), mixed(3, 4)),
    "Tanh": layer(mlp.Tanh(), 3, 4),
    "AvgPool2d": layer(cnn.AvgPool2d(2), 2, 3, 5, 6),
    "AvgPool2d, overlapping": layer(cnn.AvgPool2d(3, 1), 1, 3, 5, 6),
    "Dropout, eval": layer(mlp.Dropout().eval(), 3, 4),
    "dropout": (lambda a: apply(mlp.dropout, a, mask=np.array([0.0, 1.25, 0.0, 1.25])), mixed(3, 4)),
    "MSELoss": (mlp.MSELoss(), mixed(3, 4), mixed(3, 4)),
    "Residual": (mlp.Residual(Sequential(Linear(4, 3), mlp.Tanh(), Linear(3, 4))), mixed(2, 4)),
}
for stride in (1, 2, 3):
    for padding in (0, 1):
        for shape in [(2, 3, 5, 6), (1, 3, 7, 4)]:
            key = f"stride {stride}, padding {padding}, {shape}"
            CASES[f"Conv2d, {key}"] = layer(Conv2d(3, 2, 3, stride, padding), *shape)
            inputs = mixed(*shape), mixed(2, 3, 3, 2), mixed(2)
            CASES[f"conv2d, kernel 3x2, {key}"] = function(cnn.conv2d, *inputs, stride=stride, padding=padding)


def worst(name):
    try:
        return gradcheck(*CASES[name])
    except ValueError as error:
        pytest.fail(f"{name}: {error}")


@pytest.mark.parametrize("name", CASES)
def test_gradcheck(name):
    assert worst(name) < 1e-6


def test_every_operation_has_a_gradient():
    operations = (
        "add sub mul div pow neg exp log tanh select matmul reduce_sum reduce_mean reduce_max reshape transpose expand"
    )
    missing = {name for name in operations.split() if getattr(tensor_module, name) not in GRADIENTS}
    missing |= {name for name in ("getitem", "cast", "copy") if getattr(tensor_module, name) not in GRADIENTS}
    for module, names in [
        (mlp, "linear relu sigmoid log_softmax cross_entropy mse dropout"),
        (cnn, "conv2d max_pool2d avg_pool2d batch_norm"),
    ]:
        missing |= {name for name in names.split() if getattr(module, name) not in GRADIENTS}
    assert not missing, f"GRADIENTS has no entry for {sorted(missing)}"


# --- backward -----------------------------------------------------------------------------------


def test_a_tensor_used_twice():
    a = leaf([1.0, 2.0])
    b = a + a
    c = b + b
    assert topological_order(c) == [a, b, c]
    backward(c, Tensor([1.0, 10.0]))
    same("gradient of a, doubled twice", a.grad, [4.0, 40.0])
    assert b.grad is None, "b is no leaf: it does not keep its gradient"
    assert c.grad is None, "c is no leaf: it does not keep its gradient"


def test_topological_order_lists_what_requires_a_gradient_once_and_inputs_first():
    a, constant = leaf(1.0), Tensor(2.0)
    nodes = [a]
    for i in range(30):
        nodes.append(nodes[-1] * nodes[i // 2] + constant)
    order = topological_order(nodes[-1])
    assert len(order) == len(set(order)) == 61
    place = {node: i for i, node in enumerate(order)}
    for node in order:
        for x in node.creator[1] if node.creator else ():
            assert x is constant or x.requires_grad is False or place[x] < place[node]
    assert topological_order(constant) == []
    assert topological_order(a) == [a]


def test_many_paths_take_no_time():
    x = a = leaf(1.0)
    for _ in range(200):  # naive recursion would need 2 ** 200 steps
        x = x + x
    backward(x)
    same("gradient through 200 doublings", a.grad, 2.0**200)


def test_a_chain_of_10000_operations():
    x = a = leaf(2.0)
    for _ in range(10_000):
        x = x * 1.0001
    backward(x)
    same("gradient through the chain", a.grad, 1.0001**10_000)


def test_gradients_add_up_until_they_are_forgotten():
    a = leaf([3.0, 4.0])
    for times in (1, 2):
        (a * a).sum().backward()
        same(f"after {times} backward", a.grad, times * np.array([6.0, 8.0]))
    a.zero_grad()
    (a * a).sum().backward()
    same("after zero_grad", a.grad, [6.0, 8.0])


def test_gradients_share_no_memory():
    a, b = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    grad = Tensor(np.array([1.0, 1.0]))
    backward(a + b, grad)
    a.grad.data *= 100
    same("the gradient of b, after somebody scaled a's", b.grad, [1.0, 1.0])
    same("the gradient that was passed in", grad, [1.0, 1.0])


@pytest.mark.parametrize("turned", [False, True])
def test_a_gradient_handed_to_two_inputs_is_not_changed_for_one(turned):
    a, b = leaf([1.0]), leaf([1.0])
    backward(a * 3.0 + (a + b) if turned else (a + b) + a * 3.0, Tensor(np.ones(1)))
    same("gradient of a", a.grad, [4.0])
    same("gradient of b", b.grad, [1.0])


def test_gradients_have_the_dtype_of_their_tensors():
    small, large = leaf([1.0, 2.0], np.float32), leaf([3.0, 4.0])
    (small * large + small**2).max().backward()
    assert small.grad.dtype == np.float32
    assert large.grad.dtype == np.float64
    model = Sequential(Conv2d(3, 4, 3), BatchNorm2d(4), ReLU(), MaxPool2d(2), Flatten(), Linear(36, 5))
    loss = CrossEntropyLoss()(model(Tensor(np.ones((2, 3, 8, 8), np.float32))), np.array([1, 4]))
    loss.backward()
    assert {p.grad.dtype.name for p in model.parameters()} == {"float32"}


def test_int_inputs_have_no_gradient():
    a = leaf([1.0, 2.0])
    (a * Tensor([3, 4]) / Tensor([2, 2])).sum().backward()
    same("gradient next to ints", a.grad, [1.5, 2.0])
    a.zero_grad()
    (Tensor([[3, 4]]) @ a).sum().backward()
    same("gradient of a product with ints", a.grad, [3.0, 4.0])


def test_a_second_backward_says_that_the_graph_was_freed():
    a = leaf([1.0, 2.0])
    b = a * a
    loss, other = b.sum(), b.mean()
    loss.backward()
    assert loss.creator is FREED
    assert b.creator is FREED
    assert a.creator is None
    same("gradient", a.grad, [2.0, 4.0])
    for again in (loss, other):
        with pytest.raises(RuntimeError, match="freed"):
            again.backward()
    same("gradient after the refused ones", a.grad, [2.0, 4.0])


def test_a_retained_graph_can_be_used_again():
    a = leaf([1.0, 2.0])
    loss = (a * a).sum()
    for times in (1, 2):
        backward(loss, retain_graph=True)
        same(f"after {times} backward", a.grad, times * np.array([2.0, 4.0]))
    backward(loss)
    assert loss.creator is FREED


def test_where_backward_can_start():
    a = leaf([1.0, 2.0])
    with pytest.raises(ValueError, match=r"\(2,\)"):
        backward(a * a)
    with pytest.raises(ValueError, match=r"\(3,\)"):
        backward(a * a, Tensor(np.ones(3)))
    with pytest.raises(RuntimeError, match="requires a gradient"):
        backward(Tensor([1.0]))
    backward((a * a).reshape(2, 1)[1:], 2.0 * np.ones((1, 1)))
    same("started with an array", a.grad, [0.0, 8.0])
    single = leaf(5.0)
    backward(single)
    same("a leaf's own gradient", single.grad, 1.0)


def test_an_unknown_operation_is_named():
    def cube(a):
        return a**3

    a = leaf([2.0])
    with pytest.raises(KeyError, match="cube"):
        backward(apply(cube, a))
    GRADIENTS[cube] = lambda grad, out, a: (grad * 3 * a**2,)
    try:
        backward(apply(cube, a))
    finally:
        del GRADIENTS[cube]
    same("gradient of an operation that was added", a.grad, [12.0])


def test_a_gradient_of_a_wrong_shape_is_refused():
    def pair(a):
        return a * 1.0

    GRADIENTS[pair] = lambda grad, out, a: (grad.sum(),)
    try:
        with pytest.raises(ValueError, match="pair"):
            backward(apply(pair, leaf([1.0, 2.0])).sum())
    finally:
        del GRADIENTS[pair]


def test_inputs_stay_as_they_are():
    a, b = leaf(mixed(3, 4)), leaf(mixed(4))
    kept = a.data.copy(), b.data.copy()
    out = (a * b / 2.0 - b).exp().max(axis=0)
    result = out.data.copy()
    out.sum().backward()
    np.testing.assert_array_equal(a.data, kept[0])
    np.testing.assert_array_equal(b.data, kept[1])
    np.testing.assert_array_equal(out.data, result)


def test_two_threads_on_two_graphs():
    weight, results = leaf(mixed(20, 20)), {}
    inputs = [mixed(50, 20) for _ in range(2)]

    def run(i, weight):
        x = Tensor(inputs[i])
        for _ in range(30):
            x = apply(mlp.sigmoid, x @ weight)
        x.mean().backward()
        results[i] = weight.grad.data

    for i in range(2):
        run(i, leaf(weight.data))
    alone = dict(results)
    for _ in range(5):
        threads = [threading.Thread(target=run, args=(i, leaf(weight.data))) for i in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for i in range(2):
            same(f"gradient of thread {i}", results[i], alone[i])


def test_two_threads_with_the_same_parameters():
    weight = leaf(np.ones(3))

    def run():
        for _ in range(200):
            (weight * 2.0).sum().backward()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    same("gradient added by four threads", weight.grad, [1600.0] * 3)


# --- memory -------------------------------------------------------------------------------------


def test_memory_is_freed_on_the_way_back():
    alive = []

    def step(a):
        return a * 2.0

    def step_backward(grad, out, a):
        alive.append(sum(reference() is not None for reference in watched))
        return (grad * 2.0,)

    GRADIENTS[step] = step_backward
    try:
        chain = [leaf(np.ones(3))]
        for _ in range(10):
            chain.append(apply(step, chain[-1]))
        loss, watched = chain[-1].sum(), [weakref.ref(x) for x in chain]
        del chain
        gc.disable()  # it must go without the collector
        backward(loss)
    finally:
        gc.enable()
        del GRADIENTS[step]
    assert alive == list(range(11, 1, -1)), f"tensors in memory at each step: {alive}"


def tower(x, weights):
    for weight in weights:
        x = apply(mlp.sigmoid, x @ weight)
    return x


def peak(run):
    tracemalloc.start()
    run()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def test_freeing_keeps_the_peak_where_forward_ended():
    x, weights = Tensor(np.ones((1000, 16))), [leaf(mixed(16, 16)) for _ in range(20)]
    forward = peak(lambda: tower(x, weights))
    assert peak(lambda: tower(x, weights).mean().backward()) < 1.25 * forward


def test_checkpoints_give_the_same_gradients_for_less_memory():
    x, weights = Tensor(np.ones((1000, 16))), [leaf(0.3 * mixed(16, 16)) for _ in range(24)]
    found = {}

    def run(pieces):
        out = x
        for part in np.split(np.arange(24), pieces or 1):
            piece = [weights[i] for i in part]
            out = checkpoint(lambda x, piece=piece: tower(x, piece), out) if pieces else tower(out, piece)
        for weight in weights:
            weight.grad = None
        backward(out.sum())
        found[pieces] = [weight.grad.data for weight in weights]

    plain, pieces = peak(lambda: run(0)), peak(lambda: run(6))
    for i, (one, other) in enumerate(zip(found[0], found[6], strict=True)):
        same(f"gradient of weight {i}", other, one)
    assert pieces < 0.6 * plain, f"the peak is {pieces / plain:.0%} of that without checkpoints"


def test_a_checkpoint_runs_its_function_twice_and_is_noted_once():
    recorded, a, constant = [], leaf([1.0, 2.0]), Tensor([3.0, 4.0])

    def piece(x, y):
        out = x * x * y
        recorded.append(out.requires_grad)
        return out

    inside = a * 2.0
    out = checkpoint(piece, inside, constant)
    assert topological_order(out) == [a, inside, out]
    out.sum().backward()
    assert recorded == [False, True], "without notes at first, with them when backward arrives"
    same("gradient of a", a.grad, [24.0, 64.0])
    assert constant.grad is None
    with no_grad():
        assert checkpoint(piece, a, constant).creator is None, "nothing is noted inside no_grad"


def test_a_checkpoint_of_layers_keeps_nothing_of_them():
    model = Sequential(Linear(4, 8), ReLU(), Linear(8, 2))
    x, expected = Tensor(np.ones((3, 4), np.float32)), None
    for run in (model, lambda x: checkpoint(model, x)):
        model.zero_grad()
        run(x).sum().backward()
        found = [p.grad.data for p in model.parameters()]
        expected = expected or found
        for one, other in zip(found, expected, strict=True):
            same("gradient of a parameter", one, other, rtol=1e-6)
    assert not any("saved" in vars(module) for module in model.modules())


# --- no_grad and gradcheck ----------------------------------------------------------------------


def test_dropout_has_no_place_in_a_checkpoint():
    """It would be computed twice, and others would be dropped: gradients of something else, without a word."""
    f, x = Sequential(Linear(4, 3), mlp.Residual(Sequential(Linear(3, 3), mlp.Dropout()))), leaf(numbers(2, 4))
    with pytest.raises(ValueError, match="dropout would drop others"):
        checkpoint(f, x)
    f.eval()
    backward(checkpoint(f, x).sum())
    assert x.grad is not None


def test_no_grad_switches_recording_off_and_back():
    a = leaf([1.0])
    with no_grad():
        assert (a * 2).creator is None
        assert not (a * 2).requires_grad
        with no_grad():
            pass
        assert not (a * 2).requires_grad, "an inner block has switched it on too early"
    assert (a * 2).requires_grad

    def fail():
        with no_grad():
            raise KeyError("on purpose")

    with pytest.raises(KeyError):
        fail()
    assert tensor_module.recording.get() is True, "after an exception recording stays off"


def test_no_grad_in_many_threads_takes_no_gradient_away():
    """Blocks that overlap in any order: with one switch for all, some would find it off, or leave it off for good."""
    w, start = leaf([1.0, 2.0]), threading.Barrier(8)

    def work(number):
        start.wait(30)
        for _ in range(200):
            if number % 2:
                assert (w * 2).requires_grad
            else:
                with no_grad():
                    assert not (w * 2).requires_grad
        return (w * 2).requires_grad

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))
    assert (w * 2).requires_grad


def test_gradcheck_finds_a_wrong_entry():
    def scale(a, b):
        return a * b

    wrong = np.ones((2, 3))
    wrong[1, 2] = 1.001
    GRADIENTS[scale] = lambda grad, out, a, b: (grad * b, grad * a * wrong)
    a, b = np.full((2, 3), 2.0), np.arange(6.0).reshape(2, 3)
    try:
        with pytest.raises(ValueError, match=r"input 1, entry \(1, 2\)"):
            gradcheck(lambda a, b: apply(scale, a, b), a, b)
        error = gradcheck(lambda a, b: apply(scale, a, b), a, b, rtol=0.1)
        assert 1e-5 < error <= 1.1e-3, f"the error is 0.001 of one entry, gradcheck says {error}"
        wrong[1, 2] = np.nan
        with pytest.raises(ValueError, match="nan"):
            gradcheck(lambda a, b: apply(scale, a, b), a, b)
    finally:
        del GRADIENTS[scale]


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4, 1e8])
@pytest.mark.parametrize("axis", [None, 0])
def test_gradcheck_measures_each_entry_by_itself(scale, axis):
    """A gradient of 1 that is given as 0, beside much larger ones."""
    weights = np.array([scale, 1.0])

    def weigh(a):
        return (a * weights).sum(axis=axis)

    def forgets(grad, out, a):
        return (np.array([scale, 0.0]) * grad,)

    GRADIENTS[weigh] = lambda grad, out, a: (weights * grad,)
    try:
        assert gradcheck(lambda a: apply(weigh, a), numbers(2)) < 1e-6
        GRADIENTS[weigh] = forgets
        with pytest.raises(ValueError, match=r"entry \(1,\): backward says 0"):
            gradcheck(lambda a: apply(weigh, a), numbers(2))
    finally:
        del GRADIENTS[weigh]


@pytest.mark.parametrize("reduce", ["sum", "max"])
@pytest.mark.parametrize("axis", [None, 0, -1])
@pytest.mark.parametrize("keepdims", [False, True])
def test_a_single_number_is_reduced_to_itself(reduce, axis, keepdims):
    x = leaf(3.0)
    out = getattr(x, reduce)(axis=axis, keepdims=keepdims)
    backward(out)
    same("result", out, 3.0)
    same("gradient", x.grad, 1.0)


@pytest.mark.parametrize(("shape", "axis"), [((0,), None), ((0, 3), 0), ((3, 0), 1), ((2, 0, 3), (0, 1))])
@pytest.mark.parametrize("reduce", ["sum", "mean"])
@pytest.mark.filterwarnings("ignore:Mean of empty slice", "ignore:invalid value")
def test_of_nothing_there_is_a_sum_a_mean_that_is_nan_and_a_gradient(shape, axis, reduce):
    x = leaf(np.ones(shape))
    out = getattr(x, reduce)(axis=axis)
    backward(out, np.ones(out.shape))
    assert np.isnan(out.data).all() if reduce == "mean" else not out.data.any()
    assert x.grad.shape == shape


def test_gradients_of_powers_at_the_edges():
    """As PyTorch has them: 0 ** b stays 0, or 1, when b is nudged, unless b is negative."""
    a, b = leaf([0.0, 0.0, 0.0, 2.0, 0.0]), leaf([0.0, 1.0, 2.5, 0.0, -1.0])
    with np.errstate(divide="ignore"):
        backward((a**b).sum())
    same("base", a.grad, [0, 1, 0, 0, -np.inf])
    same("exponent", b.grad, [0, 0, 0, np.log(2), -np.inf])


@pytest.mark.parametrize("kind", ["int8", "int16", "uint8", "int64"])
def test_gradients_of_powers_with_whole_numbers(kind):
    """In a narrow dtype -128 - 1 would be 127, and the logarithm of a uint8 has the digits of a float16."""
    exponents = np.array([0, 1, 2, np.iinfo(kind).min if kind != "int64" else -3], kind)
    a = leaf([1.25, 1.5, 0.75, 1.0])
    backward((a ** Tensor(exponents)).sum())
    wide = exponents.astype(np.float64)
    same("base", a.grad, wide * a.data ** (wide - 1))
    b = leaf([0.5, 1.5, -2.5])
    backward((Tensor(np.array([3, 5, 7], kind)) ** b).sum())
    whole = np.array([3.0, 5.0, 7.0])
    same("exponent", b.grad, whole**b.data * np.log(whole))


def test_a_graph_that_is_retained_goes_backward_again():
    x = leaf([1.0, 3.0])
    out = (x * x).sum()
    out.backward(retain_graph=True)
    out.backward()
    same("twice", x.grad, [4, 12])
    with pytest.raises(RuntimeError, match="freed"):
        out.backward()


def test_numbers_that_were_moved_since_forward_are_noticed():
    w, v = leaf([2.0]), leaf([5.0])
    loss, only_v = (w * v * v).sum(), (v * v).sum()
    loss.backward(retain_graph=True)
    w.version += 1  # what an optimizer's step does
    with pytest.raises(RuntimeError, match="moved an input of mul"):
        loss.backward(retain_graph=True)
    only_v.backward()
    (w * v).sum().backward()


def test_gradcheck_is_not_deceived_by_equal_gradients():
    def turn(a):
        return np.roll(a, 1)

    GRADIENTS[turn] = lambda grad, out, a: (grad,)
    try:
        with pytest.raises(ValueError, match="input 0"):
            gradcheck(lambda a: apply(turn, a), numbers(5))
    finally:
        del GRADIENTS[turn]


def test_gradcheck_leaves_its_inputs_alone():
    a = leaf(np.ones(3), np.float32)
    assert gradcheck(lambda a, b, i: (a * b)[i], a, numbers(3), np.array([0, 2])) < 1e-6
    assert a.grad is None
    assert a.dtype == np.float32
    assert gradcheck(lambda a, b: a * 2.0, numbers(2), numbers(2)) < 1e-6, "an input without a part has gradient 0"
    assert gradcheck(lambda a: a**3, numbers(2), eps=0.1, rtol=1.0) > 1e-4, "eps is the step of the numeric gradient"


# --- the same model, by hand and by itself ------------------------------------------------------


def test_the_tiny_mlp_in_one_line():
    x = Tensor(np.array([[1.0, 0.5], [-1.0, 2.0], [0.25, -1.5]]))
    arrays = [
        [[0.5, -1.0], [1.0, 0.5], [-0.5, 0.75]],
        [0.1, 0.2, -0.3],
        [[1.0, -0.5, 0.25], [-1.0, 0.5, 1.0]],
        [0.0, 0.1],
    ]
    parameters = [leaf(array) for array in arrays]
    w1, b1, w2, b2 = parameters
    active = apply(mlp.relu, x @ w1.T + b1)
    loss = apply(mlp.cross_entropy, active @ w2.T + b2, Tensor(np.array([1, 0, 1])))
    loss.backward()
    value, by_hand = mlp.mlp_gradients(x.data, np.array([1, 0, 1]), *(p.data for p in parameters))
    same("loss", loss, value)
    for parameter, gradient in zip(parameters, by_hand, strict=True):
        same("gradient", parameter.grad, gradient)


def test_manual_and_automatic_gradients_of_a_cnn_agree():
    rng = np.random.default_rng(0)
    model = Sequential(
        Conv2d(3, 6, 3, padding=1, rng=rng),
        BatchNorm2d(6),
        ReLU(),
        MaxPool2d(2),
        Conv2d(6, 8, 3, stride=2, rng=rng),
        ReLU(),
        Flatten(),
        Linear(8 * 3 * 2, 5, rng),
    )
    loss_fn, labels = CrossEntropyLoss(), rng.integers(0, 5, 9)
    images = rng.standard_normal((9, 3, 14, 12)).astype(np.float32)
    loss_fn(model(Tensor(images)), labels)
    model.backward(loss_fn.backward())
    manual = [p.grad.data for p in model.parameters()]
    model.zero_grad()
    loss_fn(model(Tensor(images)), labels).backward()
    for i, (by_hand, parameter) in enumerate(zip(manual, model.parameters(), strict=True)):
        same(f"gradient of parameter {i}", parameter.grad, by_hand, rtol=1e-5, atol=1e-7)


def test_only_what_is_asked_for_is_computed():
    """A first convolution need not find the gradient of its images."""
    seen = []
    kept = GRADIENTS[cnn.conv2d]

    def noting(grad, out, *inputs, **options):
        seen.append(options["input_grad"])
        return kept(grad, out, *inputs, **options)

    GRADIENTS[cnn.conv2d] = noting
    try:
        model = Sequential(Conv2d(3, 4, 3), Conv2d(4, 2, 3))
        model(Tensor(np.ones((1, 3, 6, 6), np.float32))).sum().backward()
    finally:
        GRADIENTS[cnn.conv2d] = kept
    assert seen == [True, False]
    assert autograd.GRADIENTS is GRADIENTS


def test_a_backward_that_asks_is_told_what_is_wanted():
    """… and one that does not ask is called as ever."""
    told = []

    def product(a, b):
        return a * b

    def asking(grad, out, a, b, *, wanted=(True, True)):
        told.append(tuple(wanted))
        return (grad * b if wanted[0] else None), (grad * a if wanted[1] else None)

    def silent(grad, out, a, b):
        return grad * b, grad * a

    x, constant = leaf([2.0, 3.0]), Tensor(np.array([5.0, 7.0]))
    try:
        for f_backward in (asking, silent):
            GRADIENTS[product] = f_backward
            for inputs, grad in [((x, constant), [5.0, 7.0]), ((constant, x), [5.0, 7.0]), ((x, x), [4.0, 6.0])]:
                x.zero_grad()
                apply(product, *inputs).sum().backward()
                same("gradient", x.grad, grad)
    finally:
        del GRADIENTS[product]
    assert told == [(True, False), (False, True), (True, True)]


@pytest.mark.parametrize("name", ["add", "sub", "pow"])
def test_nobody_computes_what_nobody_asked_for(name):
    a, b, grad = numbers(3, 4), numbers(3, 1), numbers(3, 4)
    function = getattr(tensor_module, name)
    both = GRADIENTS[function](grad, function(a, b), a, b)
    for i, wanted in enumerate([(True, False), (False, True)]):
        some = GRADIENTS[function](grad, function(a, b), a, b, wanted=wanted)
        same("what was asked for", some[i], both[i])
        assert name == "sub" or some[1 - i] is None
