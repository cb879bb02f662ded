# why: takes the shares out of the graph, so queries and keys learn nothing

# %% Attention.forward
def forward(self, x, cache=None):
    q, k, v = (split_heads(part(x), self.heads) for part in (self.query, self.key, self.value))
    if cache is not None:
        k, v = cache.extend(k, v)
    scores = q @ k.transpose(0, 1, 3, 2) / q.shape[-1] ** 0.5
    return self.out(merge_heads(Tensor(causal_softmax(scores.data)) @ v))
