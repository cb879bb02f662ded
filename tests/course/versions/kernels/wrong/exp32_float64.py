# why: counts on with Python's 0.5, in float64

# %% exp32.exp32
@kernel
def exp32(x):
    x = LOWEST if x < LOWEST else x
    x = HIGHEST if x > HIGHEST else x
    n = np.floor(x * LOG2E + 0.5)
    r = x - n * 0.693359375 - n * LN2_LOW
    series = TAYLOR[7]
    for i in range(6, -1, -1):
        series = series * r + TAYLOR[i]
    return series * power_of_two(n)
