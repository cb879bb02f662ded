# why: knows the names of the operations that give views, but reshape and getitem copy sometimes

# %% Allocations.__call__
def __call__(self, function, inputs, options, out, seconds):
    view = function.__name__ in ("reshape", "transpose", "getitem", "expand")
    self.rows.append((function.__name__, 0 if view else out.nbytes))
