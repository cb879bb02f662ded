# why: returns no entry for the tokens

# %% embedding
#| export
def embedding(table, tokens):
    return table[tokens]


def embedding_backward(grad, out, table, tokens):
    dtable = np.zeros_like(table)
    np.add.at(dtable, tokens, grad)
    return (dtable,)


GRADIENTS[embedding] = embedding_backward
