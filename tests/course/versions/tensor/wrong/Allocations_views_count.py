# why: counts views as allocations
# loses: check_Allocations

# %% Allocations.__call__
def __call__(self, function, inputs, options, out, seconds):
    self.rows.append((function.__name__, out.nbytes))
