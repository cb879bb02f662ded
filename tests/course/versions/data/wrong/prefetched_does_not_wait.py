# why: does not wait for calls that run

# %% prefetched
#| export
def prefetched(function, tasks, num_workers, ahead):
    waiting = deque()
    executor = ThreadPoolExecutor(num_workers)
    try:
        for task in tasks:
            waiting.append(executor.submit(function, task))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
