# why: counts one more where the batches come out even

# %% DataLoader.__len__
def __len__(self):
    return len(self.dataset) // self.batch_size + (not self.drop_last)
