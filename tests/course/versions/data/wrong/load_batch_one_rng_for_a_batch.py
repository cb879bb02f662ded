# why: has one rng for the whole batch

# %% load_batch
#| export
def load_batch(dataset, indices, seed=0, epoch=0, collate_fn=collate):
    samples, rng = [], rng_of(seed, epoch)
    for index in map(int, indices):
        try:
            samples.append(dataset.sample(index, rng))
        except Exception as error:
            error.add_note(f"item {index}")
            raise
    return collate_fn(samples)
