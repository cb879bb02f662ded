# why: appends to the list of whoever asked

# %% stream
#| export
def stream(model, tokens, rng, temperature=1.0, top_k=None):
    tokens = tokens if isinstance(tokens, list) else [int(token) for token in tokens]
    new, caches = tokens[-model.context :], [Cache() for _ in model.blocks]
    while True:
        with no_grad():
            logits = model(Tensor(np.array([new])), caches).data[0, -1]
        new = [pick(token_probabilities(logits, temperature, top_k), rng)]
        tokens.append(new[0])
        yield new[0]
        if caches[0].length == model.context:
            new, caches = tokens[-(model.context // 2) :], [Cache() for _ in model.blocks]
