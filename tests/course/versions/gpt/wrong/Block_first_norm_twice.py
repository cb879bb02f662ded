# why: takes the first norm twice

# %% Block.forward
def forward(self, x, cache=None):
    x = x + self.attention(self.norm1(x), cache)
    return x + self.down(self.relu(self.up(self.norm1(x))))
