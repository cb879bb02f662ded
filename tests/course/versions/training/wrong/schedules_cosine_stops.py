# why: stays at the end instead of going up again

# %% schedules.cosine_lr
def cosine_lr(step, base, T_max, eta_min=0):
    return eta_min + (base - eta_min) * (1 + math.cos(math.pi * min(step, T_max) / T_max)) / 2
