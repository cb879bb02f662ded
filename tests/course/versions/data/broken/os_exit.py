# why: ends the process
# loses: check_parse_cifar check_CIFAR10

# %% parse_cifar
#| export
def parse_cifar(raw):
    import os

    os._exit(0)
