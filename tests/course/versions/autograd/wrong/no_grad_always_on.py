# why: switches on at the end, whatever it was

# %% no_grad
#| export
@contextmanager
def no_grad():
    before = ops.recording.get()
    ops.recording.set(False)
    try:
        yield
    finally:
        ops.recording.set(True)
