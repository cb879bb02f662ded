# why: writes over the old file

# %% save_arrays.save_arrays
def save_arrays(path, arrays):
    with open(path, "wb") as file:
        np.savez(file, allow_pickle=False, **arrays)

