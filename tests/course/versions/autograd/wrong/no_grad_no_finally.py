# why: an exception leaves recording off

# %% no_grad
#| export
@contextmanager
def no_grad():
    before = ops.recording
    ops.recording = False
    yield
    ops.recording = before
