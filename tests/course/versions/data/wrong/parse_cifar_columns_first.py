# why: exchanges rows and columns

# %% parse_cifar
#| export
def parse_cifar(raw):
    if not raw or len(raw) % 3073:
        raise ValueError("no whole records")
    records = np.frombuffer(raw, np.uint8).reshape(-1, 3073)
    if records[:, 0].max() > 9:
        raise ValueError("no such label")
    return records[:, 1:].reshape(-1, 3, 32, 32).swapaxes(2, 3), records[:, 0]
