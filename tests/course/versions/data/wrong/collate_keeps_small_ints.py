# why: keeps uint8 labels

# %% collate
#| export
def collate(samples):
    blocks = [np.stack(part) for part in zip(*samples)]
    return tuple(Tensor(block.astype(np.float32) if block.dtype.kind == "f" else block) for block in blocks)
