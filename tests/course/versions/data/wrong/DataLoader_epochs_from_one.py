# why: counts epochs from 1

# %% DataLoader.__iter__
def __iter__(self):
    self.epoch += 1
    epoch = self.epoch
    order = rng_of(self.seed, epoch) if self.shuffle else None
    batches = batch_indices(len(self.dataset), self.batch_size, order, self.drop_last)

    def load(indices):
        return load_batch(self.dataset, indices, self.seed, epoch, self.collate_fn)

    if self.num_workers == 0:
        return (load(indices) for indices in batches)
    return prefetched(load, batches, self.num_workers, self.num_workers * self.prefetch)
