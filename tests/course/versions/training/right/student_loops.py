# why: number by number, and in another order where none is asked for

# %% SGD.update
def update(self, p, g, state):
    velocity = state.setdefault("velocity", np.zeros_like(p)) if self.momentum else None
    for index in np.ndindex(p.shape):
        d = g[index] + self.weight_decay * p[index]
        if velocity is not None:
            velocity[index] = self.momentum * velocity[index] + d
            d = d + self.momentum * velocity[index] if self.nesterov else velocity[index]
        p[index] -= self.lr * d

# %% adam_update.adam_update
def adam_update(p, g, state, lr, betas, eps):
    if not state:
        state.update(step=0, m=np.zeros_like(p), v=np.zeros_like(p))
    state["step"] += 1
    m, v = state["m"], state["v"]
    m[...] = betas[0] * m + (1 - betas[0]) * g
    v[...] = betas[1] * v + (1 - betas[1]) * np.square(g)
    one, two = 1 - betas[0] ** state["step"], 1 - betas[1] ** state["step"]
    p[...] = p - lr * (m / one) / (np.sqrt(v / two) + eps)

# %% schedules.cosine_lr
def cosine_lr(step, base, T_max, eta_min=0):
    share = math.cos(math.pi * step / (2 * T_max)) ** 2
    return float(share * base + (1 - share) * eta_min)

# %% state_dict.load_state_dict
def load_state_dict(module, state):
    mine = {name: tensor for name, tensor in named_tensors(module)}
    said = ""
    for name in mine.keys() - state.keys():
        said += f"\nmissing: {name}"
    for name in state.keys() - mine.keys():
        said += f"\nunexpected: {name}"
    for name in mine.keys() & state.keys():
        if np.shape(state[name]) != mine[name].shape:
            said += f"\n{name}: {np.shape(state[name])} instead of {mine[name].shape}"
    if said:
        raise ValueError(said)
    for name in state:
        mine[name].data[()] = state[name]

# %% train_step.train_step
def train_step(model, loss_fn, optimizer, x, labels):
    logits = model(x)
    loss = loss_fn(logits, labels)
    if not np.isfinite(loss.item()):
        raise FloatingPointError(f"loss is {loss.item()}, step {optimizer.steps + 1}, {first_bad_layer(model, x)}")
    optimizer.zero_grad()
    loss.backward()
    right = accuracy(logits, labels)
    optimizer.step()
    return float(loss.data), right

# %% Trainer.fit
def fit(self, train_loader, val_loader=None, epochs=1, report=None):
    if self.resumed and self.loader_state:
        train_loader.load_state_dict(self.loader_state)
    self.resumed, stop = False, False
    last = self.epoch + epochs
    while self.epoch < last:
        row = self.train_epoch(train_loader, report)
        if val_loader:
            found = self.evaluate(val_loader)
            row.update(val_loss=found["loss"], val_accuracy=found["accuracy"])
        self.epoch += 1
        self.history.add(**row)
        self.loader_state = state_of(train_loader)
        stop = bool(self.early_stopping) and self.early_stopping.update(row["val_loss"] if val_loader else row["loss"])
        if self.checkpoint:
            save_checkpoint(self.checkpoint, self)
        if stop:
            return self.history
    return self.history
