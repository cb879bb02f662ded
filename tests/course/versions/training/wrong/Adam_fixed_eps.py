# why: does not pass eps on

# %% Adam
#| export
class Adam(Optimizer):
    def __init__(self, parameters, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        super().__init__(parameters, lr)
        self.betas, self.eps, self.weight_decay = betas, eps, weight_decay

    def update(self, p, g, state):
        g = g + self.weight_decay * p
        adam_update(p, g, state, self.lr, self.betas, 1e-8)


class AdamW(Adam):
    def __init__(self, parameters, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(parameters, lr, betas, eps, weight_decay)

    def update(self, p, g, state):
        p *= 1 - self.lr * self.weight_decay
        adam_update(p, g, state, self.lr, self.betas, 1e-8)
