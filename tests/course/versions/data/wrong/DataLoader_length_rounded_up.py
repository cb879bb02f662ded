# why: counts the batch that is dropped

# %% DataLoader.__len__
def __len__(self):
    return math.ceil(len(self.dataset) / self.batch_size)
