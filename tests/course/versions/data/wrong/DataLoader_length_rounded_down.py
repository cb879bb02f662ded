# why: leaves the smaller last batch out of its length

# %% DataLoader.__len__
def __len__(self):
    return len(self.dataset) // self.batch_size
