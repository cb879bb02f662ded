# why: turns the switch over
# loses: check_no_grad

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
