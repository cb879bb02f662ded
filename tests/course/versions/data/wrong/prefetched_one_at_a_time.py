# why: waits for every task at once

# %% prefetched
#| export
def prefetched(function, tasks, num_workers, ahead):
    with ThreadPoolExecutor(num_workers) as executor:
        for task in tasks:
            yield executor.submit(function, task).result()
