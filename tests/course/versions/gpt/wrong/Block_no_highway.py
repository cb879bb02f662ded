# why: the attention replaces what came

# %% Block.forward
def forward(self, x, cache=None):
    x = self.attention(self.norm1(x), cache)
    return x + self.down(self.relu(self.up(self.norm2(x))))
