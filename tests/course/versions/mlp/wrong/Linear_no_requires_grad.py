# why: forgot requires_grad

# %% Linear.__init__
def __init__(self, in_features, out_features, rng=None):
    rng = np.random.default_rng() if rng is None else rng
    bound = 1 / np.sqrt(in_features)
    self.weight = Tensor(rng.uniform(-bound, bound, (out_features, in_features)).astype(np.float32))
    self.bias = Tensor(rng.uniform(-bound, bound, out_features).astype(np.float32))
