# why: np.savez puts .npz behind the name

# %% save_arrays.save_arrays
def save_arrays(path, arrays):
    np.savez(f"{path}.new", allow_pickle=False, **arrays)
    os.replace(f"{path}.new.npz", path if str(path).endswith(".npz") else f"{path}.npz")
