# why: yields an error instead of raising it

# %% prefetched
#| export
def prefetched(function, tasks, num_workers, ahead):
    def guarded(task):
        try:
            return function(task)
        except Exception as error:
            return error

    waiting, executor = deque(), ThreadPoolExecutor(num_workers)
    try:
        for task in tasks:
            waiting.append(executor.submit(guarded, task))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
