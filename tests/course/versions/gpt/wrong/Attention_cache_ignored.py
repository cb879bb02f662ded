# why: neither asks the cache nor tells it anything

# %% Attention.forward
def forward(self, x, cache=None):
    q, k, v = (split_heads(part(x), self.heads) for part in (self.query, self.key, self.value))
    scores = q @ k.transpose(0, 1, 3, 2) / q.shape[-1] ** 0.5
    return self.out(merge_heads(apply(causal_softmax, scores) @ v))
