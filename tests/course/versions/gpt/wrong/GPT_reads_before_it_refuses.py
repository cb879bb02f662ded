# why: the first cache holds what was refused

# %% GPT.forward
def forward(self, tokens, caches=None):
    start = caches[0].length if caches else 0
    end = start + tokens.shape[1]
    places = np.minimum(np.arange(start, end), self.context - 1)
    x = self.tokens(tokens) + self.positions(Tensor(places))
    for i, block in enumerate(self.blocks):
        x = block(x, caches[i] if caches else None)
    if end > self.context:
        raise ValueError(f"{end} tokens do not fit into a context of {self.context}")
    return self.head(self.norm(x))
