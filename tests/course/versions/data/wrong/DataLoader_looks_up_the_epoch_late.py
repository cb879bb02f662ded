# why: looks up the epoch when a batch is loaded

# %% DataLoader.__iter__
def __iter__(self):
    epoch = self.epoch
    self.epoch = epoch + 1
    order = rng_of(self.seed, epoch) if self.shuffle else None
    batches = batch_indices(len(self.dataset), self.batch_size, order, self.drop_last)

    def load(indices):
        return load_batch(self.dataset, indices, self.seed, self.epoch - 1, self.collate_fn)

    if self.num_workers == 0:
        return (load(indices) for indices in batches)
    return prefetched(load, batches, self.num_workers, self.num_workers * self.prefetch)
