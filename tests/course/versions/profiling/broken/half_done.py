# why: half done

# %% parents.parents
def parents(events):
    raise NotImplementedError()

# %% self_seconds.self_seconds
def self_seconds(events):
    raise NotImplementedError()

# %% self_seconds.by_path
def by_path(events):
    raise NotImplementedError()

# %% summarize.totals
def totals(events, key="name"):
    raise NotImplementedError()

# %% covered.covered
def covered(intervals):
    raise NotImplementedError()

# %% memory_curve.memory_curve
def memory_curve(allocations):
    raise NotImplementedError()

# %% memory_curve.peak
def peak(allocations):
    raise NotImplementedError()

# %% memory_curve.alive
def alive(allocations, when):
    raise NotImplementedError()

# %% bottleneck.attainable
def attainable(intensity, machine):
    raise NotImplementedError()

# %% bottleneck.bottleneck
def bottleneck(row, machine):
    raise NotImplementedError()

# %% bottleneck.opportunities
def opportunities(rows, machine):
    raise NotImplementedError()

# %% chrome_trace.chrome_trace
def chrome_trace(events, allocations=()):
    raise NotImplementedError()

# %% overhead.overhead
def overhead(plain, watched, operations):
    raise NotImplementedError()
