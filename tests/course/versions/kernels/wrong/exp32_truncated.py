# why: n is cut, and not rounded: r is too large for eight terms

# %% exp32.exp32
@kernel
def exp32(x):
    x = LOWEST if x < LOWEST else x
    x = HIGHEST if x > HIGHEST else x
    n = np.trunc(x * LOG2E)
    r = x - n * LN2_HIGH - n * LN2_LOW
    series = TAYLOR[7]
    for i in range(6, -1, -1):
        series = series * r + TAYLOR[i]
    return series * power_of_two(n)
