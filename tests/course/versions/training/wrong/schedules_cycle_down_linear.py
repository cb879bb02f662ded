# why: a wave up, a straight line down

# %% schedules.one_cycle_lr
def one_cycle_lr(step, max_lr, total_steps, pct_start=0.3, anneal_strategy="cos", div_factor=25, final_div_factor=1e4):
    peak, last = pct_start * total_steps - 1, total_steps - 1
    low = max_lr / div_factor
    if step < peak:
        start, end, share = low, max_lr, step / peak
    else:
        start, end, share = max_lr, low / final_div_factor, (step - peak) / (last - peak)
    if anneal_strategy == "cos" and step < peak:
        share = (1 - math.cos(math.pi * share)) / 2
    return start + (end - start) * share
