# why: takes one step to the base only, and skips no object in between
# loses: check_traffic

# %% traffic.owner
def owner(array):
    return array if array.base is None else array.base
