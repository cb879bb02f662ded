# why: turns the switch over

# %% no_grad
#| export
@contextmanager
def no_grad():
    before = ops.recording.get()
    ops.recording.set(not before)
    try:
        yield
    finally:
        ops.recording.set(before)
