# why: takes only the very same array for shared

# %% Allocations.__call__
def __call__(self, function, inputs, options, out, seconds):
    shared = any(out.data is x.data for x in inputs)
    self.rows.append((function.__name__, 0 if shared else out.nbytes))
