# why: the correction is kept in m and v

# %% adam_update.adam_update
def adam_update(p, g, state, lr, betas, eps):
    step = state["step"] = state.get("step", 0) + 1
    m, v = (state.setdefault(name, np.zeros_like(p)) for name in ("m", "v"))
    m *= betas[0]
    m += (1 - betas[0]) * g
    v *= betas[1]
    v += (1 - betas[1]) * g * g
    m /= 1 - betas[0] ** step
    v /= 1 - betas[1] ** step
    mean, square = m, v
    p -= lr * mean / (np.sqrt(square) + eps)
