# why: floor by math.floor, as one knows it from Python: an int64, which makes float64 of all that follows

# %% exp32.exp32
@kernel
def exp32(x):
    x = LOWEST if x < LOWEST else x
    x = HIGHEST if x > HIGHEST else x
    n = math.floor(x * LOG2E + HALF)
    r = x - n * LN2_HIGH - n * LN2_LOW
    series = TAYLOR[7]
    for i in range(6, -1, -1):
        series = series * r + TAYLOR[i]
    return series * power_of_two(n)
