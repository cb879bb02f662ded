# why: forgets what still waits at the end

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
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
