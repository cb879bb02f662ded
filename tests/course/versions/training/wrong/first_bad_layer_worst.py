# why: names the one with most of them

# %% first_bad_layer.first_bad_layer
def first_bad_layer(model, x):
    rows = [(array.size - np.isfinite(array).sum(), where, array.size) for where, array in results_by_layer(model, x)]
    bad, where, size = max(rows, key=lambda row: row[0])
    if bad:
        return f"{where}: {bad} of {size} numbers are not finite"
    return "all results of the model are finite: look at the labels and at the loss function"
