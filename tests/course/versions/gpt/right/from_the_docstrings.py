# why: everything, written anew from the docstrings

# %% Vocabulary
#| export
class Vocabulary:
    def __init__(self, text):
        self.characters = "".join(sorted(set(text)))
        self.numbers = {character: number for number, character in enumerate(self.characters)}

    def __len__(self):
        return len(self.characters)

    def encode(self, text):
        missing = {c for c in text if c not in self.numbers}
        if missing:
            raise ValueError("not in the vocabulary: " + ", ".join(map(repr, sorted(missing))))
        return np.fromiter((self.numbers[c] for c in text), np.int64, len(text))

    def decode(self, tokens):
        return "".join([self.characters[int(t)] for t in tokens])

# %% windows
#| export
def windows(tokens, starts, length):
    last = len(tokens) - length - 1
    for start in starts:
        if start < 0 or start > last:
            raise ValueError(f"start {start} is not from 0 to {last}")
    places = np.array(starts).reshape(-1, 1) + np.arange(length + 1).reshape(1, -1)
    both = tokens[places]
    return both[:, :-1], both[:, 1:]

# %% embedding
#| export
def embedding(table, tokens):
    return table[tokens, :]


def embedding_backward(grad, out, table, tokens):
    dtable = table * 0
    np.add.at(dtable, tokens.ravel(), grad.reshape(-1, grad.shape[-1]))
    return (dtable, None)


GRADIENTS[embedding] = embedding_backward

# %% causal_softmax
#| export
def causal_softmax(scores):
    T, S = scores.shape[-2], scores.shape[-1]
    look = np.tri(T, S, S - T, dtype=bool)
    hidden = scores.copy()
    hidden[..., ~look] = -np.inf
    biggest = hidden.max(axis=-1, keepdims=True)
    e = np.exp(hidden - biggest)
    return e / e.sum(axis=-1, keepdims=True)

# %% causal_softmax_backward
#| export
def causal_softmax_backward(grad, out, scores):
    weighted = grad * out
    return (weighted - out * weighted.sum(axis=-1, keepdims=True),)


GRADIENTS[causal_softmax] = causal_softmax_backward

# %% layer_norm_backward
#| export
def layer_norm_backward(grad, out, x, weight, bias):
    n, s = standardize(x)
    g = grad * weight
    first = g.mean(axis=-1, keepdims=True)
    second = n * (g * n).mean(axis=-1, keepdims=True)
    width = x.shape[-1]
    dweight = (grad * n).reshape(-1, width).sum(axis=0)
    dbias = grad.reshape(-1, width).sum(axis=0)
    return (g - first - second) / s, dweight, dbias


GRADIENTS[layer_norm] = layer_norm_backward

# %% split_heads
#| export
def split_heads(x, heads):
    N, T, width = x.shape
    divided = x.reshape(N, T, heads, width // heads)
    return divided.transpose(0, 2, 1, 3)


def merge_heads(x):
    N, heads, T, d = x.shape
    turned = x.transpose(0, 2, 1, 3)
    return turned.reshape(N, T, heads * d)

# %% Attention
#| export
class Attention(Module):
    def __init__(self, width, heads, rng=None):
        if width % heads:
            raise ValueError(f"a width of {width} can't be divided among {heads} heads")
        self.heads = heads
        self.query, self.key, self.value, self.out = (Linear(width, width, rng) for _ in range(4))

    def forward(self, x, cache=None):
        q = split_heads(self.query(x), self.heads)
        k = split_heads(self.key(x), self.heads)
        v = split_heads(self.value(x), self.heads)
        if cache is not None:
            k, v = cache.extend(k, v)
        d = q.shape[3]
        scores = (q @ k.transpose(0, 1, 3, 2)) * (1 / d**0.5)
        shares = apply(causal_softmax, scores)
        return self.out(merge_heads(shares @ v))

# %% Block
#| export
class Block(Module):
    def __init__(self, width, heads, rng=None):
        self.norm1, self.attention = LayerNorm(width), Attention(width, heads, rng)
        self.norm2, self.up, self.relu = LayerNorm(width), Linear(width, 4 * width, rng), ReLU()
        self.down = Linear(4 * width, width, rng)

    def forward(self, x, cache=None):
        heard = self.attention(self.norm1(x), cache)
        x = x + heard
        thought = self.down(self.relu(self.up(self.norm2(x))))
        return x + thought

# %% GPT
#| export
class GPT(Module):
    def __init__(self, count, context, width=64, heads=4, layers=2, rng=None):
        rng = np.random.default_rng() if rng is None else rng
        self.context = context
        self.tokens, self.positions = Embedding(count, width, rng), Embedding(context, width, rng)
        self.blocks = [Block(width, heads, rng) for _ in range(layers)]
        self.norm, self.head = LayerNorm(width), Linear(width, count, rng)
        self.head.weight.data *= 0.1

    def forward(self, tokens, caches=None):
        N, T = tokens.shape
        read = 0 if caches is None else caches[0].length
        if read + T > self.context:
            raise ValueError(f"the context has {self.context} places, not {read + T}")
        places = Tensor(np.arange(read, read + T))
        x = self.tokens(tokens) + self.positions(places)
        caches = [None] * len(self.blocks) if caches is None else caches
        for block, cache in zip(self.blocks, caches, strict=True):
            x = block(x, cache)
        return self.head(self.norm(x))

# %% token_probabilities
#| export
def token_probabilities(logits, temperature=1.0, top_k=None):
    if temperature < 0:
        raise ValueError(f"temperature is {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k is {top_k}")
    scores = np.asarray(logits, dtype=np.float64).copy()
    if temperature == 0:
        p = np.zeros(len(scores))
        p[np.argmax(scores)] = 1
        return p
    if top_k is not None:
        k = min(top_k, len(scores))
        scores[scores < np.sort(scores)[-k]] = -np.inf
    scores = scores / temperature
    p = np.exp(scores - scores.max())
    return p / p.sum()

# %% stream
#| export
def stream(model, tokens, rng, temperature=1.0, top_k=None):
    everything = [int(t) for t in tokens]
    to_read = everything[-model.context :]
    caches = [Cache() for _ in model.blocks]
    while True:
        with no_grad():
            logits = model(Tensor(np.array([to_read])), caches)
        p = token_probabilities(logits.numpy()[0, -1], temperature, top_k)
        token = pick(p, rng)
        everything.append(token)
        yield token
        to_read = [token]
        if caches[0].length >= model.context:
            caches = [Cache() for _ in model.blocks]
            to_read = everything[-(model.context // 2) :]
