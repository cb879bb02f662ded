# why: tells of calls that failed, too

# %% timed.timed
def timed(f, note, clock=time.perf_counter):
    def wrapper(*inputs, **options):
        start, result = clock(), None
        try:
            result = f(*inputs, **options)
            return result
        finally:
            note(inputs, options, result, start, clock())

    return wrapper
