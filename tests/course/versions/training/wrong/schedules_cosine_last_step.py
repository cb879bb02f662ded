# why: reaches the end a step early

# %% schedules.cosine_lr
def cosine_lr(step, base, T_max, eta_min=0):
    return eta_min + (base - eta_min) * (1 + math.cos(math.pi * step / (T_max - 1))) / 2
