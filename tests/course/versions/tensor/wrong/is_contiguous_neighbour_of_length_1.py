# why: compares each stride with its right neighbour, even if that one has length 1

# %% is_contiguous
#| export
def is_contiguous(shape, strides, itemsize):
    if 0 in shape:
        return True
    for i in range(len(shape)):
        if shape[i] == 1:
            continue
        if i == len(shape) - 1:
            if strides[i] != itemsize:
                return False
        elif strides[i] != strides[i + 1] * shape[i + 1]:
            return False
    return True
