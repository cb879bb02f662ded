# why: one global place for what it was: a nested block forgets the outer one

# %% no_grad
#| export
BEFORE = []


@contextmanager
def no_grad():
    BEFORE[:] = [ops.recording.get()]
    ops.recording.set(False)
    try:
        yield
    finally:
        ops.recording.set(BEFORE[0])
