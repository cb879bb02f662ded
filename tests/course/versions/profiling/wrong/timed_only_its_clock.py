# why: uses the real clock, whatever it was given

# %% timed.timed
def timed(f, note, clock=time.perf_counter):
    def wrapper(*inputs, **options):
        start = time.perf_counter()
        result = f(*inputs, **options)
        note(inputs, options, result, start, time.perf_counter())
        return result

    return wrapper
