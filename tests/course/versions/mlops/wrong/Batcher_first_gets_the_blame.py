# why: only the first of a batch hears of its failure

# %% Batcher.flush
def flush(self):
    if self.timer is not None:
        self.timer.cancel()
    batch = [(x, future) for x, future in self.waiting if not future.done()]
    self.waiting, self.timer = [], None
    try:
        results = self.run([x for x, _ in batch]) if batch else []
        for (_, future), result in zip(batch, results, strict=True):
            future.set_result(result)
    except Exception as error:
        batch[0][1].set_exception(error)
