# why: shrinks the weights instead of adding to the gradient

# %% SGD.update
def update(self, p, g, state):
    if self.weight_decay:
        p *= 1 - self.weight_decay
    if self.momentum:
        velocity = state.setdefault("velocity", np.zeros_like(p))
        velocity *= self.momentum
        velocity += g
        g = g + self.momentum * velocity if self.nesterov else velocity
    p -= self.lr * g
