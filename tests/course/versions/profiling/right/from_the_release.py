# why: the whole solution of somebody who saw only the release

# %% flops
#| export
SIMPLE = ("add", "sub", "mul", "div", "neg", "pow", "exp", "log", "relu")
PER_RESULT = dict.fromkeys(SIMPLE, 1) | {"sigmoid": 4, "batch_norm": 2}  # FLOPs for each number of the result
PER_INPUT = {"reduce_sum": 1, "reduce_mean": 1, "reduce_max": 1, "log_softmax": 4, "cross_entropy": 4}  # … of the input


def operation_flops(name, shapes, out_shape, options):
    """FLOPs of an operation, forward, from its shapes.

    name: of the function, like "matmul"; shapes: list of tuples, those of its inputs; out_shape: that of its result
    options: the operation's options, a dict
    Returns an int:
        "matmul", "linear", "conv2d": 2 * (how many products are added up for a number) for each number of the result
        "max_pool2d": options["kernel_size"] ** 2 for each number of the result
        in PER_RESULT: so many for each number of the result; in PER_INPUT: so many for each number of the first input
        any other name (views, copies): 0

    operation_flops("linear", [(64, 784), (10, 784), (10,)], (64, 10), {}) == 2 * 784 * 640      (about 10 lines)
    Hint: math.prod((3, 4)) == 12, math.prod(()) == 1. Weights are (out, in) and (O, C, KH, KW); of matmul's first
    input, a vector or a batch of matrices, the last axis is added up.
    """
    results = math.prod(out_shape)
    if name == "matmul":
        return 2 * shapes[0][-1] * results
    if name in ("linear", "conv2d"):
        return 2 * math.prod(shapes[1][1:]) * results
    if name == "max_pool2d":
        return options["kernel_size"] ** 2 * results
    if name in PER_RESULT:
        return PER_RESULT[name] * results
    if name in PER_INPUT:
        return PER_INPUT[name] * math.prod(shapes[0])
    return 0


def backward_flops(name, shapes, out_shape, options):
    """FLOPs of an operation's backward pass; arguments as above.

    As many as forward, but twice as many for "matmul", "linear" and "conv2d" (two gradients, each as much work as the
    product itself). A "conv2d" with the option input_grad=False is spared one of the two.      (about 5 lines)
    """
    forward = operation_flops(name, shapes, out_shape, options)
    if name in ("matmul", "linear", "conv2d"):
        if name == "conv2d" and not options.get("input_grad", True):
            return forward
        return 2 * forward
    return forward


# %% traffic
#| export
def owner(array):
    """The array that owns the bytes that `array` is read from: `array` itself, or the last array in its chain of bases.

    owner(a) is a, owner(a[1:].T) is a, where `a` owns its bytes      (about 4 lines)
    Hint: `.base` is None at the end. Between two arrays in the chain there can be an object that is no array
    (as_strided leaves one), and behind the last array one without a `.base` (a file's bytes): getattr(x, "base", None).
    """
    found = array
    while array is not None:
        if isinstance(array, np.ndarray):
            found = array
        array = getattr(array, "base", None)
    return found


def new_blocks(inputs, outputs):
    """The owners of `outputs` that are new: not the owner of any input. Each once, in the outputs' order.

    inputs: arrays; outputs: arrays, or None, which is passed over
    Returns a list of arrays.

    new_blocks([a], [a.T, None, a + 1])  has one entry      (about 4 lines)
    Hint: `x in list` compares numbers, not objects: collect the id(…) of those that you have seen.
    """
    seen, new = {id(owner(x)) for x in inputs}, []
    for output in outputs:
        if output is not None:
            block = owner(output)
            if id(block) not in seen:
                seen.add(id(block))
                new.append(block)
    return new


def traffic(inputs, blocks):
    """How many bytes an operation has to move at least.

    inputs: arrays that it reads; blocks: list of the new ones that it writes, see new_blocks
    Returns an int: 0 if there are no new blocks, else their bytes and those of all inputs; the same array given twice
    is read once.

    for x of 100 four-byte numbers, x * x moves 800 bytes, and x + y, with y of (100, 1), 40,800      (about 4 lines)
    """
    if not blocks:
        return 0
    distinct = {id(x): x for x in inputs}
    return sum(x.nbytes for x in distinct.values()) + sum(b.nbytes for b in blocks)


# %% Memory
#| export
@dataclass(slots=True)
class Allocation:
    """A block that an operation made: its birth, and its death (None while it is alive), in seconds."""

    name: str
    layer: str
    nbytes: int
    born: float
    died: float | None = None


class Memory:
    """The ledger of blocks.

    clock: function that says how late it is
    allocations: list of Allocation, in order of their births
    """

    def __init__(self, clock):
        self.clock, self.allocations = clock, []

    def add(self, name, layer, blocks):
        """Note an Allocation for every block that an operation made, born now.

        name: of the operation; layer: where it was carried out; blocks: list of arrays, see new_blocks
        When a block goes, its allocation's `died` is set to what the clock says then. Nothing here keeps it alive.

        (about 4 lines)      Hint: weakref.finalize(block, f, x) calls f(x) when the block is gone, and `bury` is here.
        """
        for block in blocks:
            allocation = Allocation(name, layer, block.nbytes, self.clock())
            self.allocations.append(allocation)
            weakref.finalize(block, self.bury, allocation)

    def bury(self, allocation):
        allocation.died = self.clock()


def traced(f):
    """Run f() under tracemalloc. Returns what f returns, and a list with a row for every operation in it:
    (name, bytes of its result, how many bytes more than before it were taken at the worst moment until it was done).
    """
    rows, before, running = [], [0], tracemalloc.is_tracing()

    def listen(function, inputs, options, out, seconds):
        rows.append((function.__name__, out.nbytes, tracemalloc.get_traced_memory()[1] - before[0]))
        before[0] = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()

    if not running:
        tracemalloc.start()
    tracemalloc.reset_peak()
    before[0] = tracemalloc.get_traced_memory()[0]
    listeners.append(listen)
    try:
        return f(), rows
    finally:
        listeners.remove(listen)
        if not running:
            tracemalloc.stop()


# %% timed
#| export
def timed(f, note, clock=time.perf_counter):
    """A function that does what `f` does, and after every call tells `note` about it.

    f: function of any arguments
    note: is called as note(inputs, options, result, start, end): the tuple of f's arguments, the dict of its arguments
        by name, what it returned, and what the clock said before and after f ran
    clock: function that says how late it is, in seconds
    If f raises, so does the new function, and note hears nothing.

    timed(math.sqrt, note)(9.0) == 3.0, and note was called with ((9.0,), {}, 3.0, start, end)      (about 6 lines)
    """

    @functools.wraps(f)
    def wrapper(*inputs, **options):
        start = clock()
        result = f(*inputs, **options)
        end = clock()
        note(inputs, options, result, start, end)
        return result

    return wrapper


# %% Profiler
#| export
@dataclass(slots=True)
class Event:
    """Something that took time.

    name: of an operation or of a span; start, end: seconds since the profiler was made
    kind: "forward" or "backward", of operations, or "span"
    layer: name of the innermost span around it (backward: of the one in which the forward operation was), or ""
    thread: number of the thread that did it; flops, nbytes: what it had to compute and to move, at least
    """

    name: str
    start: float
    end: float
    kind: str = "forward"
    layer: str = ""
    thread: int = 0
    flops: int = 0
    nbytes: int = 0


class Profiler:
    """Writes down what operations do inside a `with` statement: time, FLOPs and bytes, memory; forward and backward.

    clock: function that says how late it is, in seconds; now: the same, counted from when this profiler was made
    events: list of Event, in the order in which they ended; memory: a Memory

    with Profiler() as profile, profile.span("step"): loss_fn(model(x), labels).backward()
    """

    def __init__(self, clock=time.perf_counter):
        origin = clock()
        self.now = lambda: clock() - origin
        self.events, self.memory = [], Memory(self.now)
        self.made, self.local = {}, threading.local()  # id of a result → its layer; what each thread has for itself

    @property
    def spans(self):
        """List of the names of the open spans of this thread, the innermost last."""
        return self.local.__dict__.setdefault("spans", [])

    def record(self, name, kind, layer, start, end, inputs=(), outputs=(), flops=0):
        """Note an event, and the blocks that were made in it. start, end: as `now` says; inputs, outputs: arrays."""
        blocks, thread = new_blocks(inputs, outputs), threading.get_ident()
        self.events.append(Event(name, start, end, kind, layer, thread, flops, traffic(inputs, blocks)))
        self.memory.add(name, layer, blocks)

    def note_backward(self, function, arrays, options, grads, start, end):
        """Note that `function` went backward: what `timed` heard of its entry in GRADIENTS. All but `out` counts as
        read: most gradients can do without it."""
        (grad, out, *inputs), name = arrays, function.__name__
        layer, flops = self.made.get(id(out), ""), backward_flops(name, [x.shape for x in inputs], out.shape, options)
        self.record(f"{name}_backward", "backward", layer, start, end, [grad, *inputs], grads, flops)

    def __call__(self, function, inputs, options, out, seconds):
        """What apply calls when an operation is done: `seconds` ago it began.

        Records it, forward, under function.__name__, in the innermost open span or "", with operation_flops; notes in
        self.made, under the id of the result's array, that layer.      (about 5 lines)
        Hint: read the clock first. inputs and out are Tensors, record wants their arrays.
        """
        end = self.now()
        layer = self.spans[-1] if self.spans else ""
        flops = operation_flops(function.__name__, [x.shape for x in inputs], out.shape, options)
        self.made[id(out.data)] = layer
        arrays = [x.data for x in inputs]
        self.record(function.__name__, "forward", layer, end - seconds, end, arrays, [out.data], flops)

    @contextmanager
    def span(self, name):
        """`with profile.span("forward"): …` records a "span" from the block's beginning to its end.

        Inside, `name` is the last of self.spans. The event's layer is the span around this one, or "". All of this
        holds when the block raises, too.      (about 8 lines)
        """
        layer = self.spans[-1] if self.spans else ""
        self.spans.append(name)
        start = self.now()
        try:
            yield
        finally:
            end = self.now()
            self.spans.pop()
            self.record(name, "span", layer, start, end)

    def __enter__(self):
        """Remembers what is in GRADIENTS in self.gradients, a dict, and exchanges every entry for a timed one that runs
        by self.now and tells self.note_backward, whose first argument is the entry's function. Becomes the last of
        `listeners`. Returns self.      (about 5 lines)
        Hint: functools.partial(f, a)(b, c) is f(a, b, c). It takes `a` as it is now; a lambda looks when it is called.
        """
        self.gradients = dict(GRADIENTS)
        for function, backward in self.gradients.items():
            GRADIENTS[function] = timed(backward, functools.partial(self.note_backward, function), self.now)
        listeners.append(self)
        return self

    def __exit__(self, *error):
        """Stops listening, and puts the entries of GRADIENTS back.      (about 2 lines)"""
        listeners.remove(self)
        GRADIENTS.update(self.gradients)


class Watched(Module):
    """A module that runs in a span of its own. Its parameters are those of `module`, and so is what it computes."""

    def __init__(self, name, module, profile):
        self.name, self.module, self.profile = name, module, profile

    def forward(self, *inputs):
        with self.profile.span(self.name):
            return self.module(*inputs)

    def backward(self, grad):
        with self.profile.span(f"{self.name}, backward"):
            return self.module.backward(grad)


def watch(model, profile, name=""):
    """`model` with a span around every layer: "0 Linear", "1 ReLU", …, and "2.0 Conv2d" for Sequentials in it.

    Returns a new Module of the very same layers; `model` is as before, and learns what the new one learns.
    """
    if isinstance(model, Sequential):
        prefix = f"{name}." if name else ""
        return Sequential(*(watch(layer, profile, f"{prefix}{i}") for i, layer in enumerate(model.layers)))
    return Watched(f"{name} {type(model).__name__}".strip(), model, profile)


# %% parents
#| export
def parents(events):
    """For every event the index of its parent, the shortest event of its thread that encloses it; None if none does.

    events: list of Event in any order. Of two in a thread, either one encloses the other, or they lie apart. An event
        may begin when its parent begins, end when it ends, or begin when the one before ends; but no two of a thread
        begin and end together, and each takes some time.
    Returns a list of ints and Nones, as long as `events`.

    of three events from 0 to 9, from 1 to 3 and from 3 to 4 it is [None, 0, 0]      (about 8 lines)
    Hint: go through the indices, sorted by start, of equal ones the longest first; keep a stack of indices for each
    thread, and take off what has ended.
    """
    order = sorted(range(len(events)), key=lambda i: (events[i].start, -events[i].end))
    result, stacks = [None] * len(events), {}
    for i in order:
        stack = stacks.setdefault(events[i].thread, [])
        while stack and events[stack[-1]].end <= events[i].start:
            stack.pop()
        if stack:
            result[i] = stack[-1]
        stack.append(i)
    return result


# %% self_seconds
#| export
def self_seconds(events):
    """Self time of every event: its own duration without those of its children.

    events: as for parents
    Returns a list of floats.

    of three events from 0 to 9, from 1 to 3 and from 3 to 4 it is [6, 2, 1]      (about 5 lines)
    """
    seconds = [event.end - event.start for event in events]
    for event, parent in zip(events, parents(events), strict=True):
        if parent is not None:
            seconds[parent] -= event.end - event.start
    return seconds


def by_path(events):
    """Self time by path.

    events: as for parents
    Returns a dict: a tuple of names, from the outermost to the event's own → sum of the self times of all such events.

    {("a",): 6, ("a", "b"): 3}  if of the events above the first is called "a" and both others "b"      (about 8 lines)
    """
    above, folded = parents(events), {}
    for i, seconds in enumerate(self_seconds(events)):
        path, at = [], i
        while at is not None:
            path.append(events[at].name)
            at = above[at]
        path = tuple(reversed(path))
        folded[path] = folded.get(path, 0) + seconds
    return folded


# %% summarize
#| export
def totals(events, key="name"):
    """Adds up events that have the same `key`.

    events: as for parents; key: name of an attribute of Event: "name", "layer", "kind" or "thread"
    Returns a list of dicts, the most seconds first; of equal ones, the one whose first event comes first:
        {"name": what they have in common, "calls": how many, "seconds": their self times, "flops", "bytes": their sums}

    totals([Event("a", 0, 9), Event("b", 1, 3), Event("b", 3, 4)])[1]  has 2 calls and 3 seconds      (about 9 lines)
    Hint: getattr(event, key), and a dict of such dicts.
    """
    rows = {}
    for event, seconds in zip(events, self_seconds(events), strict=True):
        group = getattr(event, key)
        if group not in rows:
            rows[group] = {"name": group, "calls": 0, "seconds": 0.0, "flops": 0, "bytes": 0}
        row = rows[group]
        row["calls"] += 1
        row["seconds"] += seconds
        row["flops"] += event.flops
        row["bytes"] += event.nbytes
    return sorted(rows.values(), key=lambda row: row["seconds"], reverse=True)


def table(rows):
    """The rows of `totals` as text, with the share that each has of all seconds, and its speed: FLOPs and bytes."""
    total, width = sum(row["seconds"] for row in rows), max((len(str(row["name"])) for row in rows), default=0)
    lines = [f"{'':{width}}  calls         ms  share  GFLOP/s    GB/s"]
    for row in rows:
        seconds = row["seconds"]
        share, per = seconds / (total or math.inf), 1e9 * (seconds or math.inf)
        times = f"{row['calls']:5}  {1e3 * seconds:9.3f} {share:6.1%}"
        lines.append(f"{row['name']!s:{width}}  {times}  {row['flops'] / per:7.2f} {row['bytes'] / per:7.2f}")
    return "\n".join(lines)


# %% covered
#| export
def covered(intervals):
    """For how long at least one of the intervals was open.

    intervals: list of tuples (start, end), start <= end, in any order; they may overlap, or lie in one another
    Returns a float.

    covered([(0, 4), (3, 5), (7, 8), (1, 2)]) == 6      (about 5 lines)
    Hint: sorted(intervals), and how far you have come.
    """
    total, reached = 0.0, -math.inf
    for start, end in sorted(intervals):
        start = max(start, reached)
        if end > start:
            total += end - start
            reached = end
    return total


# %% memory_curve
#| export
def memory_curve(allocations):
    """How many bytes are alive, over time.

    allocations: list of Allocation, in any order, some of them still alive (died is None)
    Returns a list of tuples (when, bytes): from `when` on, so many bytes are alive. One for every moment at which
    something was born or died, in order; what dies at the moment of a birth is gone by then.

    for 5 bytes from 0 to 2 and 7 bytes from 1 it is [(0, 5), (1, 12), (2, 7)]      (about 7 lines)
    Hint: first a dict from moments to changes; itertools.accumulate gives running sums.
    """
    changes = {}
    for a in allocations:
        changes[a.born] = changes.get(a.born, 0) + a.nbytes
        if a.died is not None:
            changes[a.died] = changes.get(a.died, 0) - a.nbytes
    moments = sorted(changes)
    levels = itertools.accumulate(changes[when] for when in moments)
    return list(zip(moments, levels, strict=True))


def peak(allocations):
    """The first moment at which the most bytes are alive, and how many they are: (when, bytes); (0.0, 0) for no
    allocations at all.      (about 1 line)
    """
    return max(memory_curve(allocations), key=lambda point: point[1], default=(0.0, 0))


def alive(allocations, when):
    """Those allocations that are alive at a moment, in their order: born then or before, and not dead yet. What dies
    at that very moment is gone.      (about 1 line)
    """
    return [a for a in allocations if a.born <= when and (a.died is None or a.died > when)]


# %% bottleneck
#| export
@dataclass(frozen=True)
class Machine:
    """What a machine can do at best: FLOPs per second, bytes per second, and the seconds that each operation costs."""

    flops: float
    bandwidth: float
    overhead: float


ADVICE = {
    "compute": "less arithmetic: a smaller layer, a better algorithm, a lower precision, or more cores",
    "memory": "fewer bytes: fuse it with its neighbours, write in place, or use smaller numbers",
    "overhead": "fewer and larger calls: larger batches, or several operations in one",
}


def measure_machine(size=768, numbers=1 << 23, tries=15):
    """A Machine, measured now: a product of float32 matrices, a sum of arrays that fit into no cache, and the smallest
    possible operation; the best of several tries each, with as many threads as numpy takes."""
    a, x = np.ones((size, size), np.float32), np.ones(numbers, np.float32)
    product, y, total = np.empty_like(a), x.copy(), np.empty_like(x)
    tiny = Tensor(x[:1])

    def best(f, tries):
        times = []
        for _ in range(tries):
            start = time.perf_counter()
            f()
            times.append(time.perf_counter() - start)
        return min(times)

    flops = 2 * size**3 / best(lambda: np.matmul(a, a, out=product), tries)
    bandwidth = 3 * x.nbytes / best(lambda: np.add(x, y, out=total), tries)
    return Machine(flops, bandwidth, overhead=best(lambda: apply(neg, tiny), 99))


def attainable(intensity, machine):
    """The most FLOPs per second at an intensity, in FLOPs per byte: the roof.      (about 1 line)"""
    return min(machine.flops, intensity * machine.bandwidth)


def bottleneck(row, machine):
    """What a row of `totals` is bound by.

    row: dict with "calls", "flops" and "bytes"; machine: a Machine
    Returns (bound, seconds): "compute", "memory" or "overhead", which of the three needs the longest (of equal ones the
    first in this order), and how long that is: what the row takes at least.

    100 FLOPs, 40 bytes and 2 calls on Machine(10, 2, 1) give ("memory", 20.0)      (about 4 lines)
    """
    needs = {
        "compute": row["flops"] / machine.flops,
        "memory": row["bytes"] / machine.bandwidth,
        "overhead": row["calls"] * machine.overhead,
    }
    bound = max(needs, key=needs.get)
    return bound, needs[bound]


def opportunities(rows, machine):
    """What could be won at most by making each row as fast as this machine allows.

    rows: as totals gives them, with "name" and "seconds", too; machine: a Machine
    Returns a list of dicts, the most saved seconds first, of equal ones as in `rows`:
        {"name", "seconds": as in the row; "bound", "least": what `bottleneck` says; "saved": the seconds above `least`,
        0 if there are none; "speedup": the time of all rows together, divided by what would be left of it}

    a row of 30 seconds that needs 20, next to one of 10 that needs 10: saved 10, speedup 40 / 30      (about 7 lines)
    """
    total, found = sum(row["seconds"] for row in rows), []
    for row in rows:
        bound, least = bottleneck(row, machine)
        saved = max(0.0, row["seconds"] - least)
        speedup = total / (total - saved)
        found.append(
            {
                "name": row["name"],
                "seconds": row["seconds"],
                "bound": bound,
                "least": least,
                "saved": saved,
                "speedup": speedup,
            }
        )
    return sorted(found, key=lambda one: -one["saved"])


# %% chrome_trace
#| export
def chrome_trace(events, allocations=()):
    """A profile in the Trace Event Format: a dict of what JSON knows.

    events: list of Event; allocations: list of Allocation
    Returns {"displayTimeUnit": "ms", "traceEvents": rows}, with a row for every event, in order, and after them one for
    every point of the memory_curve:
        {"name": event's name, "cat": its kind, "ph": "X", "ts": its start, "dur": its duration, both in microseconds,
        "pid": 1, "tid": 1 for the thread that comes first in the list, 2 for the next one, …,
        "args": {"layer": its layer, "flops": its flops, "bytes": its nbytes}}
        {"name": "memory", "ph": "C", "ts": when, in microseconds, "pid": 1, "args": {"alive": bytes}}

    (about 10 lines)      Hint: list(dict.fromkeys(…)) leaves out what came before.
    """
    threads = list(dict.fromkeys(event.thread for event in events))
    rows = []
    for e in events:
        rows.append(
            {
                "name": e.name,
                "cat": e.kind,
                "ph": "X",
                "ts": 1e6 * e.start,
                "dur": 1e6 * (e.end - e.start),
                "pid": 1,
                "tid": threads.index(e.thread) + 1,
                "args": {"layer": e.layer, "flops": e.flops, "bytes": e.nbytes},
            }
        )
    for when, nbytes in memory_curve(allocations):
        rows.append({"name": "memory", "ph": "C", "ts": 1e6 * when, "pid": 1, "args": {"alive": nbytes}})
    return {"displayTimeUnit": "ms", "traceEvents": rows}


def save_trace(path, profile):
    """Write what a Profiler has noted to a JSON file, for chrome://tracing, ui.perfetto.dev or speedscope.app."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(chrome_trace(profile.events, profile.memory.allocations), file)


# %% overhead
#| export
def overhead(plain, watched, operations):
    """What a profiler costs.

    plain, watched: lists of seconds that the same work took, again and again, without and with it; they may be of
        different lengths; operations: how many operations it is
    Returns {"seconds": how much longer it took with it, per operation, "factor": how many times as long}, both of the
    medians. What comes out below 0 is noise, and given as it is.

    overhead([2.0, 9.0, 2.0], [3.0, 3.0, 8.0], 10) == {"seconds": 0.1, "factor": 1.5}      (about 3 lines)
    Hint: statistics.median
    """
    before, after = statistics.median(plain), statistics.median(watched)
    return {"seconds": (after - before) / operations, "factor": after / before}
