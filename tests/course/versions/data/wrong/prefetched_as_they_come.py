# why: yields whatever is ready first

# %% prefetched
#| export
def prefetched(function, tasks, num_workers, ahead):
    from concurrent.futures import as_completed

    tasks = iter(tasks)
    with ThreadPoolExecutor(num_workers) as executor:
        while futures := [executor.submit(function, task) for _, task in zip(range(ahead), tasks)]:
            for future in as_completed(futures):
                yield future.result()
