# why: sets a name of its own module

# %% no_grad
#| export
recording = True


@contextmanager
def no_grad():
    global recording
    before = recording
    recording = False
    try:
        yield
    finally:
        recording = before
