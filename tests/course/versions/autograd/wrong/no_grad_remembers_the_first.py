# why: one global place for what it was: a nested block forgets the outer one
# loses: check_no_grad check_checkpoint

# %% no_grad
#| export
BEFORE = []


@contextmanager
def no_grad():
    BEFORE[:] = [ops.recording]
    ops.recording = False
    try:
        yield
    finally:
        ops.recording = BEFORE[0]
