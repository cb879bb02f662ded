# why: a softmax over all tokens

# %% Attention.forward
def forward(self, x, cache=None):
    q, k, v = (split_heads(part(x), self.heads) for part in (self.query, self.key, self.value))
    if cache is not None:
        k, v = cache.extend(k, v)
    scores = q @ k.transpose(0, 1, 3, 2) / q.shape[-1] ** 0.5
    powers = (scores - scores.max(axis=-1, keepdims=True)).exp()
    return self.out(merge_heads((powers / powers.sum(axis=-1, keepdims=True)) @ v))
