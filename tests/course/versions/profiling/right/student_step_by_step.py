# why: plain loops, everything looked at one by one, slower where it does not matter

# %% flops.operation_flops
def operation_flops(name, shapes, out_shape, options):
    results = 1
    for n in out_shape:
        results *= n
    first = 1
    for n in shapes[0]:
        first *= n
    if name == "matmul":
        return results * shapes[0][-1] * 2
    elif name == "linear":
        out_features, in_features = shapes[1]
        return results * in_features * 2
    elif name == "conv2d":
        o, c, kh, kw = shapes[1]
        return results * c * kh * kw * 2
    elif name == "max_pool2d":
        return results * options["kernel_size"] ** 2
    elif name in PER_RESULT:
        return results * PER_RESULT[name]
    elif name in PER_INPUT:
        return first * PER_INPUT[name]
    else:
        return 0

# %% flops.backward_flops
def backward_flops(name, shapes, out_shape, options):
    flops = operation_flops(name, shapes, out_shape, options)
    if name == "conv2d":
        if "input_grad" in options and not options["input_grad"]:
            return flops
        return flops + flops
    if name == "matmul" or name == "linear":
        return flops + flops
    return flops

# %% traffic.owner
def owner(array):
    base = getattr(array, "base", None)
    while base is not None:
        if isinstance(base, np.ndarray):
            array = base
        base = getattr(base, "base", None)
    return array

# %% traffic.new_blocks
def new_blocks(inputs, outputs):
    blocks = {}
    for out in outputs:
        if out is not None:
            blocks[id(owner(out))] = owner(out)
    for x in inputs:
        blocks.pop(id(owner(x)), None)
    return list(blocks.values())

# %% traffic.traffic
def traffic(inputs, blocks):
    if len(blocks) == 0:
        return 0
    seen, total = [], 0
    for x in inputs:
        if id(x) not in seen:
            seen.append(id(x))
            total += x.nbytes
    for block in blocks:
        total += block.nbytes
    return total

# %% Memory.add
def add(self, name, layer, blocks):
    for block in blocks:
        a = Allocation(name, layer, block.nbytes, self.clock(), None)
        self.allocations.append(a)

        def gone(a=a):
            a.died = self.clock()

        weakref.finalize(block, gone)

# %% parents.parents
def parents(events):
    result = [None] * len(events)
    by_thread = {}
    for i, event in enumerate(events):
        by_thread.setdefault(event.thread, []).append(i)
    for indices in by_thread.values():
        indices.sort(key=lambda i: events[i].end - events[i].start, reverse=True)
        indices.sort(key=lambda i: events[i].start)
        still_open = []
        for i in indices:
            while still_open:
                top = events[still_open[-1]]
                if top.start <= events[i].start and events[i].end <= top.end:
                    result[i] = still_open[-1]
                    break
                still_open.pop()
            still_open.append(i)
    return result

# %% self_seconds.self_seconds
def self_seconds(events):
    children = {}
    for i, parent in enumerate(parents(events)):
        children.setdefault(parent, []).append(i)
    result = []
    for i, event in enumerate(events):
        own = event.end - event.start
        for child in children.get(i, []):
            own = own - (events[child].end - events[child].start)
        result.append(own)
    return result

# %% summarize.totals
def totals(events, key="name"):
    rows = []
    for event, own in zip(events, self_seconds(events)):
        value = getattr(event, key)
        for row in rows:
            if row["name"] == value:
                break
        else:
            row = dict(name=value, calls=0, seconds=0, flops=0, bytes=0)
            rows.append(row)
        row["calls"] = row["calls"] + 1
        row["seconds"] = row["seconds"] + own
        row["flops"] = row["flops"] + event.flops
        row["bytes"] = row["bytes"] + event.nbytes
    rows.sort(key=lambda r: -r["seconds"])
    return rows

# %% covered.covered
def covered(intervals):
    merged = []
    for start, end in sorted(intervals, key=lambda pair: pair[0]):
        if merged and start <= merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1][1] = end
        else:
            merged.append([start, end])
    total = 0.0
    for start, end in merged:
        total += end - start
    return total

# %% memory_curve.memory_curve
def memory_curve(allocations):
    events = []
    for a in allocations:
        events.append((a.born, a.nbytes))
        if a.died is not None:
            events.append((a.died, -a.nbytes))
    events.sort()
    level, curve = 0, []
    for when, change in events:
        level += change
        if curve and curve[-1][0] == when:
            curve[-1] = (when, level)
        else:
            curve.append((when, level))
    return curve

# %% memory_curve.peak
def peak(allocations):
    curve = memory_curve(allocations)
    if not curve:
        return 0.0, 0
    sizes = [nbytes for _, nbytes in curve]
    return curve[sizes.index(max(sizes))]

# %% bottleneck.bottleneck
def bottleneck(row, machine):
    name, seconds = "compute", row["flops"] / machine.flops
    if row["bytes"] / machine.bandwidth > seconds:
        name, seconds = "memory", row["bytes"] / machine.bandwidth
    if row["calls"] * machine.overhead > seconds:
        name, seconds = "overhead", row["calls"] * machine.overhead
    return name, seconds

# %% overhead.overhead
def overhead(plain, watched, operations):
    def middle(numbers):
        numbers, half = sorted(numbers), len(numbers) // 2
        return numbers[half] if len(numbers) % 2 else (numbers[half - 1] + numbers[half]) / 2

    return dict(seconds=(middle(watched) - middle(plain)) / operations, factor=middle(watched) / middle(plain))
