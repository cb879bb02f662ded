# why: fails for a layer that is not the model's

# %% InputObserver.__call__
def __call__(self, function, inputs, options, out, seconds):
    if function in (linear, conv2d):
        name = self.owners[id(inputs[1])]
        low, high = np.quantile(inputs[0].data, [self.share, 1 - self.share]).tolist()
        before = self.ranges.get(name, (low, high))
        self.ranges[name] = min(low, before[0]), max(high, before[1])
