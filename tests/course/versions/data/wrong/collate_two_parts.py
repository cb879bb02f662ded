# why: takes items for pairs
# loses: check_collate check_load_batch check_DataLoader

# %% collate
#| export
def collate(samples):
    images, labels = zip(*samples)
    return Tensor(np.stack(images), np.float32), Tensor(np.array(labels), np.int64)
