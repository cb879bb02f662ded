# why: multiplies fields

# %% receptive_field
#| export
def receptive_field(layers):
    field, apart = 1, 1
    for kernel_size, stride in layers:
        field = field * kernel_size if stride > 1 else field + (kernel_size - 1) * apart
        apart *= stride
    return field
