# why: waits for a whole wave before it hands over the next

# %% prefetched
#| export
def prefetched(function, tasks, num_workers, ahead):
    from itertools import islice

    tasks, executor = iter(tasks), ThreadPoolExecutor(num_workers)
    try:
        while wave := [executor.submit(function, task) for task in islice(tasks, ahead)]:
            for future in wave:
                yield future.result()
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
