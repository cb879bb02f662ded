# why: has no row for a view

# %% Allocations.__call__
def __call__(self, function, inputs, options, out, seconds):
    if not any(np.shares_memory(out.data, x.data) for x in inputs):
        self.rows.append((function.__name__, out.nbytes))
