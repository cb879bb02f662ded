"""CNN: the exported layers against PyTorch's numbers, and by what they promise."""

from pathlib import Path

import numpy as np
import pytest
from tinytorch.core import cnn
from tinytorch.core.cnn import BatchNorm2d, Conv2d, Flatten, MaxPool2d
from tinytorch.core.mlp import CrossEntropyLoss, Linear, ReLU, Sequential, accuracy, sgd_step, train_epoch
from tinytorch.core.tensor import Tensor

GOLDEN = np.load(Path(__file__).parent / "goldens" / "cnn.npz")


def case(name):
    """The arrays of one golden case, by their short names."""
    return {key.partition(".")[2]: GOLDEN[key] for key in GOLDEN.files if key.startswith(f"{name}.")}


def options(case, *names):
    """The options of one golden case, by these names."""
    return dict(zip(names, case["options"].tolist(), strict=True))


def cases(kind):
    return sorted({key.partition(".")[0] for key in GOLDEN.files if key.startswith(f"{kind}_")})


def same(what, got, want, rtol=1e-9, atol=1e-12):
    got = got.data if isinstance(got, Tensor) else np.asarray(got)
    assert got.shape == np.shape(want), f"{what}: shape {got.shape} instead of {np.shape(want)}"
    np.testing.assert_allclose(got, want, rtol=rtol, atol=atol, err_msg=f"{what} is not what PyTorch computes")


def gradients(f_backward, count, *args, **options):
    result = f_backward(*args, **options)
    form = f"{f_backward.__name__} returns a tuple with one gradient for each of its {count} inputs"
    assert isinstance(result, tuple), f"{form}, not a {type(result).__name__}"
    assert len(result) == count, f"{form}, not {len(result)}"
    return result


def float32(*arrays):
    return [array.astype(np.float32) for array in arrays]


def channels_last(x):
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)


# --- functions against PyTorch ------------------------------------------------------------------


@pytest.mark.parametrize("layout", [np.ascontiguousarray, channels_last])
@pytest.mark.parametrize("name", cases("conv"))
def test_conv2d_and_its_gradients(name, layout):
    c = case(name)
    inputs, named = (layout(c["x"]), c["weight"], c["bias"]), options(c, "stride", "padding")
    kept = [array.copy() for array in inputs]
    out = cnn.conv2d(*inputs, **named)
    same("conv2d", out, c["out"])
    dx, dweight, dbias = gradients(cnn.conv2d_backward, 3, layout(c["grad"]), out, *inputs, **named)
    same("dx", dx, c["dx"])
    same("dweight", dweight, c["dweight"])
    same("dbias", dbias, c["dbias"])
    for array, before in zip(inputs, kept, strict=True):
        np.testing.assert_array_equal(array, before, err_msg="conv2d and its backward must leave their inputs alone")


@pytest.mark.parametrize("name", cases("conv"))
def test_conv2d_without_the_gradient_of_x(name):
    c = case(name)
    inputs, named = (c["x"], c["weight"], c["bias"]), options(c, "stride", "padding")
    out = cnn.conv2d(*inputs, **named, input_grad=False)
    same("conv2d", out, c["out"])
    dx, dweight, dbias = gradients(cnn.conv2d_backward, 3, c["grad"], out, *inputs, **named, input_grad=False)
    assert dx is None, "with input_grad=False the gradient of x is None"
    same("dweight", dweight, c["dweight"])
    same("dbias", dbias, c["dbias"])


def test_conv2d_is_what_seven_loops_compute():
    c = case("conv_oblong")
    got = cnn.conv2d_loops(c["x"], c["weight"], c["bias"], **options(c, "stride", "padding"))
    same("conv2d_loops", got, c["out"])


def test_conv2d_of_more_samples_than_a_chunk_holds():
    rng = np.random.default_rng(0)
    x, weight, bias = (rng.standard_normal(shape).astype(np.float32) for shape in [(23, 8, 20, 20), (2, 8, 3, 3), 2])
    out, grad = cnn.conv2d(x, weight, bias, padding=1), rng.standard_normal((23, 2, 20, 20)).astype(np.float32)
    _, dweight, _ = cnn.conv2d_backward(grad, out, x, weight, bias, padding=1)
    parts = [slice(0, 9), slice(9, 23)]
    pieces = [cnn.conv2d(x[part], weight, bias, padding=1) for part in parts]
    np.testing.assert_allclose(out, np.concatenate(pieces), rtol=1e-5, atol=1e-5)
    pieces = [cnn.conv2d_backward(grad[part], out[part], x[part], weight, bias, padding=1)[1] for part in parts]
    np.testing.assert_allclose(dweight, sum(pieces), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("size", [(3, 3), (5, 5), (3, 2), (2, 5)])
def test_without_the_zeros_of_the_padding_it_is_the_same(monkeypatch, size, stride):
    """Patches at the border of small images meet a part of the filter only, as soon as there is enough to do."""
    rng = np.random.default_rng(0)
    x, weight, bias = (rng.standard_normal(shape) for shape in [(3, 2, 6, 7), (4, 2, *size), 4])
    for padding in range(4):
        named, results = {"stride": stride, "padding": padding}, []
        for chunk, short in ((1 << 20, 16), (1 << 9, 1)):  # all in one chunk; in parts
            monkeypatch.setattr(cnn, "CHUNK", chunk)
            monkeypatch.setattr(cnn, "SHORT", short)
            out = cnn.conv2d(x, weight, bias, **named)
            grad = np.cos(np.arange(out.size)).reshape(out.shape)
            results.append([out, *cnn.conv2d_backward(grad, out, x, weight, bias, **named)])
        same("conv2d", results[0][0], cnn.conv2d_loops(x, weight, bias, **named))
        for mine, theirs in zip(*results, strict=True):
            same(f"padding {padding}, in parts", mine, theirs)


def test_patches_are_each_there_once(monkeypatch):
    monkeypatch.setattr(cnn, "CHUNK", 1)
    monkeypatch.setattr(cnn, "SHORT", 1)
    x = np.arange(1.0, 2 * 5 * 4 * 3 + 1).reshape(2, 5, 4, 3)
    for kernel_size, stride, padding in [((3, 3), 1, 1), ((3, 3), 2, 2), ((5, 5), 1, 4), ((2, 3), 1, 1)]:
        high, wide = (cnn.output_size(n, k, stride, padding) for n, k in zip((5, 4), kernel_size, strict=True))
        got, times = np.zeros((2, high, wide, *kernel_size, 3)), np.zeros((2, high, wide), int)
        for place, taps, rows in cnn.patch_chunks(x, kernel_size, stride, padding):
            part = got[place][:, :, :, taps[0], taps[1]]
            part[...] = rows.reshape(part.shape)
            times[place] += 1
            assert rows.all() or padding >= min(kernel_size), "zeros of the padding are not worth a product"
        padded = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
        np.testing.assert_array_equal(got, cnn.windows(padded, kernel_size, stride))
        assert (times == 1).all()


@pytest.mark.parametrize("shape", [(3, 2, 4, 5), (1, 3, 1, 1), (0, 2, 3, 3), (4, 1, 2, 2)])
def test_sums_and_numbers_of_channels_in_any_layout(shape):
    rng = np.random.default_rng(0)
    (a, b), numbers = rng.standard_normal((2, *shape)), rng.standard_normal(shape[1])
    for x in (a, channels_last(a), a[:, :, ::-1]):
        np.testing.assert_array_equal(x * cnn.per_channel(numbers, x), x * numbers[:, None, None])
    for first in (a, channels_last(a), a[:, :, ::-1], np.broadcast_to(a[:, :1], shape)):
        same("the sum", cnn.channel_sum(first), first.sum(axis=(0, 2, 3)))
        for second in (b, channels_last(b)):
            same("the sum of products", cnn.channel_sum(first, second), (first * second).sum(axis=(0, 2, 3)))


def test_the_result_lies_in_memory_with_its_channels_last():
    x, weight, bias = np.ones((2, 3, 6, 6), np.float32), np.ones((5, 3, 3, 3), np.float32), np.zeros(5, np.float32)
    strides = cnn.conv2d(x, weight, bias).strides
    assert strides == (4 * 4 * 5 * 4, 4, 4 * 5 * 4, 5 * 4), f"strides {strides}: this layout is what makes conv2d fast"


@pytest.mark.parametrize("layout", [np.ascontiguousarray, channels_last])
@pytest.mark.parametrize("name", cases("pool"))
def test_max_pool2d_and_its_gradient(name, layout):
    c = case(name)
    x, named = layout(c["x"]), options(c, "kernel_size", "stride")
    out = cnn.max_pool2d(x, **named)
    same("max_pool2d", out, c["out"])
    (dx,) = gradients(cnn.max_pool2d_backward, 1, c["grad"], out, x, **named)
    same("dx", dx, c["dx"])
    np.testing.assert_array_equal(x, c["x"], err_msg="max_pool2d and its backward must leave x alone")
    np.testing.assert_array_equal(out, c["out"], err_msg="max_pool2d_backward must leave out alone")


@pytest.mark.parametrize("layout", [np.ascontiguousarray, channels_last])
@pytest.mark.parametrize("name", cases("mean"))
def test_avg_pool2d_and_its_gradient(name, layout):
    c = case(name)
    layer, x = cnn.AvgPool2d(*c["options"].tolist()), layout(c["x"])
    out = layer(Tensor(x, requires_grad=True))
    same("AvgPool2d", out, c["out"])
    same("dx", layer.backward(Tensor(c["grad"])), c["dx"])
    np.testing.assert_array_equal(x, c["x"], err_msg="AvgPool2d and its backward must leave x alone")
    assert layer(Tensor(x.astype(np.float32))).dtype == np.float32


@pytest.mark.parametrize("name", cases("norm"))
def test_batch_norm_and_its_gradients(name):
    c = case(name)
    training = name == "norm_training"
    inputs = c["x"], c["weight"], c["bias"]
    mean, var = cnn.channel_statistics(c["x"]) if training else (c["mean_before"], c["var_before"])
    named = {"mean": mean, "var": var, "eps": 1e-3, "training": training}
    kept = [array.copy() for array in (*inputs, mean, var)]
    out = cnn.batch_norm(*inputs, **named)
    same("batch_norm", out, c["out"], rtol=1e-8, atol=1e-9)
    dx, dweight, dbias = gradients(cnn.batch_norm_backward, 3, c["grad"], out, *inputs, **named)
    same("dx", dx, c["dx"], rtol=1e-8, atol=1e-9)
    same("dweight", dweight, c["dweight"], rtol=1e-8, atol=1e-9)
    same("dbias", dbias, c["dbias"], rtol=1e-8, atol=1e-9)
    for array, before in zip((*inputs, mean, var), kept, strict=True):
        np.testing.assert_array_equal(array, before, err_msg="batch_norm and its backward change an input")


def test_float32_stays_float32():
    rng = np.random.default_rng(0)
    x, weight, bias = float32(*(rng.standard_normal(shape) for shape in [(2, 3, 5, 5), (4, 3, 3, 3), 4]))
    out = cnn.conv2d(x, weight, bias, 2, 1)
    found = {"conv2d": [out, *cnn.conv2d_backward(out, out, x, weight, bias, 2, 1)]}
    pooled = cnn.max_pool2d(x, 2, 2)
    found["max_pool2d"] = [pooled, *cnn.max_pool2d_backward(pooled, pooled, x, 2, 2)]
    inputs = x, *float32(np.ones(3), np.zeros(3))
    statistics = cnn.channel_statistics(x)
    normal = cnn.batch_norm(*inputs, *statistics)
    found["batch_norm"] = [*statistics, normal, *cnn.batch_norm_backward(x, normal, *inputs, *statistics)]
    found["spread"] = [cnn.spread(out, (5, 5), (3, 3), 2, 1)]
    for name, arrays in found.items():
        for number, array in enumerate(arrays):
            assert array.dtype == np.float32, f"{name}: result {number} of float32 inputs is {array.dtype}"


# --- sizes, windows, costs ----------------------------------------------------------------------


def test_output_size():
    assert [cnn.output_size(size, 3) for size in (3, 4, 32)] == [1, 2, 30]
    assert [cnn.output_size(size, 3, stride=2, padding=1) for size in (1, 31, 32, 33)] == [1, 16, 16, 17]
    assert cnn.output_size(7, 2, 3) == 2
    with pytest.raises(ValueError):
        cnn.output_size(2, 5, padding=1)


def test_a_filter_that_does_not_fit_is_refused():
    x, bias = np.ones((1, 2, 4, 4)), np.zeros(3)
    with pytest.raises(ValueError):
        cnn.conv2d(x, np.ones((3, 2, 5, 1)), bias)
    with pytest.raises(ValueError):
        cnn.max_pool2d(x, 5, 1)
    with pytest.raises(ValueError, match="images of shape"):
        cnn.conv2d(x, np.ones((3, 1, 2, 2)), bias)


@pytest.mark.parametrize("samples", [0, 1, 4])
@pytest.mark.parametrize("shape", [(1, 5, 5), (4, 5, 5), (3, 5), (3, 5, 5, 1)])
def test_images_with_other_channels_are_refused(shape, samples):
    x = Tensor(np.ones((samples, *shape), np.float32))
    for layer in (Conv2d(3, 2, 3), BatchNorm2d(3), BatchNorm2d(3).eval()):
        with pytest.raises(ValueError, match="images of shape"):
            layer(x)


@pytest.mark.parametrize("shape", [(1, 3, 1, 1), (0, 3, 4, 4), (2, 3, 0, 4)])
def test_batch_norm_refuses_a_batch_without_a_variance_and_stays_as_it_was(shape):
    layer, x = BatchNorm2d(3), Tensor(np.ones(shape, np.float32))
    with pytest.raises(ValueError, match="variance"):
        layer(x)
    assert layer.running_mean.data.tolist() == [0, 0, 0]
    assert layer.running_var.data.tolist() == [1, 1, 1]
    assert layer.eval()(x).shape == shape


def test_layers_take_an_empty_batch():
    x = Tensor(np.ones((0, 3, 6, 6), np.float32), requires_grad=True)
    for layer, shape in (
        (Conv2d(3, 2, 3), (0, 2, 4, 4)),
        (MaxPool2d(2), (0, 3, 3, 3)),
        (BatchNorm2d(3).eval(), x.shape),
    ):
        out = layer(x)
        assert out.shape == shape
        assert layer.backward(Tensor(out.data)).shape == x.shape
        assert all(not parameter.grad.data.any() for parameter in layer.parameters())


def test_windows_are_a_view_of_the_patches():
    x = np.random.default_rng(0).standard_normal((2, 6, 7, 3))
    seen = cnn.windows(x, (3, 2), 2)
    assert seen.shape == (2, 2, 3, 3, 2, 3)
    for i, j in np.ndindex(2, 3):
        np.testing.assert_array_equal(seen[:, i, j], x[:, 2 * i : 2 * i + 3, 2 * j : 2 * j + 2])
    assert np.shares_memory(seen, x), "windows copies; strides can do without"
    turned = x.transpose(0, 2, 1, 3)
    np.testing.assert_array_equal(cnn.windows(turned, (2, 3))[:, 1, 2], turned[:, 1:3, 2:5])


def test_spread_lays_the_gradient_out():
    grad = np.arange(1.0, 7).reshape(1, 1, 2, 3)
    want = np.zeros((1, 1, 6, 8))
    want[0, 0, 1:5:3, 1:8:3] = grad[0, 0]
    same("spread", cnn.spread(grad, (4, 6), (3, 3), stride=3, padding=1), want)
    want = np.zeros((1, 1, 3, 2))
    want[0, 0, 2, 1] = grad[0, 0, 1, 1]  # the rest of grad falls outside
    same("spread with much padding", cnn.spread(grad[:, :, :, :2], (2, 2), (2, 1), 3, 2), want)


def test_conv2d_cost_counts():
    got = cnn.conv2d_cost(8, 3, 16, (32, 24), 5, stride=2, padding=2)
    result = 8 * 16 * 16 * 12
    assert got["parameters"] == 16 * 3 * 25 + 16
    assert got["flops"] == 2 * 3 * 25 * result
    assert got["bytes"] == 4 * (8 * 3 * 32 * 24 + 16 * 3 * 25 + 16 + result)


def test_receptive_field():
    assert cnn.receptive_field([]) == 1
    assert cnn.receptive_field([(3, 1)] * 4) == 9
    assert cnn.receptive_field([(7, 2), (3, 2), (3, 1)]) == 19


# --- layers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["conv_padded", "conv_stride", "conv_pixel_stride"])
def test_conv2d_layer(name):
    c = case(name)
    o, i, k, _ = c["weight"].shape
    layer = Conv2d(i, o, k, **options(c, "stride", "padding"))
    layer.weight.data, layer.bias.data = c["weight"], c["bias"]
    for times in (1, 2):
        same("forward", layer(Tensor(c["x"], requires_grad=True)), c["out"])
        dx = layer.backward(Tensor(c["grad"]))
        assert isinstance(dx, Tensor), "backward returns a Tensor"
        same("dx", dx, c["dx"])
        assert isinstance(layer.weight.grad, Tensor), "a gradient is a Tensor"
        same(f"weight.grad after {times} backward", layer.weight.grad, times * c["dweight"])
        same(f"bias.grad after {times} backward", layer.bias.grad, times * c["dbias"])


def test_conv2d_layer_saves_the_gradient_of_photographs():
    layer = Conv2d(3, 4, 3, stride=2)
    out = layer(Tensor(np.ones((2, 3, 5, 5), np.float32)))
    assert layer.backward(Tensor(np.ones(out.shape, np.float32))) is None, "an x without requires_grad gets no gradient"
    same("bias.grad", layer.bias.grad, [8.0] * 4, rtol=1e-6)
    function, inputs, options = out.creator
    assert function is cnn.conv2d, "forward goes through tinytorch.core.tensor.apply"
    assert inputs[1] is layer.weight
    assert options == {"stride": 2, "padding": 0, "input_grad": False}


def test_conv2d_starts_as_in_pytorch():
    layer = Conv2d(16, 60, 5)
    for name, parameter, shape in [("weight", layer.weight, (60, 16, 5, 5)), ("bias", layer.bias, (60,))]:
        assert parameter.shape == shape, f"{name} has shape {parameter.shape} instead of {shape}"
        assert parameter.dtype == np.float32, f"{name} is {parameter.dtype} instead of float32"
        assert parameter.requires_grad, f"{name} needs requires_grad=True, or nothing will learn it"
        assert np.abs(parameter.data).max() <= 0.05 * (1 + 1e-6), f"{name} goes beyond 1 / sqrt(16 * 5 * 5)"
        assert 0.02 < parameter.data.std() < 0.04, f"{name} is not spread evenly between -0.05 and 0.05"
    a, b = (Conv2d(5, 4, 3, rng=np.random.default_rng(3)).weight.data for _ in range(2))
    np.testing.assert_array_equal(a, b, err_msg="two generators with the same seed must give the same weights")


@pytest.mark.parametrize("name", ["pool_halves", "pool_overlapping"])
def test_max_pool2d_layer(name):
    c, stride = case(name), None if name == "pool_halves" else 2
    layer = MaxPool2d(int(c["options"][0]), stride)
    x = Tensor(c["x"], requires_grad=True)
    out = layer(x)
    same("forward", out, c["out"])
    assert out.creator[0] is cnn.max_pool2d, "forward goes through tinytorch.core.tensor.apply"
    same("backward", layer.backward(Tensor(c["grad"])), c["dx"])
    assert layer.parameters() == [], "pooling has nothing to learn"


def test_flatten_reads_rows_in_the_order_of_the_shape():
    x, layer = np.arange(48.0).reshape(2, 3, 2, 4), Flatten()
    for layout in (np.ascontiguousarray, channels_last):
        same("forward", layer(Tensor(layout(x))), x.reshape(2, 24))
        same("backward", layer.backward(Tensor(x.reshape(2, 24))), x)


@pytest.mark.parametrize("name", cases("norm"))
def test_batch_norm_layer(name):
    c = case(name)
    layer = BatchNorm2d(3, eps=1e-3, momentum=0.3).train(name == "norm_training")
    layer.weight.data, layer.bias.data = c["weight"], c["bias"]
    layer.running_mean.data, layer.running_var.data = mean, var = c["mean_before"].copy(), c["var_before"].copy()
    same("forward", layer(Tensor(c["x"], requires_grad=True)), c["out"], rtol=1e-8, atol=1e-9)
    same("running_mean", layer.running_mean, c["mean_after"])
    same("running_var", layer.running_var, c["var_after"])
    assert layer.running_mean.data is mean, "running_mean moves in place"
    assert layer.running_var.data is var, "running_var moves in place"
    for times in (1, 2):
        same("dx", layer.backward(Tensor(c["grad"])), c["dx"], rtol=1e-8, atol=1e-9)
        same("weight.grad", layer.weight.grad, times * c["dweight"], rtol=1e-8, atol=1e-9)
        same("bias.grad", layer.bias.grad, times * c["dbias"], rtol=1e-8, atol=1e-9)


def test_a_fresh_batch_norm():
    layer = BatchNorm2d(4)
    for name, number, learned in [
        ("weight", 1, True),
        ("bias", 0, True),
        ("running_mean", 0, False),
        ("running_var", 1, False),
    ]:
        tensor = getattr(layer, name)
        assert isinstance(tensor, Tensor), f"{name} is a Tensor"
        same(name, tensor, np.full(4, number))
        assert tensor.dtype == np.float32, f"{name} is {tensor.dtype}"
        assert tensor.requires_grad == learned, f"{name} {'needs' if learned else 'must not have'} requires_grad"
    out = layer(Tensor(np.random.default_rng(0).standard_normal((8, 4, 3, 3)).astype(np.float32), requires_grad=True))
    assert out.dtype == np.float32
    assert layer.running_var.dtype == np.float32
    assert [p.shape for p in layer.parameters()] == [(4,), (4,)], "running statistics are not to be learned"
    assert out.creator[0] is cnn.batch_norm, "forward goes through tinytorch.core.tensor.apply"
    same("mean of each channel", out.data.mean(axis=(0, 2, 3)), np.zeros(4), atol=1e-5)


def test_batch_norm_notes_numbers_that_stay():
    layer, x = BatchNorm2d(2).eval(), Tensor(np.ones((2, 2, 3, 3), np.float32))
    noted = layer(x).creator[2]
    assert {"mean", "var"} <= set(noted), "mean and var are options, given by name"
    layer.train()(x)
    same("the mean that a batch in use noted, after another batch", noted["mean"], [0.0, 0.0])
    same("the variance that it noted", noted["var"], [1.0, 1.0])


# --- a whole network ----------------------------------------------------------------------------


def test_three_steps_of_a_cnn():
    c, loss_fn = case("cnn"), CrossEntropyLoss()
    first = [Conv2d(2, 3, 3, padding=1), MaxPool2d(2), BatchNorm2d(3), ReLU()]
    second = [Conv2d(3, 4, 3, stride=2, padding=1), BatchNorm2d(4), ReLU()]
    model = Sequential(*first, *second, Flatten(), Linear(16, 3))
    for i, parameter in enumerate(model.parameters()):
        parameter.data = c[f"p{i}"].copy()
    for layer in (first[2], second[1]):
        for statistic in (layer.running_mean, layer.running_var):
            statistic.data = statistic.data.astype(np.float64)
    for step in range(3):
        model.zero_grad()
        same(f"loss before step {step + 1}", loss_fn(model(Tensor(c["x"])), c["labels"]), c["losses"][step], rtol=1e-7)
        model.backward(loss_fn.backward())
        if step == 0:
            for i, parameter in enumerate(model.parameters()):
                same(f"gradient of parameter {i}", parameter.grad, c[f"dp{i}"], rtol=1e-7, atol=1e-9)
        sgd_step(model.parameters(), float(c["lr"]))
    running = [tensor for layer in (first[2], second[1]) for tensor in (layer.running_mean, layer.running_var)]
    for i, tensor in enumerate(running):
        same(f"running statistics {i} after three batches", tensor, c[f"running{i}"], rtol=1e-7, atol=1e-9)
    same("logits in use", model.eval()(Tensor(c["x"])), c["logits"], rtol=1e-7, atol=1e-9)


def test_small_cnn_is_built_as_asked():
    model = cnn.small_cnn((3, 4, 6), 5, 13, np.random.default_rng(0))
    block = ["Conv2d", "MaxPool2d", "BatchNorm2d", "ReLU"]
    assert [type(layer).__name__ for layer in model.layers] == [*block, *block, "Flatten", "Linear"]
    assert model(Tensor(np.zeros((2, 3, 13, 13), np.float32))).shape == (2, 5)
    assert model.layers[-1].weight.shape == (5, 6 * 3 * 3)
    again = cnn.small_cnn((3, 4, 6), 5, 13, np.random.default_rng(0))
    for a, b in zip(model.parameters(), again.parameters(), strict=True):
        np.testing.assert_array_equal(a.data, b.data, err_msg="every layer draws from the rng that small_cnn got")


def test_a_small_cnn_learns_where_the_stripes_are():
    rng = np.random.default_rng(0)
    labels, images = rng.integers(0, 2, 200), 0.5 * rng.standard_normal((200, 1, 8, 8))
    for image, label, place in zip(images, labels, rng.integers(0, 8, 200), strict=True):
        image[0, place if label else slice(None), slice(None) if label else place] += 1.5  # a row, or a column
    images = images.astype(np.float32)
    model = cnn.small_cnn((1, 6), 2, 8, rng)
    losses = [train_epoch(model, CrossEntropyLoss(), images[:160], labels[:160], 0.1, 20, rng) for _ in range(12)]
    assert np.mean(losses[-1]) < np.mean(losses[0]) / 2, "the loss hardly falls"
    right = accuracy(model.eval()(Tensor(images[160:])), labels[160:])
    assert right > 0.85, f"only {right:.0%} of new images told apart"
