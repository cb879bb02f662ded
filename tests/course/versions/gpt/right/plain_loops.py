# why: loops in place of arrays

# %% Vocabulary.encode
def encode(self, text):
    tokens = np.zeros(len(text), np.int64)
    for place, character in enumerate(text):
        tokens[place] = self.characters.find(character)
    if (tokens < 0).any():
        raise ValueError("unknown: " + " ".join(repr(c) for c in text if c not in self.characters))
    return tokens

# %% Vocabulary.decode
def decode(self, tokens):
    text = ""
    for token in tokens:
        text += self.characters[token]
    return text

# %% windows
#| export
def windows(tokens, starts, length):
    inputs, targets = [], []
    for start in starts:
        if not 0 <= start < len(tokens) - length:
            raise ValueError(f"no window of {length} begins at {start}")
        inputs.append(tokens[start : start + length])
        targets.append(tokens[start + 1 : start + length + 1])
    return np.array(inputs), np.array(targets)

# %% embedding
#| export
def embedding(table, tokens):
    out = np.empty((*tokens.shape, table.shape[1]), table.dtype)
    for place in np.ndindex(tokens.shape):
        out[place] = table[tokens[place]]
    return out


def embedding_backward(grad, out, table, tokens):
    dtable = np.zeros(table.shape, table.dtype)
    for place in np.ndindex(tokens.shape):
        dtable[tokens[place]] += grad[place]
    return dtable, None


GRADIENTS[embedding] = embedding_backward

# %% causal_softmax
#| export
def causal_softmax(scores):
    out, before = np.zeros_like(scores), scores.shape[-1] - scores.shape[-2]
    for row in range(scores.shape[-2]):
        seen = scores[..., row, : before + row + 1]
        powers = np.exp(seen - seen.max(axis=-1, keepdims=True))
        out[..., row, : before + row + 1] = powers / powers.sum(axis=-1, keepdims=True)
    return out

# %% causal_softmax_backward
#| export
def causal_softmax_backward(grad, out, scores):
    dscores = np.zeros_like(scores)
    for place in np.ndindex(scores.shape[:-1]):
        p, g = out[place], grad[place]
        dscores[place] = p * g - p * (p @ g)
    return (dscores,)


GRADIENTS[causal_softmax] = causal_softmax_backward

# %% layer_norm_backward
#| export
def layer_norm_backward(grad, out, x, weight, bias):
    dx, dweight, dbias = np.empty_like(x), np.zeros_like(weight), np.zeros_like(bias)
    for place in np.ndindex(x.shape[:-1]):
        normal, deviation = standardize(x[place])
        g = grad[place] * weight
        dx[place] = (g - g.mean() - normal * (g * normal).mean()) / deviation
        dweight += grad[place] * normal
        dbias += grad[place]
    return dx, dweight, dbias


GRADIENTS[layer_norm] = layer_norm_backward
