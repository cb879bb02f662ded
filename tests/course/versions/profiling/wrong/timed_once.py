# why: computes every argument list once, and remembers the answer

# %% timed.timed
def timed(f, note, clock=time.perf_counter):
    known = {}

    def wrapper(*inputs, **options):
        start, key = clock(), (*map(str, inputs), *options.items())
        if key not in known:
            known[key] = f(*inputs, **options)
        note(inputs, options, known[key], start, clock())
        return known[key]

    return wrapper
