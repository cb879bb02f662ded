# why: forgets both norms

# %% Block.forward
def forward(self, x, cache=None):
    x = x + self.attention(x, cache)
    return x + self.down(self.relu(self.up(x)))
