# why: an exception leaves recording off

# %% no_grad
#| export
@contextmanager
def no_grad():
    before = ops.recording.get()
    ops.recording.set(False)
    yield
    ops.recording.set(before)
