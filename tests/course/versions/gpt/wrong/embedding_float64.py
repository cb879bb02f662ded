# why: collects in float64

# %% embedding
#| export
def embedding(table, tokens):
    return table[tokens]


def embedding_backward(grad, out, table, tokens):
    dtable = np.zeros(table.shape)
    np.add.at(dtable, tokens, grad)
    return dtable, None


GRADIENTS[embedding] = embedding_backward
