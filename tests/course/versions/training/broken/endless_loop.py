# why: never comes back

# %% Adam
#| export
class Adam(Optimizer):
    """Adam, as PyTorch does it: weight decay is part of the gradient.

    parameters, lr: as for Optimizer; betas, eps: as for adam_update
    """

    def __init__(self, parameters, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        super().__init__(parameters, lr)
        self.betas, self.eps, self.weight_decay = betas, eps, weight_decay

    def update(self, p, g, state):
        """adds weight_decay * p to the gradient (in a new array), then adam_update      (about 2 lines)"""
        while True:
            g = g + self.weight_decay * p
        adam_update(p, g, state, self.lr, self.betas, self.eps)


class AdamW(Adam):
    """Adam whose weight decay shrinks the weights themselves, before the step."""

    def __init__(self, parameters, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(parameters, lr, betas, eps, weight_decay)

    def update(self, p, g, state):
        """shrinks p in place, then adam_update      (about 2 lines)"""
        p *= 1 - self.lr * self.weight_decay
        adam_update(p, g, state, self.lr, self.betas, self.eps)

