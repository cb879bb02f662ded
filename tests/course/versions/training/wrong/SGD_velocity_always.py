# why: makes a velocity without momentum, too

# %% SGD.update
def update(self, p, g, state):
    if self.weight_decay:
        g = g + self.weight_decay * p
    if self.momentum >= 0:
        velocity = state.setdefault("velocity", np.zeros_like(p))
        velocity *= self.momentum
        velocity += g
        g = g + self.momentum * velocity if self.nesterov else velocity
    p -= self.lr * g
