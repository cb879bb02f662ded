# why: raises an error before the results that come first

# %% prefetched
#| export
def prefetched(function, tasks, num_workers, ahead):
    waiting = deque()
    executor = ThreadPoolExecutor(num_workers)
    try:
        for task in tasks:
            waiting.append(executor.submit(function, task))
            for future in waiting:
                if future.done() and future.exception():
                    raise future.exception()
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
