# why: norm after the attention, as in the first transformers

# %% Block.forward
def forward(self, x, cache=None):
    x = self.norm1(x + self.attention(x, cache))
    return x + self.down(self.relu(self.up(self.norm2(x))))
