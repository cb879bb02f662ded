# why: every input starts the waiting anew

# %% Batcher
#| export
class Batcher:
    def __init__(self, run, max_batch=32, max_wait=0.0):
        self.run, self.max_batch, self.max_wait = run, max_batch, max_wait
        self.waiting, self.timer = [], None

    async def submit(self, x):
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self.waiting.append((x, future))
        if len(self.waiting) >= self.max_batch:
            self.flush()
        else:
            if self.timer is not None:
                self.timer.cancel()
            self.timer = loop.call_later(self.max_wait, self.flush)
        return await future

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
            for _, future in batch:
                future.set_exception(error)
