# why: weight decay does not go through the velocity

# %% SGD.update
def update(self, p, g, state):
    if self.momentum:
        velocity = state.setdefault("velocity", np.zeros_like(p))
        velocity *= self.momentum
        velocity += g
        g = g + self.momentum * velocity if self.nesterov else velocity
    p -= self.lr * (g + self.weight_decay * p)
