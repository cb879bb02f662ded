# why: kernel_size instead of kernel_size - 1, from the second layer on

# %% receptive_field
#| export
def receptive_field(layers):
    field, apart = 1, 1
    for kernel_size, stride in layers:
        field += (kernel_size - (field == 1)) * apart
        apart *= stride
    return field
