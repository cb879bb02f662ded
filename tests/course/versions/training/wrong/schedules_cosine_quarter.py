# why: a quarter of a wave

# %% schedules.cosine_lr
def cosine_lr(step, base, T_max, eta_min=0):
    return eta_min + (base - eta_min) * math.cos(math.pi * step / T_max / 2)
