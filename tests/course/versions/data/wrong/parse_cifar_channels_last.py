# why: takes the pixels for (32, 32, 3)

# %% parse_cifar
#| export
def parse_cifar(raw):
    if not raw or len(raw) % 3073:
        raise ValueError("no whole records")
    records = np.frombuffer(raw, np.uint8).reshape(-1, 3073)
    if records[:, 0].max() > 9:
        raise ValueError("no such label")
    return records[:, 1:].reshape(-1, 32, 32, 3).transpose(0, 3, 1, 2), records[:, 0]
