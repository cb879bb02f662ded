# why: goes through the caches, so that without them no block is asked

# %% GPT.forward
def forward(self, tokens, caches=None):
    start = caches[0].length if caches else 0
    end = start + tokens.shape[1]
    if end > self.context:
        raise ValueError(f"{end} tokens do not fit into a context of {self.context}")
    x = self.tokens(tokens) + self.positions(Tensor(np.arange(start, end)))
    for block, cache in zip(self.blocks, caches or []):
        x = block(x, cache)
    return self.head(self.norm(x))
