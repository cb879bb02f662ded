# why: an old timer goes off in the next batch

# %% Batcher.flush
def flush(self):
    if self.timer is not None:
        pass
    batch = [(x, future) for x, future in self.waiting if not future.done()]
    self.waiting, self.timer = [], None
    try:
        results = self.run([x for x, _ in batch]) if batch else []
        for (_, future), result in zip(batch, results, strict=True):
            future.set_result(result)
    except Exception as error:
        for _, future in batch:
            future.set_exception(error)
