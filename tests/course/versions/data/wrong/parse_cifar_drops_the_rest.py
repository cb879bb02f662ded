# why: ignores bytes that fill no record

# %% parse_cifar
#| export
def parse_cifar(raw):
    raw = raw[: len(raw) // 3073 * 3073]
    if not raw:
        raise ValueError("no whole records")
    records = np.frombuffer(raw, np.uint8).reshape(-1, 3073)
    if records[:, 0].max() > 9:
        raise ValueError("no such label")
    return records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0]
