# why: everything becomes float32

# %% save_arrays.save_arrays
def save_arrays(path, arrays):
    with open(f"{path}.new", "wb") as file:
        np.savez(file, allow_pickle=False, **{n: a.astype(np.float32) if np.asarray(a).dtype == np.float64 else a for n, a in arrays.items()})
    os.replace(f"{path}.new", path)
