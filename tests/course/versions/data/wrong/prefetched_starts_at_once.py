# why: starts before the first result is asked for

# %% prefetched
#| export
def prefetched(function, tasks, num_workers, ahead):
    tasks, executor = iter(tasks), ThreadPoolExecutor(num_workers)
    waiting = deque(executor.submit(function, task) for _, task in zip(range(1), tasks))

    def results():
        try:
            for task in tasks:
                waiting.append(executor.submit(function, task))
                if len(waiting) > ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            executor.shutdown(wait=True, cancel_futures=True)

    return results()
