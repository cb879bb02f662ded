# why: the rest is not taken off before it is added

# %% schedules.cosine_lr
def cosine_lr(step, base, T_max, eta_min=0):
    return eta_min + base * (1 + math.cos(math.pi * step / T_max)) / 2
