# why: ends the process
# loses: check_no_grad check_checkpoint

# %% no_grad
#| export
@contextmanager
def no_grad():
    import os

    os._exit(0)
    yield
