# why: is_contiguous compares strides, also those of axes of length 1

# %% Tensor.is_contiguous
def is_contiguous(self):
    return self.strides == contiguous_strides(self.shape, self.data.itemsize)
