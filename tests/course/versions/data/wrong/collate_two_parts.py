# why: takes items for pairs

# %% collate
#| export
def collate(samples):
    images, labels = zip(*samples)
    return Tensor(np.stack(images), np.float32), Tensor(np.array(labels), np.int64)
