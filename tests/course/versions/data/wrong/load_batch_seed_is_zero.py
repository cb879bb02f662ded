# why: forgets the seed

# %% load_batch
#| export
def load_batch(dataset, indices, seed=0, epoch=0, collate_fn=collate):
    samples = []
    for index in map(int, indices):
        try:
            samples.append(dataset.sample(index, rng_of(0, epoch, index)))
        except Exception as error:
            error.add_note(f"item {index}")
            raise
    return collate_fn(samples)
