# why: forgets the last norm

# %% GPT.forward
def forward(self, tokens, caches=None):
    start = caches[0].length if caches else 0
    end = start + tokens.shape[1]
    if end > self.context:
        raise ValueError(f"{end} tokens do not fit into a context of {self.context}")
    x = self.tokens(tokens) + self.positions(Tensor(np.arange(start, end)))
    for i, block in enumerate(self.blocks):
        x = block(x, caches[i] if caches else None)
    return self.head(x)
