# why: wraps the result of each layer in a new Tensor, which loses its creator

# %% Sequential.forward
def forward(self, x):
    for layer in self.layers:
        x = Tensor(layer(x).data)
    return x
