# why: the first step counts as 0, and one more is used in the correction only for m

# %% adam_update.adam_update
def adam_update(p, g, state, lr, betas, eps):
    step = state.get("step", 0) + 1
    state["step"] = step - 1 if step > 1 else 1
    m, v = (state.setdefault(name, np.zeros_like(p)) for name in ("m", "v"))
    m *= betas[0]
    m += (1 - betas[0]) * g
    v *= betas[1]
    v += (1 - betas[1]) * g * g
    mean, square = m / (1 - betas[0] ** step), v / (1 - betas[1] ** step)
    p -= lr * mean / (np.sqrt(square) + eps)
