# why: the second part adds to what came in, not to what the first one made of it

# %% Block.forward
def forward(self, x, cache=None):
    heard = x + self.attention(self.norm1(x), cache)
    return x + self.down(self.relu(self.up(self.norm2(heard))))
