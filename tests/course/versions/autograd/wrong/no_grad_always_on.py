# why: switches on at the end, whatever it was

# %% no_grad
#| export
@contextmanager
def no_grad():
    before = ops.recording
    ops.recording = False
    try:
        yield
    finally:
        ops.recording = True
