# why: copies the finished file over the old one

# %% save_arrays.save_arrays
def save_arrays(path, arrays):
    with open(f"{path}.new", "wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    with open(f"{path}.new", "rb") as file, open(path, "wb") as target:
        target.write(file.read())
