# why: never comes back

# %% receptive_field
#| export
def receptive_field(layers):
    """How many pixels of the image, along an axis, one number of the last result depends on.

    layers: list of tuples (kernel_size, stride), in order, of convolutions and poolings; it may be empty
    Returns an int.

    receptive_field([(3, 1), (3, 1)]) == 5, receptive_field([(2, 2), (3, 1)]) == 6      (about 5 lines)
    Hint: go through the layers, and keep how many pixels two neighbouring numbers are apart.
    """
    field = 1
    while layers:
        kernel_size, stride = layers[0]
        field += (kernel_size - 1) * stride
    return field
