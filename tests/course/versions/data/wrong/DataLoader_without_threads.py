# why: ignores num_workers

# %% DataLoader.__iter__
def __iter__(self):
    epoch = self.epoch
    self.epoch = epoch + 1
    order = rng_of(self.seed, epoch) if self.shuffle else None
    batches = batch_indices(len(self.dataset), self.batch_size, order, self.drop_last)

    def load(indices):
        return load_batch(self.dataset, indices, self.seed, epoch, self.collate_fn)

    return (load(indices) for indices in batches)
