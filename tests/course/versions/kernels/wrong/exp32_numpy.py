# why: calls numpy's exp, which Numba can't turn into vectors

# %% exp32.exp32
@kernel
def exp32(x):
    return np.float32(0) if x < LOWEST else np.exp(x)
