# why: draws the roof as the slope alone, left of the ridge and right of it

# %% bottleneck.attainable
def attainable(intensity, machine):
    return intensity * machine.bandwidth
