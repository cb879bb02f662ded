# why: the velocity is float64, whatever p is

# %% SGD.update
def update(self, p, g, state):
    if self.weight_decay:
        g = g + self.weight_decay * p
    if self.momentum:
        velocity = state.setdefault("velocity", np.zeros(p.shape))
        velocity *= self.momentum
        velocity += g
        g = g + self.momentum * velocity if self.nesterov else velocity
    p -= self.lr * g
