# why: accepts a file without bytes

# %% parse_cifar
#| export
def parse_cifar(raw):
    if len(raw) % 3073:
        raise ValueError("no whole records")
    records = np.frombuffer(raw, np.uint8).reshape(-1, 3073)
    if np.any(records[:, 0] > 9):
        raise ValueError("no such label")
    return records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0]
