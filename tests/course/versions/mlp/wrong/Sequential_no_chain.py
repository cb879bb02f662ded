# why: every layer gets the input of the first
# loses: check_Sequential check_train_epoch

# %% Sequential.forward
def forward(self, x):
    for layer in self.layers:
        out = layer(x)
    return out
