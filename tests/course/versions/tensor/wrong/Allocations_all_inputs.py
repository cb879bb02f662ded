# why: a view must share memory with all inputs

# %% Allocations.__call__
def __call__(self, function, inputs, options, out, seconds):
    shared = all(np.shares_memory(out.data, x.data) for x in inputs)
    self.rows.append((function.__name__, 0 if shared else out.nbytes))
