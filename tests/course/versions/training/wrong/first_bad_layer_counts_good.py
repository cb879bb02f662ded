# why: counts the good ones

# %% first_bad_layer.first_bad_layer
def first_bad_layer(model, x):
    for where, array in results_by_layer(model, x):
        bad = array.size - np.isfinite(array).sum()
        if bad:
            return f"{where}: {array.size - bad} of {array.size} numbers are not finite"
    return "all results of the model are finite: look at the labels and at the loss function"
