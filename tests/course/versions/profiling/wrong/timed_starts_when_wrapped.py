# why: looks at the clock when the function is wrapped, not when it is called

# %% timed.timed
def timed(f, note, clock=time.perf_counter):
    start = clock()

    def wrapper(*inputs, **options):
        result = f(*inputs, **options)
        note(inputs, options, result, start, clock())
        return result

    return wrapper
