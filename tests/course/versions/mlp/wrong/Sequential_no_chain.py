# why: every layer gets the input of the first

# %% Sequential.forward
def forward(self, x):
    for layer in self.layers:
        out = layer(x)
    return out
