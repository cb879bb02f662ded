# why: lets numpy pickle

# %% save_arrays.save_arrays
def save_arrays(path, arrays):
    with open(f"{path}.new", "wb") as file:
        np.savez(file, **arrays)
    os.replace(f"{path}.new", path)
