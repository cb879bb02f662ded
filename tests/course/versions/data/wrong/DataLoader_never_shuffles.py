# why: ignores shuffle

# %% DataLoader.__iter__
def __iter__(self):
    epoch = self.epoch
    self.epoch = epoch + 1
    order = None
    batches = batch_indices(len(self.dataset), self.batch_size, order, self.drop_last)

    def load(indices):
        return load_batch(self.dataset, indices, self.seed, epoch, self.collate_fn)

    if self.num_workers == 0:
        return (load(indices) for indices in batches)
    return prefetched(load, batches, self.num_workers, self.num_workers * self.prefetch)
