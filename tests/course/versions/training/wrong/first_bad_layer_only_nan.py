# why: inf counts as finite

# %% first_bad_layer.first_bad_layer
def first_bad_layer(model, x):
    for where, array in results_by_layer(model, x):
        bad = np.isnan(array).sum()
        if bad:
            return f"{where}: {bad} of {array.size} numbers are not finite"
    return "all results of the model are finite: look at the labels and at the loss function"
