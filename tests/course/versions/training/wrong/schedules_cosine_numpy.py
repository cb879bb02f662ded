# why: numpy's float instead of Python's

# %% schedules.cosine_lr
def cosine_lr(step, base, T_max, eta_min=0):
    return eta_min + (base - eta_min) * (1 + np.cos(np.pi * step / T_max)) / 2
