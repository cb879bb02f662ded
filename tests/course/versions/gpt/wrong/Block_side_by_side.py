# why: the network does not hear what the attention found

# %% Block.forward
def forward(self, x, cache=None):
    heard = x + self.attention(self.norm1(x), cache)
    return heard + self.down(self.relu(self.up(self.norm2(x))))
