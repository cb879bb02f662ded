# why: one global place for what it was: a nested block forgets the outer one

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
