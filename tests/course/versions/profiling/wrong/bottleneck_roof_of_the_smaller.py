# why: draws the roof as the slope alone, left of the ridge and right of it
# loses: check_bottleneck

# %% bottleneck.attainable
def attainable(intensity, machine):
    return intensity * machine.bandwidth
