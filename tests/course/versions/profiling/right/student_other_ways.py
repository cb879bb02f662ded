# why: closed forms, match, walking up from the last one, sums over all, insertion at the end

# %% flops.operation_flops
def operation_flops(name, shapes, out_shape, options):
    def size(shape):
        return functools.reduce(lambda a, b: a * b, shape, 1)

    match name:
        case "matmul":
            each = 2 * shapes[0][len(shapes[0]) - 1]
        case "linear":
            each = 2 * shapes[0][1]
        case "conv2d":
            each = 2 * shapes[0][1] * shapes[1][2] * shapes[1][3]
        case "max_pool2d":
            each = options["kernel_size"] * options["kernel_size"]
        case _ if name in PER_INPUT:
            return size(shapes[0]) * PER_INPUT[name]
        case _:
            each = PER_RESULT.get(name, 0)
    return each * size(out_shape)

# %% flops.backward_flops
def backward_flops(name, shapes, out_shape, options):
    factors = {"matmul": 2, "linear": 2, "conv2d": 1 + bool(options.get("input_grad", True))}
    return factors.get(name, 1) * operation_flops(name, shapes, out_shape, options)

# %% traffic.owner
def owner(array):
    chain = [array]
    while getattr(chain[-1], "base", None) is not None:
        chain.append(chain[-1].base)
    return [x for x in chain if isinstance(x, np.ndarray)][-1]

# %% traffic.new_blocks
def new_blocks(inputs, outputs):
    old = [owner(x) for x in inputs]
    blocks = []
    for out in outputs:
        if out is None:
            continue
        block = owner(out)
        if not any(block is other for other in old + blocks):
            blocks.append(block)
    return blocks

# %% traffic.traffic
def traffic(inputs, blocks):
    distinct = [x for i, x in enumerate(inputs) if not any(x is other for other in inputs[:i])]
    return sum(array.size * array.itemsize for array in (*distinct, *blocks)) if blocks else 0

# %% Memory.add
def add(self, name, layer, blocks):
    born = self.clock()
    for block in blocks:
        self.allocations.append(Allocation(name=name, layer=layer, nbytes=block.size * block.itemsize, born=born))
        weakref.finalize(block, self.bury, self.allocations[-1])

# %% timed.timed
def timed(f, note, clock=time.perf_counter):
    class Watched:
        def __call__(self, *inputs, **options):
            begin = clock()
            result = f(*inputs, **options)
            end = clock()
            note(inputs, options, result, begin, end)
            return result

    return Watched()

# %% Profiler.__call__
def __call__(self, function, inputs, options, out, seconds):
    end = self.now()
    layer = (["", *self.spans])[-1]
    self.made[id(out.data)] = layer
    arrays = tuple(x.data for x in inputs)
    flops = operation_flops(function.__name__, tuple(x.shape for x in inputs), out.data.shape, options)
    self.record(function.__name__, "forward", layer, end - seconds, end, arrays, (out.data,), flops)

# %% Profiler.span
@contextmanager
def span(self, name):
    around = self.spans[-1:] or [""]
    start = self.now()
    self.spans.append(name)
    try:
        yield self
    finally:
        self.record(self.spans.pop(), "span", around[0], start, self.now())

# %% Profiler.__enter__
def __enter__(self):
    self.gradients = {}
    for function in list(GRADIENTS):
        self.gradients[function] = GRADIENTS[function]

        def note(inputs, options, result, start, end, function=function):
            self.note_backward(function, inputs, options, result, start, end)

        GRADIENTS[function] = timed(GRADIENTS[function], note, clock=self.now)
    listeners.insert(len(listeners), self)
    return self

# %% Profiler.__exit__
def __exit__(self, *error):
    for function, backward in self.gradients.items():
        GRADIENTS[function] = backward
    del listeners[listeners.index(self)]
    return False

# %% parents.parents
def parents(events):
    found, last = [None] * len(events), {}
    for i in sorted(range(len(events)), key=lambda i: (events[i].thread, events[i].start, -events[i].end)):
        parent = last.get(events[i].thread)
        while parent is not None and events[parent].end < events[i].end:
            parent = found[parent]
        found[i], last[events[i].thread] = parent, i
    return found

# %% self_seconds.self_seconds
def self_seconds(events):
    inside = [0.0] * len(events)
    for event, parent in zip(events, parents(events), strict=True):
        if parent is not None:
            inside[parent] += event.end - event.start
    return [event.end - event.start - spent for event, spent in zip(events, inside, strict=True)]

# %% self_seconds.by_path
def by_path(events):
    above = parents(events)

    @functools.cache
    def path(i):
        return () if i is None else (*path(above[i]), events[i].name)

    found = {}
    for i, seconds in enumerate(self_seconds(events)):
        found[path(i)] = found.get(path(i), 0) + seconds
    return found

# %% summarize.totals
def totals(events, key="name"):
    own = self_seconds(events)
    names = list(dict.fromkeys(getattr(event, key) for event in events))
    rows = []
    for name in names:
        places = [i for i, event in enumerate(events) if getattr(event, key) == name]
        sums = {"flops": sum(events[i].flops for i in places), "bytes": sum(events[i].nbytes for i in places)}
        rows.append({"name": name, "calls": len(places), "seconds": sum(own[i] for i in places), **sums})
    return sorted(rows, key=lambda row: row["seconds"], reverse=True)

# %% covered.covered
def covered(intervals):
    changes = sorted([(start, 1) for start, _ in intervals] + [(end, -1) for _, end in intervals])
    total, count, since = 0.0, 0, 0.0
    for moment, change in changes:
        if count > 0:
            total += moment - since
        count, since = count + change, moment
    return total

# %% memory_curve.memory_curve
def memory_curve(allocations):
    moments = sorted({a.born for a in allocations} | {a.died for a in allocations} - {None})
    return [(when, sum(a.nbytes for a in alive(allocations, when))) for when in moments]

# %% memory_curve.peak
def peak(allocations):
    best = (0.0, 0)
    for i, (when, nbytes) in enumerate(memory_curve(allocations)):
        if i == 0 or nbytes > best[1]:
            best = (when, nbytes)
    return best

# %% memory_curve.alive
def alive(allocations, when):
    return [a for a in allocations if not (a.born > when or (a.died is not None and a.died <= when))]

# %% bottleneck.attainable
def attainable(intensity, machine):
    ridge = machine.flops / machine.bandwidth
    return machine.flops if intensity >= ridge else intensity * machine.bandwidth

# %% bottleneck.bottleneck
def bottleneck(row, machine):
    compute, memory = row["flops"] / machine.flops, row["bytes"] / machine.bandwidth
    overhead = row["calls"] * machine.overhead
    if compute >= memory and compute >= overhead:
        return "compute", compute
    return ("memory", memory) if memory >= overhead else ("overhead", overhead)

# %% bottleneck.opportunities
def opportunities(rows, machine):
    total = math.fsum(row["seconds"] for row in rows)
    found = []
    for row in rows:
        one = {"name": row["name"], "seconds": row["seconds"]}
        one["bound"], one["least"] = bottleneck(row, machine)
        one["saved"] = row["seconds"] - one["least"] if row["seconds"] > one["least"] else 0.0
        one["speedup"] = 1 / (1 - one["saved"] / total)
        found.append(one)
    found.sort(key=lambda one: one["saved"], reverse=True)
    return found

# %% chrome_trace.chrome_trace
def chrome_trace(events, allocations=()):
    numbers = {}
    slices = [
        {
            **{"ph": "X", "name": e.name, "cat": e.kind, "pid": 1},
            "tid": numbers.setdefault(e.thread, len(numbers) + 1),
            "ts": e.start * 1_000_000,
            "dur": e.end * 1_000_000 - e.start * 1_000_000,
            "args": {"layer": e.layer, "flops": e.flops, "bytes": e.nbytes},
        }
        for e in events
    ]
    counters = [
        {"name": "memory", "ph": "C", "ts": when * 1e6, "pid": 1, "args": {"alive": nbytes}}
        for when, nbytes in memory_curve(allocations)
    ]
    return {"traceEvents": slices + counters, "displayTimeUnit": "ms"}

# %% overhead.overhead
def overhead(plain, watched, operations):
    plain, watched = float(np.median(plain)), float(np.median(watched))
    return {"factor": watched / plain, "seconds": watched / operations - plain / operations}
