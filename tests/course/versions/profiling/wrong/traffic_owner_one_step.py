# why: takes one step to the base only, and skips no object in between

# %% traffic.owner
def owner(array):
    return array if array.base is None else array.base
