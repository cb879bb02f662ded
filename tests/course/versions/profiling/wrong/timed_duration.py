# why: tells how long it took, where it should tell when it was over

# %% timed
#| export
def timed(f, note, clock=time.perf_counter):
    def wrapper(*inputs, **options):
        start = clock()
        result = f(*inputs, **options)
        note(inputs, options, result, start, clock() - start)
        return result

    return wrapper
