# why: the range always includes 0

# %% InputObserver.__call__
def __call__(self, function, inputs, options, out, seconds):
    if function in (linear, conv2d) and id(inputs[1]) in self.owners:
        name = self.owners[id(inputs[1])]
        low, high = np.quantile(inputs[0].data, [self.share, 1 - self.share]).tolist()
        before = self.ranges.get(name, (0.0, 0.0))
        self.ranges[name] = min(low, before[0]), max(high, before[1])
