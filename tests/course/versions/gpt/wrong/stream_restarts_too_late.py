# why: notices one token too late that the context is full

# %% stream
#| export
def stream(model, tokens, rng, temperature=1.0, top_k=None):
    tokens = [int(token) for token in tokens][-model.context :]
    new, caches = tokens, [Cache() for _ in model.blocks]
    while True:
        with no_grad():
            logits = model(Tensor(np.array([new])), caches).data[0, -1]
        new = [pick(token_probabilities(logits, temperature, top_k), rng)]
        tokens = tokens + new
        yield new[0]
        if caches[0].length > model.context:
            new, caches = tokens[-(model.context // 2) :], [Cache() for _ in model.blocks]
