# why: normal instead of uniform start values

# %% Linear.__init__
def __init__(self, in_features, out_features, rng=None):
    rng = np.random.default_rng() if rng is None else rng
    bound = 1 / np.sqrt(in_features)
    self.weight = Tensor((bound * rng.standard_normal((out_features, in_features))).astype(np.float32), requires_grad=True)
    self.bias = Tensor((bound * rng.standard_normal(out_features)).astype(np.float32), requires_grad=True)
