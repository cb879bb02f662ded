# why: names the last, not the first

# %% first_bad_layer.first_bad_layer
def first_bad_layer(model, x):
    said = "all results of the model are finite: look at the labels and at the loss function"
    for where, array in results_by_layer(model, x):
        bad = array.size - np.isfinite(array).sum()
        if bad:
            said = f"{where}: {bad} of {array.size} numbers are not finite"
    return said
