# why: the learning rate goes into the velocity: another way as soon as a schedule changes it

# %% SGD.update
def update(self, p, g, state):
    if self.weight_decay:
        g = g + self.weight_decay * p
    if self.momentum:
        velocity = state.setdefault("velocity", np.zeros_like(p))
        velocity *= self.momentum
        velocity += self.lr * g
        g = self.lr * g + self.momentum * velocity if self.nesterov else velocity
    p -= g if self.momentum else self.lr * g
