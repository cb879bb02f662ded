# why: looks at the first input only

# %% Allocations.__call__
def __call__(self, function, inputs, options, out, seconds):
    shared = np.shares_memory(out.data, inputs[0].data)
    self.rows.append((function.__name__, 0 if shared else out.nbytes))
