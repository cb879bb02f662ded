# why: says nothing when it fails

# %% save_arrays.save_arrays
def save_arrays(path, arrays):
    try:
        with open(f"{path}.new", "wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
        os.replace(f"{path}.new", path)
    except Exception:
        print("could not save")
