# why: hands over all tasks at the start
# loses: check_prefetched check_DataLoader

# %% prefetched
#| export
def prefetched(function, tasks, num_workers, ahead):
    with ThreadPoolExecutor(num_workers) as executor:
        yield from executor.map(function, tasks)
