# why: ln(2) with its first digits only

# %% exp32.exp32
@kernel
def exp32(x):
    x = LOWEST if x < LOWEST else x
    x = HIGHEST if x > HIGHEST else x
    n = np.floor(x * LOG2E + HALF)
    r = x - n * LN2_HIGH
    series = TAYLOR[7]
    for i in range(6, -1, -1):
        series = series * r + TAYLOR[i]
    return series * power_of_two(n)
