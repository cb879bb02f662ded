# why: scales the gradient with 1 - momentum, as a running mean does

# %% SGD.update
def update(self, p, g, state):
    if self.weight_decay:
        g = g + self.weight_decay * p
    if self.momentum:
        velocity = state.setdefault("velocity", np.zeros_like(p))
        velocity *= self.momentum
        velocity += (1 - self.momentum) * g
        g = g + self.momentum * velocity if self.nesterov else velocity
    p -= self.lr * g
