# why: lets numpy pickle
# loses: check_save_arrays

# %% save_arrays.save_arrays
def save_arrays(path, arrays):
    with open(f"{path}.new", "wb") as file:
        np.savez(file, **arrays)
    os.replace(f"{path}.new", path)
