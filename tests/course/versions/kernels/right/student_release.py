# why: the whole solution of somebody who saw only the release

# %% count_misses
#| export
def count_misses(addresses, line=64, sets=64, ways=8):
    cache = [[] for _ in range(sets)]
    misses = 0
    for address in addresses:
        number = address // line
        lines = cache[number % sets]
        if number in lines:
            lines.remove(number)
        else:
            misses += 1
            if len(lines) == ways:
                lines.pop(0)
        lines.append(number)
    return misses

# %% matmul_ikj
#| export
@kernel
def matmul_ikj(a, b, out):
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            factor = a[i, k]
            for j in range(b.shape[1]):
                out[i, j] += factor * b[k, j]

# %% tile_4x4
#| export
TILE = 4


@kernel
def tile_4x4(a, b, out, i, j):
    zero = a.dtype.type(0)
    c00 = c01 = c02 = c03 = zero
    c10 = c11 = c12 = c13 = zero
    c20 = c21 = c22 = c23 = zero
    c30 = c31 = c32 = c33 = zero
    for k in range(a.shape[1]):
        a0, a1, a2, a3 = a[i, k], a[i + 1, k], a[i + 2, k], a[i + 3, k]
        b0, b1, b2, b3 = b[j, k], b[j + 1, k], b[j + 2, k], b[j + 3, k]
        c00, c01, c02, c03 = c00 + a0 * b0, c01 + a0 * b1, c02 + a0 * b2, c03 + a0 * b3
        c10, c11, c12, c13 = c10 + a1 * b0, c11 + a1 * b1, c12 + a1 * b2, c13 + a1 * b3
        c20, c21, c22, c23 = c20 + a2 * b0, c21 + a2 * b1, c22 + a2 * b2, c23 + a2 * b3
        c30, c31, c32, c33 = c30 + a3 * b0, c31 + a3 * b1, c32 + a3 * b2, c33 + a3 * b3
    out[i, j], out[i, j + 1], out[i, j + 2], out[i, j + 3] = c00, c01, c02, c03
    out[i + 1, j], out[i + 1, j + 1], out[i + 1, j + 2], out[i + 1, j + 3] = c10, c11, c12, c13
    out[i + 2, j], out[i + 2, j + 1], out[i + 2, j + 2], out[i + 2, j + 3] = c20, c21, c22, c23
    out[i + 3, j], out[i + 3, j + 1], out[i + 3, j + 2], out[i + 3, j + 3] = c30, c31, c32, c33

# %% pack
#| export
def aligned_zeros(shape, dtype, alignment=64):
    dtype = np.dtype(dtype)
    size = math.prod(shape) * dtype.itemsize
    raw = np.zeros(size + alignment, np.uint8)
    start = -raw.ctypes.data % alignment
    return raw[start : start + size].view(dtype).reshape(shape)


def pack(x, dtype):
    m, k = x.shape
    out = aligned_zeros((-(-m // TILE) * TILE, k), dtype)
    for first in range(0, k, 16):
        out[:m, first : first + 16] = x[:, first : first + 16]
    return out

# %% gemm
#| export
@kernel
def gemm(a, b, out, start, stop, block):
    n = b.shape[0]
    for top in range(start, stop, block):
        for left in range(0, n, block):
            for i in range(top, min(top + block, stop), TILE):
                for j in range(left, min(left + block, n), TILE):
                    tile_4x4(a, b, out, i, j)

# %% spans
#| export
def spans(n, parts, step):
    tiles = -(-n // step)
    edges = [min(i * tiles // parts * step, n) for i in range(parts + 1)]
    return [(start, stop) for start, stop in pairwise(edges) if start < stop]

# %% exp32
#| export
@kernel
def exp32(x):
    x = LOWEST if x < LOWEST else x
    x = HIGHEST if x > HIGHEST else x
    n = np.floor(x * LOG2E + HALF)
    r = x - n * LN2_HIGH - n * LN2_LOW
    total = TAYLOR[7]
    for i in range(6, -1, -1):
        total = total * r + TAYLOR[i]
    return total * power_of_two(n)

# %% softmax_rows
#| export
@kernel
def softmax_rows(x, out):
    for i in range(x.shape[0]):
        top = row_max(x[i])
        total = np.float32(0)
        for j in range(x.shape[1]):
            e = exp32(x[i, j] - top)
            out[i, j] = e
            total += e
        share = np.float32(1) / total
        for j in range(x.shape[1]):
            out[i, j] *= share

# %% layer_norm_rows
#| export
@kernel
def layer_norm_rows(x, weight, bias, eps, out):
    n = x.shape[1]
    for i in range(x.shape[0]):
        total = x.dtype.type(0)
        for j in range(n):
            total += x[i, j]
        mean = x.dtype.type(total / n)
        squares = x.dtype.type(0)
        for j in range(n):
            squares += (x[i, j] - mean) ** 2
        scale = x.dtype.type(1 / math.sqrt(squares / n + eps))
        for j in range(n):
            out[i, j] = (x[i, j] - mean) * scale * weight[j] + bias[j]

# %% conv2d_kn2row
#| export
def pixel_products(x, weight):
    (n, c, h, w), (o, _, kh, kw) = x.shape, weight.shape
    filters = weight.transpose(2, 3, 0, 1).reshape(-1, c)
    return (filters @ x.reshape(n, c, h * w)).reshape(n, kh, kw, o, h, w)


def conv2d_kn2row(x, weight, bias, stride=1, padding=0):
    (n, _, h, w), (o, _, kh, kw) = x.shape, weight.shape
    oh, ow = output_size(h, kh, stride, padding), output_size(w, kw, stride, padding)
    products = pixel_products(np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding))), weight)
    out = np.zeros((n, o, oh, ow), products.dtype) + bias.reshape(-1, 1, 1)
    for a in range(kh):
        for b in range(kw):
            out += products[:, a, b, :, a : a + stride * oh : stride, b : b + stride * ow : stride]
    return out

# %% conv2d_winograd
#| export
BT = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]], np.float32)
G = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]], np.float32)
AT = np.array([[1, 1, 1, 0], [0, 1, -1, -1]], np.float32)


def winograd_filters(weight):
    o, c, _, _ = weight.shape
    columns = weight.transpose(2, 3, 1, 0).reshape(9, -1)
    return (np.kron(G, G) @ columns).reshape(4, 4, c, o).astype(weight.dtype)


def winograd_tiles(x):
    tiles = windows(x.transpose(0, 2, 3, 1), (4, 4), 2).transpose(3, 4, 0, 1, 2, 5)
    return (np.kron(BT, BT) @ tiles.reshape(16, -1)).reshape(tiles.shape).astype(x.dtype)


def conv2d_winograd(x, weight, bias, padding=0):
    (n, c, h, w), (o, _, kh, kw) = x.shape, weight.shape
    if (kh, kw) != (3, 3):
        raise ValueError(f"Winograd is for filters of 3 x 3, not of {kh} x {kw}")
    oh, ow = output_size(h, 3, 1, padding), output_size(w, 3, 1, padding)
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding + oh % 2), (padding, padding + ow % 2)))
    tiles, filters = winograd_tiles(x), winograd_filters(weight)
    th, tw = tiles.shape[3:5]
    products = tiles.reshape(16, -1, c) @ filters.reshape(16, c, o)
    out = (np.kron(AT, AT) @ products.reshape(16, -1)).reshape(2, 2, n, th, tw, o)
    out = out.transpose(2, 5, 3, 0, 4, 1).reshape(n, o, 2 * th, 2 * tw)
    return out[:, :, :oh, :ow] + bias.reshape(-1, 1, 1)

# %% conv2d_fft
#| export
def wave_products(x, weight):
    size = x.shape[2:]
    return np.einsum("nchw,ochw->nohw", np.fft.rfft2(x, s=size), np.fft.rfft2(weight, s=size).conj())


def conv2d_fft(x, weight, bias, stride=1, padding=0):
    (kh, kw), (h, w) = weight.shape[2:], x.shape[2:]
    oh, ow = output_size(h, kh, stride, padding), output_size(w, kw, stride, padding)
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    out = np.fft.irfft2(wave_products(x, weight), s=x.shape[2:])
    return out[:, :, : oh * stride : stride, : ow * stride : stride] + bias.reshape(-1, 1, 1)

# %% Autotuner
#| export
class Autotuner:
    """Finds the fastest of several candidates by trying, once for each key, and remembers it.

    candidates: list of anything (block sizes, functions, …)
    rounds: how often each candidate is measured; clock: function without arguments that returns seconds
    choices: dict key → the chosen candidate
    seconds: dict key → a list with the median of each candidate, in order; None for one that can't do it
    """

    def __init__(self, candidates, rounds=5, clock=time.perf_counter):
        self.candidates, self.rounds, self.clock = list(candidates), rounds, clock
        self.choices, self.seconds = {}, {}

    def warm_up(self, make):
        """make(candidate) of each candidate, called once; None in place of one for which either raises ValueError."""
        calls = []
        for candidate in self.candidates:
            try:
                call = make(candidate)
                call()
            except ValueError:
                call = None
            calls.append(call)
        return calls

    def choose(self, key, make):
        if key not in self.choices:
            calls = self.warm_up(make)
            if all(call is None for call in calls):
                raise ValueError(f"no candidate can do {key}")
            times = [[] for _ in calls]
            for _ in range(self.rounds):
                for call, seconds in zip(calls, times, strict=True):
                    if call is not None:
                        start = self.clock()
                        call()
                        seconds.append(self.clock() - start)
            self.seconds[key] = [statistics.median(seconds) if seconds else None for seconds in times]
            able = [i for i, median in enumerate(self.seconds[key]) if median is not None]
            self.choices[key] = self.candidates[min(able, key=lambda i: self.seconds[key][i])]
        return self.choices[key]
