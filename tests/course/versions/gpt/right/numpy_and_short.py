# why: shorter, with other functions of numpy

# %% causal_softmax
#| export
def causal_softmax(scores):
    look = ~np.triu(np.ones(scores.shape[-2:], bool), 1 + scores.shape[-1] - scores.shape[-2])
    look = np.broadcast_to(look, scores.shape)
    largest = np.max(scores, axis=-1, keepdims=True, where=look, initial=np.finfo(scores.dtype).min)
    powers = np.exp(scores - largest, where=look, out=np.zeros_like(scores))
    return powers / powers.sum(axis=-1, keepdims=True)

# %% embedding
#| export
def embedding(table, tokens):
    return np.take(table, tokens, axis=0)


def embedding_backward(grad, out, table, tokens):
    hot = np.eye(len(table), dtype=table.dtype)[tokens.reshape(-1)]
    return hot.T @ grad.reshape(-1, table.shape[1]), None


GRADIENTS[embedding] = embedding_backward

# %% split_heads
#| export
def split_heads(x, heads):
    return x.reshape(*x.shape[:2], heads, -1).transpose(0, 2, 1, 3)


def merge_heads(x):
    return x.transpose(0, 2, 1, 3).reshape(x.shape[0], x.shape[2], -1)

# %% Attention.forward
def forward(self, x, cache=None):
    q = split_heads(self.query(x) * (self.heads / x.shape[2]) ** 0.5, self.heads)
    k, v = split_heads(self.key(x), self.heads), split_heads(self.value(x), self.heads)
    if cache:
        k, v = cache.extend(k, v)
    return self.out(merge_heads(apply(causal_softmax, q @ k.transpose(0, 1, -1, -2)) @ v))

# %% token_probabilities
#| export
def token_probabilities(logits, temperature=1.0, top_k=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    x = np.asarray(logits).astype(np.float64)
    keep = x >= np.partition(x, -min(top_k or len(x), len(x)))[-min(top_k or len(x), len(x))]
    if not temperature:
        return (np.arange(len(x)) == np.argmax(x)) * 1.0
    x = np.where(keep, np.exp((x - x.max()) / temperature), 0.0)
    return x / x.sum()

# %% stream
#| export
def stream(model, tokens, rng, temperature=1.0, top_k=None):
    seen, caches = list(tokens), None
    while True:
        if caches is None:
            caches, new = [Cache() for _ in model.blocks], seen[-model.context :]
        elif caches[0].length >= model.context:
            caches, new = [Cache() for _ in model.blocks], seen[-(model.context // 2) :]
        else:
            new = seen[-1:]
        with no_grad():
            out = model(Tensor([new]), caches)
        seen.append(pick(token_probabilities(out.data[0, -1], temperature, top_k), rng))
        yield seen[-1]
