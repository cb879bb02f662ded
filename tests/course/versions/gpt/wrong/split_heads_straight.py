# why: reads heads where tokens lie

# %% split_heads
#| export
def split_heads(x, heads):
    count, length, width = x.shape
    return x.reshape(count, heads, length, width // heads)


def merge_heads(x):
    count, heads, length, size = x.shape
    return x.transpose(0, 2, 1, 3).reshape(count, length, heads * size)
