"""Kernels: the exported kernels, compiled and as plain Python, against numpy's and PyTorch's numbers."""

import importlib.util
import math
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tinytorch.core import cnn, mlp, tensor
from tinytorch.core import kernels as compiled
from tinytorch.core.tensor import Tensor

GOLDENS = Path(__file__).parent / "goldens"
GOLDEN, CNN = np.load(GOLDENS / "kernels.npz"), np.load(GOLDENS / "cnn.npz")
RNG = np.random.default_rng(10)


def load_without_numba():
    """The module as it is where Numba can't be imported."""
    spec = importlib.util.spec_from_file_location("tinytorch.core.kernels_in_python", compiled.__file__)
    module, kept = importlib.util.module_from_spec(spec), sys.modules.get("numba")
    sys.modules["numba"] = None  # makes `import numba` raise ImportError
    try:
        with pytest.warns(UserWarning, match="pip install numba"):
            spec.loader.exec_module(module)
    finally:
        del sys.modules["numba"]
        if kept is not None:
            sys.modules["numba"] = kept
    return module


@pytest.fixture(scope="module", params=["compiled", "in Python"])
def kernels(request):
    return compiled if request.param == "compiled" else load_without_numba()


def case(golden, name):
    """The arrays of one golden case, by their short names."""
    return {key.partition(".")[2]: golden[key] for key in golden.files if key.startswith(f"{name}.")}


def cases(golden, kind):
    return sorted({key.partition(".")[0] for key in golden.files if key.startswith(f"{kind}_")})


def same(what, got, want, rtol=1e-5, atol=1e-6):
    assert np.shape(got) == np.shape(want), f"{what}: shape {np.shape(got)} instead of {np.shape(want)}"
    np.testing.assert_allclose(got, want, rtol=rtol, atol=atol, err_msg=f"{what} is not what it should be")


def normal(*shape, dtype=np.float32):
    return RNG.standard_normal(shape).astype(dtype)


# --- memory -------------------------------------------------------------------------------------


def test_count_misses():
    assert compiled.count_misses([]) == 0
    assert compiled.count_misses(range(0, 640, 4)) == 10
    assert compiled.count_misses([0, 64, 128, 0, 192, 64], sets=1, ways=3) == 5
    assert compiled.count_misses([0, 64, 0, 128, 0, 64], sets=1, ways=2) == 4, "what was used again stays longer"
    assert compiled.count_misses([0, 32, 64, 96] * 3, line=32, sets=4, ways=1) == 4
    assert compiled.count_misses([0, 128, 256] * 3, line=32, sets=4, ways=1) == 9, "all of these belong to one set"
    assert compiled.count_misses([64 * i for i in range(5)] * 3, sets=1, ways=8) == 5, "there is room for all of them"
    column = [4096 * i for i in range(16)] * 2
    assert compiled.count_misses(column) == 32, "16 lines of one set do not fit into 8 ways"
    assert compiled.count_misses([at + at // 64 for at in column]) == 16


def test_trace_notes_addresses():
    a, b = np.ones((1, 2), np.float32), np.ones((2, 3), np.float32)
    log = compiled.trace(compiled.matmul_ijk, a=a, b=b, out=np.zeros((1, 3), np.float32))
    assert [at - 64 for name, at in log if name == "b"] == [0, 12, 4, 16, 8, 20]
    assert {at for name, at in log if name == "out"} == {128, 132, 136}


def test_matmul_ikj_reads_rows():
    a, b = np.ones((2, 3), np.float32), np.ones((3, 4), np.float32)
    log = compiled.trace(compiled.matmul_ikj, a=a, b=b, out=np.zeros((2, 4), np.float32))
    assert [at - 64 for name, at in log if name == "b"] == [4 * i for i in range(12)] * 2
    written = [(at - 128) // 4 for name, at in log if name == "out"]
    assert written == [j for i in range(2) for _ in range(3) for j in np.repeat(range(4 * i, 4 * i + 4), 2)], "in turns"


@pytest.mark.parametrize("name", ["matmul_ijk", "matmul_ikj"])
@pytest.mark.parametrize("sizes", [(3, 4, 5), (1, 1, 1), (2, 0, 3), (0, 2, 2)])
def test_loops_add_the_product(kernels, name, sizes):
    m, k, n = sizes
    a, b, out = normal(m, k), normal(k, n), normal(m, n)
    want = out + a @ b
    getattr(kernels, name)(a, b, out)
    same(name, out, want)


# --- tiles --------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [0, 1, 3, 40])
def test_a_tile(kernels, depth):
    a, b, out = normal(12, depth), normal(8, depth), np.full((12, 8), 9, np.float32)
    kernels.tile_4x4(a, b, out, 5, 3)
    want = np.full((12, 8), 9, np.float32)
    want[5:9, 3:7] = (a @ b.T)[5:9, 3:7]
    same("out", out, want, rtol=1e-4, atol=1e-5)


def test_a_tile_reads_every_number_once():
    a, b = np.ones((4, 6)), np.ones((8, 6))
    log = compiled.trace(compiled.tile_4x4, (0, 4), a=a, b=b, out=np.zeros((4, 8)))
    for name, start in (("a", 0), ("b", 192 + 4 * 48)):
        read = sorted(at for who, at in log if who == name)
        assert read == [start + 8 * i for i in range(24)], f"{name}: each number of four rows is read once"


@pytest.mark.parametrize("shape", [(7,), (3, 5), (1, 1), (2, 3, 4), ()])
@pytest.mark.parametrize("alignment", [64, 4096])
def test_aligned_zeros(shape, alignment):
    array = compiled.aligned_zeros(shape, np.float32, alignment)
    assert array.ctypes.data % alignment == 0
    assert (array.shape, array.dtype, array.flags.c_contiguous) == (shape, np.float32, True)
    assert not array.any()
    array[...] = 1  # it can be written to
    assert compiled.aligned_zeros((2, 0), np.float64).shape == (2, 0)


@pytest.mark.parametrize("rows", [0, 1, 4, 6])
def test_pack(rows):
    base = normal(9, 2 * rows + 1, dtype=np.float64)
    view = base[::2, 1::2].T  # (rows, 5), every second number of every second column
    packed = compiled.pack(view, np.float32)
    assert packed.shape == (-(-rows // 4) * 4, 5)
    assert (packed.dtype, packed.flags.c_contiguous) == (np.float32, True)
    assert rows == 0 or packed.ctypes.data % 64 == 0
    same("rows", packed[:rows], view.astype(np.float32))
    assert not packed[rows:].any()
    whole = normal(4, 3)
    assert not np.shares_memory(compiled.pack(whole, np.float32), whole)


@pytest.mark.parametrize("block", [4, 8, 64])
def test_gemm_writes_its_rows(kernels, block):
    a, b, out = normal(16, 5), normal(12, 5), np.full((16, 12), 9, np.float32)
    kernels.gemm(a, b, out, 4, 12, block)
    want = np.full((16, 12), 9, np.float32)
    want[4:12] = a[4:12] @ b.T
    same("out", out, want, rtol=1e-4, atol=1e-5)


def test_gemm_finishes_a_block_before_the_next(monkeypatch):
    seen = []
    monkeypatch.setattr(compiled, "tile_4x4", lambda a, b, out, i, j: seen.append((i, j)))
    compiled.in_python(compiled.gemm)(np.ones((20, 1)), np.ones((12, 1)), np.ones((20, 12)), 4, 16, 8)
    blocks = [[(4, 0), (4, 4), (8, 0), (8, 4)], [(4, 8), (8, 8)], [(12, 0), (12, 4)], [(12, 8)]]
    assert seen == [tile for block in blocks for tile in block]


def test_spans():
    for case, want in [((20, 2, 4), [(0, 8), (8, 20)]), ((6, 5, 4), [(0, 4), (4, 6)]), ((0, 3, 4), [])]:
        assert [tuple(span) for span in compiled.spans(*case)] == want


@given(st.integers(0, 200), st.integers(1, 12), st.integers(1, 9))
def test_spans_cover_the_range(n, parts, step):
    found = compiled.spans(n, parts, step)
    assert [i for start, stop in found for i in range(start, stop)] == list(range(n))
    assert all(start % step == 0 and start < stop for start, stop in found)
    tiles = [-(-(stop - start) // step) for start, stop in found]
    assert not tiles or max(tiles) - min(tiles) <= 1, "the shares are equal, but for one tile"


# --- the product --------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_matmul_of_every_shape_and_dtype(data):
    m, k, n = (data.draw(st.integers(0, 19)) for _ in range(3))
    left, right = data.draw(st.sampled_from([((), ()), ((2,), ()), ((), (3,)), ((2, 1), (3,)), ((0,), ())]))
    types = data.draw(st.tuples(*[st.sampled_from([np.float32, np.float64, np.int32, np.bool_])] * 2))
    step = data.draw(st.sampled_from([1, 2, -1]))
    a = (3 * normal(*left, m, 2 * k)).astype(types[0])[..., ::step][..., :k]
    b = (3 * normal(*right, n, k)).astype(types[1]).swapaxes(-1, -2)
    k = a.shape[-1]
    b = b[..., :k, :]
    got, want = compiled.matmul(a, b, threads=data.draw(st.sampled_from([1, 2]))), compiled.numpy_matmul(a, b)
    assert got.dtype == want.dtype
    same("the product", got, want, rtol=1e-4, atol=1e-3)


def test_matmul_of_vectors_and_of_what_does_not_fit(kernels):
    a, b = normal(5, 9), normal(9, 7)
    same("vector times matrix", kernels.matmul(a[0], b), a[0] @ b, rtol=1e-4)
    same("matrix times vector", kernels.matmul(a, b[:, 0]), a @ b[:, 0], rtol=1e-4)
    same("vector times vector", kernels.matmul(a[0], b[:, 0]), a[0] @ b[:, 0], rtol=1e-4)
    with pytest.raises(ValueError, match=r"\(5, 9\)"):
        kernels.matmul(a, a)


def test_matmul_of_more_than_a_block():
    a, b = normal(150, 70, dtype=np.float64), normal(70, 133, dtype=np.float64)
    for threads in (1, 3):
        same(f"{threads} threads", compiled.matmul(a, b, threads, block=32), a @ b, rtol=1e-9, atol=1e-10)


# --- fused --------------------------------------------------------------------------------------


def test_exp32(kernels):
    c = case(GOLDEN, "exp")
    got = np.array([kernels.exp32(x) for x in c["x"]])
    np.testing.assert_allclose(got / c["out"], 1, atol=1e-6, err_msg="exp32 is not exact to the last digits")
    special = [kernels.exp32(np.float32(x)) for x in (-math.inf, -1e30, -100, 100, 1e30, math.inf, math.nan)]
    np.testing.assert_array_equal(special, [0, 0, 0, math.inf, math.inf, math.inf, math.nan])


def test_exp32_is_float32_throughout(kernels):
    function = kernels.in_python(kernels.exp32)
    if function is kernels.exp32:  # else a compiled function is called in it, which returns Python's floats
        assert {type(function(np.float32(x))) for x in (-100, -1, 0, 3)} == {np.float32}
    else:
        kernels.exp32(np.float32(1))
        types = {str(version.args[0]): str(version.return_type) for version in kernels.exp32.nopython_signatures}
        assert types["float32"] == "float32"


def test_exp32_calls_no_exp_of_a_library():
    assert not {"exp", "exp2", "expm1"} & set(compiled.in_python(compiled.exp32).__code__.co_names)


def test_scale_shift_relu(kernels):
    x, scale, shift = normal(4, 5), normal(5), normal(5)
    out = np.empty_like(x)
    kernels.scale_shift_relu(x, scale, shift, out)
    same("out", out, np.maximum(x * scale + shift, 0))


def test_row_max(kernels):
    for row in ([1, -2, 3], [-1, -7, -0.5], [-0.0, -1], [5], [-math.inf, -3], [1, math.inf]):
        assert kernels.row_max(np.array(row, np.float32)) == max(row)


@pytest.mark.parametrize("name", [name for name in cases(GOLDEN, "softmax") if name != "softmax_axes"])
def test_softmax(kernels, name):
    c = case(GOLDEN, name)
    kept, out = c["x"].copy(), np.full_like(c["x"], 7)
    kernels.softmax_rows(c["x"], out)
    same("softmax_rows", out, c["out"])
    np.testing.assert_array_equal(c["x"], kept, err_msg="softmax must leave its input alone")
    same("softmax", kernels.softmax(c["x"]), c["out"])


def test_softmax_along_other_axes_and_of_other_kinds():
    c = case(GOLDEN, "softmax_axes")
    for axis in range(3):
        same(f"axis {axis}", compiled.softmax(c["x"], axis), c[f"out{axis}"])
    whole = compiled.softmax(np.array([[1, 2, 3]]))
    assert whole.dtype == np.float32
    assert compiled.softmax(np.ones((2, 3))).dtype == np.float64
    same("two rows, backwards", compiled.softmax(c["x"][::-1, :, ::2]), compiled.softmax_numpy(c["x"][::-1, :, ::2]))
    for shape in [(0, 3), (3, 0)]:
        assert compiled.softmax(np.ones(shape, np.float32)).shape == shape
    assert np.isnan(compiled.softmax(np.array([[0, math.nan]], np.float32))).all(), "nan must not be hidden"


@pytest.mark.parametrize("name", cases(GOLDEN, "norm"))
def test_layer_norm(kernels, name):
    c = case(GOLDEN, name)
    out = np.full_like(c["x"], 7)
    kernels.layer_norm_rows(c["x"], c["weight"], c["bias"], np.float32(0.01), out)
    same("layer_norm_rows", out, c["out"], rtol=1e-3, atol=2e-3 if name == "norm_far" else 2e-4)
    double = [c[key].astype(np.float64) for key in ("x", "weight", "bias")]
    same("layer_norm in float64", kernels.layer_norm(*double, 0.01), c["out"], rtol=1e-9, atol=1e-9)


def test_layer_norm_of_other_shapes():
    weight, bias = normal(6), normal(6)
    x = normal(4, 3, 6).transpose(1, 0, 2)[::2]
    same("more axes", compiled.layer_norm(x, weight, bias), compiled.layer_norm_numpy(x, weight, bias), atol=1e-5)
    assert compiled.layer_norm(x, weight, bias).dtype == np.float32
    assert compiled.layer_norm(np.ones((2, 6), int), weight, bias).dtype == np.float32
    assert compiled.layer_norm(x[:0], weight, bias).shape == (0, 4, 6)


# --- convolutions -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", cases(CNN, "conv"))
def test_convolutions_are_pytorchs(name):
    c = case(CNN, name)
    stride, padding = c["options"].tolist()
    arrays = c["x"], c["weight"], c["bias"]
    same("kn2row", compiled.conv2d_kn2row(*arrays, stride, padding), c["out"], rtol=1e-9, atol=1e-9)
    same("FFT", compiled.conv2d_fft(*arrays, stride, padding), c["out"], rtol=1e-9, atol=1e-9)
    if c["weight"].shape[2:] == (3, 3):
        whole = compiled.conv2d_winograd(*arrays, padding)
        same("Winograd", whole[:, :, ::stride, ::stride], c["out"], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", ["conv2d_kn2row", "conv2d_winograd", "conv2d_fft"])
def test_convolutions_of_float32_of_nothing_and_of_what_does_not_fit(name):
    function, weight, bias = getattr(compiled, name), normal(4, 3, 3, 3), normal(4)
    assert function(normal(2, 3, 6, 5), weight, bias).dtype == np.float32
    assert function(normal(0, 3, 6, 5), weight, bias).shape == (0, 4, 4, 3)
    with pytest.raises(ValueError):
        function(normal(1, 3, 2, 5), weight, bias)


def test_intermediate_results_of_convolutions():
    x, weight = normal(2, 3, 6, 8, dtype=np.float64), normal(5, 3, 3, 3, dtype=np.float64)
    products = compiled.pixel_products(x, weight)
    assert products.shape == (2, 3, 3, 5, 6, 8)
    same("a product", products[1, 0, 2, 4], np.einsum("chw,c->hw", x[1], weight[4, :, 0, 2]), rtol=1e-9)
    filters, tiles = compiled.winograd_filters(weight), compiled.winograd_tiles(x)
    assert (filters.shape, tiles.shape) == ((4, 4, 3, 5), (4, 4, 2, 2, 3, 3))
    same("a filter", filters[:, :, 1, 2], compiled.G @ weight[2, 1] @ compiled.G.T, rtol=1e-9)
    same("a tile", tiles[:, :, 1, 1, 2, 0], compiled.BT @ x[1, 0, 2:6, 4:8] @ compiled.BT.T, rtol=1e-9)
    assert {filters.dtype, tiles.dtype} == {np.dtype(np.float64)}
    assert compiled.winograd_filters(weight.astype(np.float32)).dtype == np.float32
    assert compiled.winograd_tiles(x.astype(np.float32)).dtype == np.float32
    waves = compiled.wave_products(x, weight)
    assert waves.shape == (2, 5, 6, 5)
    same("the mean wave", waves[:, :, 0, 0], np.einsum("nchw,ocab->no", x, weight), rtol=1e-9)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.tuples(st.integers(0, 5), st.integers(1, 20), st.integers(1, 11), st.integers(1, 11)),
    st.integers(1, 20),
    st.integers(0, 3),
    st.sampled_from([np.float32, np.float64]),
    st.booleans(),
)
def test_large_tiles_are_what_conv2d_computes(shape, outputs, padding, dtype, turned):
    x, weight, bias = (normal(*size, dtype=dtype) for size in (shape, (outputs, shape[1], 3, 3), (outputs,)))
    x = x.transpose(0, 1, 3, 2) if turned else x
    if min(x.shape[2:]) + 2 * padding < 3:
        with pytest.raises(ValueError):
            compiled.conv2d_large_tiles(x, weight, bias, padding)
        return
    got, want = compiled.conv2d_large_tiles(x, weight, bias, padding), cnn.conv2d(x, weight, bias, padding=padding)
    assert (got.dtype, got.strides) == (dtype, want.strides)
    largest = np.abs(x).max(initial=0) * np.abs(weight).sum(axis=(1, 2, 3)).max()
    same("large tiles", got, want, rtol=0, atol=float(largest) * (2e-5 if dtype == np.float32 else 1e-13))


def test_large_tiles_round_about_ten_times_as_much_as_im2col():
    rng = np.random.default_rng(0)
    x, weight, bias = (rng.standard_normal(size, np.float32) for size in [(16, 64, 12, 12), (32, 64, 3, 3), (32,)])
    true = cnn.conv2d(*(array.astype(np.float64) for array in (x, weight, bias)))
    tiled, plain = (np.abs(f(x, weight, bias) - true).max() for f in (compiled.conv2d_large_tiles, cnn.conv2d))
    assert 2 * plain < tiled < 40 * plain
    assert tiled < 2e-5 * np.abs(true).max()


def test_use_puts_large_tiles_under_networks_of_this_thread(monkeypatch):
    seen, real = [], compiled.conv2d_large_tiles
    monkeypatch.setattr(compiled, "conv2d_large_tiles", lambda *args: seen.append(args[1].shape) or real(*args))
    layer, x = cnn.Conv2d(16, 24, 3, padding=1), Tensor(normal(8, 16, 7, 8), requires_grad=True)
    plain, plain_dx = layer(x).data, layer.backward(Tensor(np.ones((8, 24, 7, 8), np.float32))).data
    assert seen == []
    with compiled.use():
        out = layer(x)
        same("forward", out.data, plain, rtol=0, atol=1e-3)
        same("dx", layer.backward(Tensor(np.ones_like(plain))).data, plain_dx, rtol=0, atol=1e-3)
        assert seen == [(24, 16, 3, 3), (16, 24, 3, 3)], "forward, and the convolution that gives dx"
        assert out.creator[0] is cnn.conv2d, "autograd knows only conv2d"
        with ThreadPoolExecutor(1) as pool:
            pool.submit(layer, x).result()
        for other in (cnn.Conv2d(16, 24, 3, stride=2), cnn.Conv2d(16, 24, 1), cnn.Conv2d(16, 8, 3)):
            same("what tiles can't do", other(x).data, cnn.conv2d.__wrapped__(x.data, *kept(other)), rtol=1e-6)
        with pytest.raises(ValueError, match="images of shape"):
            layer(Tensor(normal(8, 15, 7, 8)))
    layer(x)
    assert len(seen) == 2, "another thread, other layers and what comes after use() know nothing of it"


@pytest.fixture
def multiplied(monkeypatch):
    """A list of the shapes that our own kernels have multiplied since the test began."""
    shapes, real = [], compiled.packed_product

    def noted(a, b, *options):
        shapes.append((a.shape, b.shape))
        return real(a, b, *options)

    monkeypatch.setattr(compiled, "packed_product", noted)
    return shapes


@pytest.mark.parametrize("shape", [(5, 7), (7,), (2, 3, 7)])
def test_use_puts_our_matmul_under_linear_layers_forward_and_backward(shape, multiplied):
    layer, x = mlp.Linear(7, 4, np.random.default_rng(0)), Tensor(normal(*shape))
    grad = Tensor(normal(*shape[:-1], 4))

    def step():
        layer.zero_grad()
        return [layer(x).data, layer.backward(grad).data, layer.weight.grad.data, layer.bias.grad.data]

    plain = step()
    assert multiplied == []
    with compiled.use():
        own = step()
    rows = int(np.prod(shape[:-1]))
    assert multiplied == [((rows, 7), (7, 4)), ((rows, 4), (4, 7)), ((4, rows), (rows, 7))], "forward, dx and dweight"
    for name, mine, numpys in zip(("out", "dx", "dweight", "dbias"), own, plain, strict=True):
        assert (type(mine), mine.dtype) == (np.ndarray, numpys.dtype)
        same(name, mine, numpys, rtol=1e-5, atol=1e-5)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    st.sampled_from([((3, 4), (4, 2)), ((4,), (4, 2)), ((3, 4), (4,)), ((4,), (4,)), ((2, 1, 3, 4), (5, 4, 2))]),
    st.tuples(*[st.sampled_from([np.float32, np.float64, np.int32, np.bool_])] * 2),
)
def test_use_changes_no_product_of_tensors(shapes, dtypes):
    a, b = (Tensor((3 * normal(*shape)).astype(dtype)) for shape, dtype in zip(shapes, dtypes, strict=True))
    plain = a @ b
    with compiled.use():
        own = a @ b
        again = compiled.matmul(a.data, b.data)  # of ints it asks numpy, and not what stands in for numpy
    assert own.dtype == again.dtype == plain.dtype
    same("the product", own.data, plain.data, rtol=1e-5, atol=1e-5)


def test_use_ends_with_its_block_and_belongs_to_its_thread(multiplied):
    x = Tensor(normal(3, 3))

    def in_blocks():
        with compiled.use():
            with compiled.use():
                x @ x
            x @ x
            with ThreadPoolExecutor(1) as pool:
                pool.submit(lambda: x @ x).result()
            raise KeyError

    with pytest.raises(KeyError):
        in_blocks()
    x @ x
    assert len(multiplied) == 2, "not in another thread, and not after the error"


@pytest.mark.parametrize(
    ("module", "name"), [(tensor, "matmul"), (mlp, "linear"), (mlp, "linear_backward"), (cnn, "conv2d")]
)
def test_what_use_stands_in_for_is_replaceable(module, name):
    """Where `@replaceable` is missing above a function, use() would change nothing, and say nothing."""
    assert name in compiled.KERNELS
    assert hasattr(getattr(module, name), "__wrapped__"), f"{module.__name__}: @replaceable is missing above {name}"


@pytest.mark.parametrize("shape", [(4, 4), (2, 3, 5, 5), (1, 6), (3, 7), (2, 1, 1)])
def test_causal_softmax_sees_no_later_column(kernels, shape):
    scores = 3 * normal(*shape)
    rows, columns = shape[-2:]
    got = kernels.causal_softmax(scores)
    assert got.dtype == np.float32
    for row in range(rows):
        seen = columns - rows + row + 1
        same("what it sees", got[..., row, :seen], kernels.softmax_numpy(scores[..., row, :seen]), rtol=1e-5)
        assert not got[..., row, seen:].any(), "exactly 0"


def kept(layer):
    return layer.weight.data, layer.bias.data, layer.stride, layer.padding


def test_winograd_refuses_other_filters():
    with pytest.raises(ValueError, match="5 x 3"):
        compiled.conv2d_winograd(normal(1, 1, 9, 9), normal(1, 1, 5, 3), normal(1))


# --- the tuner ----------------------------------------------------------------------------------


def tuner(times, rounds):
    """A tuner whose candidates take given times, after a slow first call; the log of its calls, | for its clock."""
    now, log, left = [0.0], [], {name: [50.0, *some] for name, some in times.items()}

    def make(name):
        def work():
            if not left[name]:
                raise RuntimeError(f"{name} is called more often than once and in each round")
            log.append(name)
            now[0] += left[name].pop(0)

        if not times[name]:
            raise ValueError("can't")
        return work

    def clock():
        log.append("|")
        return now[0]

    return compiled.Autotuner(times, rounds, clock), make, log


def test_the_tuner_takes_the_smallest_median():
    tune, make, log = tuner({"a": [1, 9, 9], "b": [5, 4, 6], "none": [], "c": [6, 5, 4]}, 3)
    assert tune.choose("key", make) == "b"
    assert tune.seconds == {"key": [9, 5, None, 5]}
    assert "".join(log) == "abc" + 3 * "|a||b||c|", "first a warm-up of each, then rounds in which they take turns"
    assert tune.choose("key", make) == "b"
    assert len(log) == 30, "a key that is known is not measured again"
    nobody = tuner({"none": []}, 1)[0]
    with pytest.raises(ValueError, match="other"):
        nobody.choose("other", make)
    assert (nobody.seconds, nobody.choices) == ({}, {})


def test_the_tuner_on_a_real_clock():
    tune = compiled.Autotuner([100, 20_000, 3], rounds=3)
    assert tune.choose("loops", lambda n: lambda: sum(range(n + 100_000 * (n > 1000)))) != 20_000
    assert all(seconds > 0 for seconds in tune.seconds["loops"])
