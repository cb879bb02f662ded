# why: takes every single number for a label, every array for an image

# %% collate
#| export
def collate(samples):
    blocks = [np.stack(part) for part in zip(*samples)]
    return tuple(Tensor(block, np.float32 if block.ndim > 1 else np.int64) for block in blocks)
