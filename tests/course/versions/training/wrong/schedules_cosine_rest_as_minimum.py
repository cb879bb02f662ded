# why: never below the rest, instead of down to it

# %% schedules.cosine_lr
def cosine_lr(step, base, T_max, eta_min=0):
    return max(eta_min, base * (1 + math.cos(math.pi * step / T_max)) / 2)
