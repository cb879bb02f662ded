# why: turns the switch over

# %% no_grad
#| export
@contextmanager
def no_grad():
    before = ops.recording
    ops.recording = not before
    try:
        yield
    finally:
        ops.recording = before
