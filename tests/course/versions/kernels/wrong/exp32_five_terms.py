# why: too few terms

# %% exp32.exp32
@kernel
def exp32(x):
    x = LOWEST if x < LOWEST else x
    x = HIGHEST if x > HIGHEST else x
    n = np.floor(x * LOG2E + HALF)
    r = x - n * LN2_HIGH - n * LN2_LOW
    series = TAYLOR[4]
    for i in range(3, -1, -1):
        series = series * r + TAYLOR[i]
    return series * power_of_two(n)
