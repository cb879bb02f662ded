# why: names the whole batch in the note

# %% load_batch
#| export
def load_batch(dataset, indices, seed=0, epoch=0, collate_fn=collate):
    samples, indices = [], list(map(int, indices))
    for index in indices:
        try:
            samples.append(dataset.sample(index, rng_of(seed, epoch, index)))
        except Exception as error:
            error.add_note(f"one of the items {indices}")
            raise
    return collate_fn(samples)
