# why: puts the old file aside first

# %% save_arrays.save_arrays
def save_arrays(path, arrays):
    if os.path.exists(path):
        os.replace(path, f"{path}.old")
    with open(f"{path}.new", "wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    os.replace(f"{path}.new", path)
