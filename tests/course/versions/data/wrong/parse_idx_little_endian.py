# why: reads lengths with the least significant byte first

# %% parse_idx
#| export
def parse_idx(raw):
    if raw[:3] != bytes([0, 0, 8]) or len(raw) < 4:
        raise ValueError("no IDX file of bytes")
    start = 4 + 4 * raw[3]
    shape = tuple(int.from_bytes(raw[i : i + 4], "little") for i in range(4, start, 4))
    if len(raw) != start + math.prod(shape):
        raise ValueError(f"{len(raw)} bytes instead of {start + math.prod(shape)}")
    return np.frombuffer(raw, np.uint8)[start:].reshape(shape)
