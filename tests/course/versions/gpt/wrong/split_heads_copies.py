# why: makes a copy

# %% split_heads
#| export
def split_heads(x, heads):
    count, length, width = x.shape
    return x.reshape(count, length, heads, width // heads).transpose(0, 2, 1, 3) * 1


def merge_heads(x):
    count, heads, length, size = x.shape
    return x.transpose(0, 2, 1, 3).reshape(count, length, heads * size)
