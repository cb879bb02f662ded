# why: start values left in float64

# %% Linear.__init__
def __init__(self, in_features, out_features, rng=None):
    rng = np.random.default_rng() if rng is None else rng
    bound = 1 / np.sqrt(in_features)
    self.weight = Tensor(rng.uniform(-bound, bound, (out_features, in_features)), requires_grad=True)
    self.bias = Tensor(rng.uniform(-bound, bound, out_features), requires_grad=True)
