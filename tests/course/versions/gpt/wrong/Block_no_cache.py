# why: does not pass the cache on

# %% Block.forward
def forward(self, x, cache=None):
    x = x + self.attention(self.norm1(x))
    return x + self.down(self.relu(self.up(self.norm2(x))))
