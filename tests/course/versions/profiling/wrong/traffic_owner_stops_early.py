# why: stops where the next one is no array, and does not look behind it

# %% traffic.owner
def owner(array):
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array
