# why: other orders, other formulas, float64 on the way where it does no harm

# %% count_misses.count_misses
def count_misses(addresses, line=64, sets=64, ways=8):
    last_use, misses = {}, 0
    for now, address in enumerate(addresses):
        number = address // line
        if number not in last_use:
            misses += 1
            rivals = [other for other in last_use if (other - number) % sets == 0]
            if len(rivals) >= ways:
                del last_use[min(rivals, key=last_use.get)]
        last_use[number] = now
    return misses

# %% tile_4x4.tile_4x4
@kernel
def tile_4x4(a, b, out, i, j):
    zero = a.dtype.type(0)
    for r in range(4):
        for s in range(4):
            out[i + r, j + s] = zero
    for k in range(a.shape[1]):
        b0, b1, b2, b3 = b[j, k], b[j + 1, k], b[j + 2, k], b[j + 3, k]
        for r in range(i, i + 4):
            left = a[r, k]
            out[r, j] += left * b0
            out[r, j + 1] += left * b1
            out[r, j + 2] += left * b2
            out[r, j + 3] += left * b3

# %% pack.pack
def pack(x, dtype):
    packed = aligned_zeros(((len(x) + TILE - 1) // TILE * TILE, x.shape[1]), dtype)
    np.copyto(packed[: len(x)], x, casting="unsafe")
    return packed

# %% gemm.gemm
@kernel
def gemm(a, b, out, start, stop, block):
    n = len(b)
    for top in range(start, stop, block):
        for left in range(0, n, block):
            for i in range(top, top + block, TILE):
                for j in range(left, left + block, TILE):
                    if i < stop and j < n:
                        tile_4x4(a, b, out, i, j)

# %% spans.spans
def spans(n, parts, step):
    tiles = (n + step - 1) // step
    starts = [i * tiles // parts * step for i in range(parts)] + [n]
    return [(a, min(b, n)) for a, b in pairwise(starts) if a < min(b, n)]

# %% exp32.exp32
@kernel
def exp32(x):
    x = HIGHEST if x > HIGHEST else (LOWEST if x < LOWEST else x)
    n = np.floor(x * LOG2E + HALF)
    r = x - n * LN2_HIGH - n * LN2_LOW
    term = series = TAYLOR[0]
    for i in range(1, 8):
        term = term * r
        series = series + term * TAYLOR[i]
    return series * power_of_two(n)

# %% softmax_rows.softmax_rows
@kernel
def softmax_rows(x, out):
    for i in range(len(x)):
        top, total = row_max(x[i]), 0.0
        for j in range(x.shape[1]):
            out[i, j] = exp32(x[i, j] - top)
            total += out[i, j]
        for j in range(x.shape[1]):
            out[i, j] /= total

# %% layer_norm_rows.layer_norm_rows
@kernel
def layer_norm_rows(x, weight, bias, eps, out):
    for i in range(x.shape[0]):
        mean = x[i].sum() / x.shape[1]
        squares = 0.0
        for value in x[i]:
            squares += (value - mean) ** 2
        std = math.sqrt(squares / x.shape[1] + eps)
        for j in range(x.shape[1]):
            out[i, j] = (x[i, j] - mean) / std * weight[j] + bias[j]

# %% conv2d_kn2row.pixel_products
def pixel_products(x, weight):
    products = np.tensordot(weight, x, axes=([1], [1]))  # o, a, b, n, h, w
    return products.transpose(3, 1, 2, 0, 4, 5)

# %% conv2d_winograd.winograd_filters
def winograd_filters(weight):
    g = G.astype(weight.dtype)
    return (g @ weight @ g.T).transpose(2, 3, 1, 0)

# %% conv2d_winograd.winograd_tiles
def winograd_tiles(x):
    bt = BT.astype(x.dtype)
    tiles = windows(x.transpose(0, 2, 3, 1), (4, 4), 2)
    return np.moveaxis(bt @ np.moveaxis(tiles, -1, 3) @ bt.T, (-2, -1), (0, 1))

# %% conv2d_fft.wave_products
def wave_products(x, weight):
    images, filters = np.fft.rfft2(x), np.fft.rfft2(weight, s=x.shape[2:]).conj()
    return np.moveaxis(np.moveaxis(images, 1, -1).transpose(1, 2, 0, 3) @ filters.transpose(2, 3, 1, 0), (2, 3), (0, 1))

# %% Autotuner.choose
def choose(self, key, make):
    if key in self.choices:
        return self.choices[key]
    calls, table = self.warm_up(make), {}
    for turn in range(self.rounds):
        for i, call in enumerate(calls):
            if call:
                start = self.clock()
                call()
                end = self.clock()
                table.setdefault(i, []).append(end - start)
    if len(table) == 0:
        raise ValueError(f"no candidate is able to: {key}")
    self.seconds[key] = [statistics.median(table[i]) if i in table else None for i in range(len(calls))]
    order = sorted(table, key=lambda i: (self.seconds[key][i], i))
    self.choices[key] = self.candidates[order[0]]
    return self.choices[key]
