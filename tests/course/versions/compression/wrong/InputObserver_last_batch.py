# why: only the last batch counts

# %% InputObserver.__call__
def __call__(self, function, inputs, options, out, seconds):
    if function in (linear, conv2d) and id(inputs[1]) in self.owners:
        name = self.owners[id(inputs[1])]
        low, high = np.quantile(inputs[0].data, [self.share, 1 - self.share]).tolist()
        before = self.ranges.get(name, (low, high))
        self.ranges[name] = low, high
