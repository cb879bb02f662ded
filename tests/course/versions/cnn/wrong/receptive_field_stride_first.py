# why: takes a layer's own stride before its window

# %% receptive_field
#| export
def receptive_field(layers):
    field, apart = 1, 1
    for kernel_size, stride in layers:
        apart *= stride
        field += (kernel_size - 1) * apart
    return field
