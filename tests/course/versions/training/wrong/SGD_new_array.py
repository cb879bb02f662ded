# why: makes a new array that nobody holds on to

# %% SGD.update
def update(self, p, g, state):
    if self.weight_decay:
        g = g + self.weight_decay * p
    if self.momentum:
        velocity = state.setdefault("velocity", np.zeros_like(p))
        velocity *= self.momentum
        velocity += g
        g = g + self.momentum * velocity if self.nesterov else velocity
    p = p - self.lr * g
