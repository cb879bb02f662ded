# why: removes the old file before it renames

# %% save_arrays.save_arrays
def save_arrays(path, arrays):
    if os.path.exists(path):
        os.remove(path)
    with open(f"{path}.new", "wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    os.replace(f"{path}.new", path)
