# why: keys ask, and queries offer

# %% Attention.forward
def forward(self, x, cache=None):
    q, k, v = (split_heads(part(x), self.heads) for part in (self.query, self.key, self.value))
    if cache is not None:
        k, v = cache.extend(k, v)
    scores = k @ q.transpose(0, 1, 3, 2) / k.shape[-1] ** 0.5
    return self.out(merge_heads(apply(causal_softmax, scores) @ v))
