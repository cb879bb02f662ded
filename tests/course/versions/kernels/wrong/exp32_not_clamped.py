# why: leaves out the limits: -inf gives nan

# %% exp32.exp32
@kernel
def exp32(x):
    n = np.floor(x * LOG2E + HALF)
    r = x - n * LN2_HIGH - n * LN2_LOW
    series = TAYLOR[7]
    for i in range(6, -1, -1):
        series = series * r + TAYLOR[i]
    return series * power_of_two(n)
