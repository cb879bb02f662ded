# why: slices, small arrays, sorted dicts and einsum instead of loops, names and products of matrices

# %% count_misses.count_misses
def count_misses(addresses, line=64, sets=64, ways=8):
    from collections import OrderedDict

    cache, hits, total = {}, 0, 0
    for address in addresses:
        total += 1
        number = address // line
        held = cache.setdefault(number % sets, OrderedDict())
        hits += number in held
        held[number] = True
        held.move_to_end(number)
        if len(held) > ways:
            held.popitem(last=False)
    return total - hits

# %% matmul_ikj.matmul_ikj
@kernel
def matmul_ikj(a, b, out):
    rows, inner = a.shape
    columns = b.shape[1]
    for i in range(rows):
        for k in range(inner):
            factor = a[i, k]
            for j in range(columns):
                out[i, j] = out[i, j] + factor * b[k, j]

# %% tile_4x4.tile_4x4
@kernel
def tile_4x4(a, b, out, i, j):
    sums = np.zeros((4, 4), a.dtype)
    for k in range(a.shape[1]):
        left = a[i, k], a[i + 1, k], a[i + 2, k], a[i + 3, k]
        right = b[j, k], b[j + 1, k], b[j + 2, k], b[j + 3, k]
        for r in range(4):
            for s in range(4):
                sums[r, s] += left[r] * right[s]
    out[i : i + 4, j : j + 4] = sums

# %% pack.aligned_zeros
def aligned_zeros(shape, dtype, alignment=64):
    count = int(np.prod(shape, dtype=int))
    raw = np.zeros(count * np.dtype(dtype).itemsize + alignment - 1, np.uint8)
    while raw.ctypes.data % alignment:
        raw = raw[1:]
    return raw[: count * np.dtype(dtype).itemsize].view(dtype).reshape(shape)

# %% pack.pack
def pack(x, dtype):
    missing = -len(x) % TILE
    packed = aligned_zeros((len(x) + missing, x.shape[1]), dtype)
    for i in range(len(x)):
        packed[i] = x[i]
    return packed

# %% gemm.gemm
@kernel
def gemm(a, b, out, start, stop, block):
    columns = b.shape[0]
    top = start
    while top < stop:
        bottom = min(stop, top + block)
        left = 0
        while left < columns:
            right = min(columns, left + block)
            for i in range(top, bottom, 4):
                for j in range(left, right, 4):
                    tile_4x4(a, b, out, i, j)
            left = right
        top = bottom

# %% spans.spans
def spans(n, parts, step):
    tiles, found = math.ceil(n / step), []
    for i in range(parts):
        first, last = i * tiles // parts, (i + 1) * tiles // parts
        if last > first:
            found.append((first * step, min(last * step, n)))
    return found

# %% exp32.exp32
@kernel
def exp32(x):
    if x < LOWEST:
        x = LOWEST
    if x > HIGHEST:
        x = HIGHEST
    n = np.floor(LOG2E * x + HALF)
    r = (x - n * LN2_HIGH) - n * LN2_LOW
    even = TAYLOR[0] + r * r * (TAYLOR[2] + r * r * (TAYLOR[4] + r * r * TAYLOR[6]))
    odd = TAYLOR[1] + r * r * (TAYLOR[3] + r * r * (TAYLOR[5] + r * r * TAYLOR[7]))
    return (even + r * odd) * power_of_two(n)

# %% softmax_rows.softmax_rows
@kernel
def softmax_rows(x, out):
    rows, columns = x.shape
    for i in range(rows):
        top = row_max(x[i])
        for j in range(columns):
            out[i, j] = exp32(x[i, j] - top)
        total = np.float32(0)
        for j in range(columns):
            total += out[i, j]
        for j in range(columns):
            out[i, j] = out[i, j] / total

# %% layer_norm_rows.layer_norm_rows
@kernel
def layer_norm_rows(x, weight, bias, eps, out):
    rows, columns = x.shape
    for i in range(rows):
        mean = 0.0
        for j in range(columns):
            mean += x[i, j] / columns
        var = 0.0
        for j in range(columns):
            var += (x[i, j] - mean) ** 2 / columns
        std = np.sqrt(var + eps)
        for j in range(columns):
            out[i, j] = weight[j] * (x[i, j] - mean) / std + bias[j]

# %% conv2d_kn2row.pixel_products
def pixel_products(x, weight):
    return np.einsum("ocab,nchw->nabohw", weight, x)

# %% conv2d_kn2row.conv2d_kn2row
def conv2d_kn2row(x, weight, bias, stride=1, padding=0):
    kh, kw = weight.shape[2:]
    oh, ow = output_size(x.shape[2], kh, stride, padding), output_size(x.shape[3], kw, stride, padding)
    products = pixel_products(np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)]), weight)
    total = 0
    for a in range(kh):
        for b in range(kw):
            total = total + products[:, a, b, :, a:, b:][:, :, ::stride, ::stride][:, :, :oh, :ow]
    return total + bias.reshape(-1, 1, 1)

# %% conv2d_winograd.winograd_filters
def winograd_filters(weight):
    return np.einsum("ia,ocab,jb->ijco", G, weight, G).astype(weight.dtype)

# %% conv2d_winograd.winograd_tiles
def winograd_tiles(x):
    n, c, h, w = x.shape
    out = np.zeros((4, 4, n, h // 2 - 1, w // 2 - 1, c), x.dtype)
    for i in range(h // 2 - 1):
        for j in range(w // 2 - 1):
            tile = x[:, :, 2 * i : 2 * i + 4, 2 * j : 2 * j + 4]
            out[:, :, :, i, j] = (BT @ tile @ BT.T).transpose(2, 3, 0, 1)
    return out

# %% conv2d_winograd.conv2d_winograd
def conv2d_winograd(x, weight, bias, padding=0):
    if weight.shape[2:] != (3, 3):
        raise ValueError("a filter of %d x %d" % weight.shape[2:])
    oh, ow = output_size(x.shape[2], 3, padding=padding), output_size(x.shape[3], 3, padding=padding)
    x = np.pad(x, [(0, 0), (0, 0), (padding, padding + oh % 2), (padding, padding + ow % 2)])
    tiles, filters = winograd_tiles(x), winograd_filters(weight)
    products = np.einsum("abnyxc,abco->noyxab", tiles, filters)
    small = AT @ products @ AT.T
    out = np.zeros((len(x), len(weight), oh + oh % 2, ow + ow % 2), x.dtype)
    for a in range(2):
        for b in range(2):
            out[:, :, a::2, b::2] = small[..., a, b]
    return out[:, :, :oh, :ow] + bias[None, :, None, None]

# %% conv2d_fft.wave_products
def wave_products(x, weight):
    padded = np.zeros((*weight.shape[:2], *x.shape[2:]), weight.dtype)
    padded[:, :, : weight.shape[2], : weight.shape[3]] = weight
    images, filters = np.fft.rfft2(x), np.conj(np.fft.rfft2(padded))
    return (images[:, None] * filters[None]).sum(axis=2)

# %% conv2d_fft.conv2d_fft
def conv2d_fft(x, weight, bias, stride=1, padding=0):
    kh, kw = weight.shape[2:]
    oh, ow = output_size(x.shape[2], kh, stride, padding), output_size(x.shape[3], kw, stride, padding)
    x = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    whole = np.fft.irfft2(wave_products(x, weight), s=x.shape[2:])[:, :, ::stride, ::stride]
    return whole[:, :, :oh, :ow] + bias.reshape(1, -1, 1, 1)

# %% Autotuner.choose
def choose(self, key, make):
    if key in self.choices:
        return self.choices[key]
    calls = self.warm_up(make)
    table = [[] for _ in calls]
    for _ in range(self.rounds):
        for call, row in zip(calls, table):
            if call is None:
                continue
            before = self.clock()
            call()
            row.append(self.clock() - before)
    medians = [float(np.median(row)) if row else None for row in table]
    best = None
    for i, median in enumerate(medians):
        if median is not None and (best is None or median < medians[best]):
            best = i
    if best is None:
        raise ValueError("nobody can do %r" % (key,))
    self.seconds[key] = medians
    self.choices[key] = self.candidates[best]
    return self.choices[key]
