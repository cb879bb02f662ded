# why: no ReLU between both layers

# %% Block.forward
def forward(self, x, cache=None):
    x = x + self.attention(self.norm1(x), cache)
    return x + self.down(self.up(self.norm2(x)))
