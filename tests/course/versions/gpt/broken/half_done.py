# why: half done

# %% Attention
#| export
class Attention(Module):
    def __init__(self, width, heads, rng=None):
        if width % heads:
            raise ValueError(f"a width of {width} can't be divided among {heads} heads")
        self.heads = heads
        self.query, self.key, self.value, self.out = (Linear(width, width, rng) for _ in range(4))

    def forward(self, x, cache=None):
        raise NotImplementedError()

# %% Block
#| export
class Block(Module):
    def __init__(self, width, heads, rng=None):
        self.norm1, self.attention = LayerNorm(width), Attention(width, heads, rng)
        self.norm2, self.up, self.relu = LayerNorm(width), Linear(width, 4 * width, rng), ReLU()
        self.down = Linear(4 * width, width, rng)

    def forward(self, x, cache=None):
        raise NotImplementedError()

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
        raise NotImplementedError()

# %% stream
#| export
def stream(model, tokens, rng, temperature=1.0, top_k=None):
    raise NotImplementedError()
