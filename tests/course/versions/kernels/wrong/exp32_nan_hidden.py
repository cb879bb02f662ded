# why: limits that make nan the lowest number

# %% exp32.exp32
@kernel
def exp32(x):
    x = x if x > LOWEST else LOWEST
    x = HIGHEST if x > HIGHEST else x
    n = np.floor(x * LOG2E + HALF)
    r = x - n * LN2_HIGH - n * LN2_LOW
    series = TAYLOR[7]
    for i in range(6, -1, -1):
        series = series * r + TAYLOR[i]
    return series * power_of_two(n)
