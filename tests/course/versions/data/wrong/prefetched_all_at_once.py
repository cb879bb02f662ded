# why: hands over all tasks at the start

# %% prefetched
#| export
def prefetched(function, tasks, num_workers, ahead):
    with ThreadPoolExecutor(num_workers) as executor:
        yield from executor.map(function, tasks)
