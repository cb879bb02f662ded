# why: plain threads and queues instead of an executor, order from sorted random numbers

# %% prefetched
#| export
def prefetched(function, tasks, num_workers, ahead):
    from queue import Empty, Queue
    from threading import Thread

    jobs, slots = Queue(), deque()

    def work():
        while (job := jobs.get()) is not None:
            task, slot = job
            try:
                slot.put((function(task), None))
            except BaseException as error:
                slot.put((None, error))

    def take():
        result, error = slots.popleft().get()
        if error is not None:
            raise error
        return result

    threads = [Thread(target=work, daemon=True) for _ in range(num_workers)]
    for thread in threads:
        thread.start()
    try:
        for task in tasks:
            slots.append(Queue(1))
            jobs.put((task, slots[-1]))
            if len(slots) == ahead + 1:
                yield take()
        while slots:
            yield take()
    finally:
        try:
            while True:
                jobs.get_nowait()
        except Empty:
            pass
        for _ in threads:
            jobs.put(None)
        for thread in threads:
            thread.join()

# %% batch_indices
#| export
def batch_indices(n, batch_size, rng=None, drop_last=False):
    order = np.arange(n) if rng is None else np.argsort(rng.random(n))
    batches = []
    while len(order) >= (batch_size if drop_last else 1):
        batches.append(order[:batch_size])
        order = order[batch_size:]
    return batches

# %% DataLoader.__len__
def __len__(self):
    return len(batch_indices(len(self.dataset), self.batch_size, drop_last=self.drop_last))

# %% DataLoader.__iter__
def __iter__(self):
    number, self.epoch = self.epoch, self.epoch + 1
    rng = None
    if self.shuffle:
        rng = rng_of(self.seed, number)
    indices = iter(batch_indices(len(self.dataset), self.batch_size, rng, self.drop_last))
    load = lambda batch: load_batch(self.dataset, batch, seed=self.seed, epoch=number, collate_fn=self.collate_fn)
    if self.num_workers > 0:
        return prefetched(load, indices, self.num_workers, self.prefetch * self.num_workers)
    return (load(batch) for batch in indices)
