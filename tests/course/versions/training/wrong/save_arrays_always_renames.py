# why: renames also what went wrong

# %% save_arrays.save_arrays
def save_arrays(path, arrays):
    try:
        with open(f"{path}.new", "wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
    finally:
        os.replace(f"{path}.new", path)
