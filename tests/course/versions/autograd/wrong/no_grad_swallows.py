# why: swallows the exception
# loses: check_no_grad

# %% no_grad
#| export
@contextmanager
def no_grad():
    before = ops.recording
    ops.recording = False
    try:
        yield
    except Exception:
        pass
    ops.recording = before
