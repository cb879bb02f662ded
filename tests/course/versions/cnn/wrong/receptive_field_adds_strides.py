# why: adds strides up instead of multiplying

# %% receptive_field
#| export
def receptive_field(layers):
    field, apart = 1, 1
    for kernel_size, stride in layers:
        field += (kernel_size - 1) * apart
        apart += stride - 1
    return field
