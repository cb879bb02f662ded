# why: counts samples instead of numbers

# %% first_bad_layer.first_bad_layer
def first_bad_layer(model, x):
    for where, array in results_by_layer(model, x):
        bad = len(np.atleast_1d(array)) - np.isfinite(np.atleast_1d(array)).all(axis=tuple(range(1, array.ndim))).sum()
        if bad:
            return f"{where}: {bad} of {array.size} numbers are not finite"
    return "all results of the model are finite: look at the labels and at the loss function"
