"""Profiling: FLOPs against PyTorch's, structure of events against brute force, and profiles of whole networks."""

import json
import math
import threading
import tracemalloc
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from tinytorch.core import profiling
from tinytorch.core import tensor as ops
from tinytorch.core.autograd import GRADIENTS, checkpoint, no_grad
from tinytorch.core.cnn import Conv2d, Flatten, MaxPool2d, conv2d_cost, output_size, small_cnn
from tinytorch.core.mlp import CrossEntropyLoss, Linear, ReLU, Sequential, linear_cost
from tinytorch.core.profiling import Allocation, Event, Machine, Memory, Profiler, watch
from tinytorch.core.tensor import Tensor, apply, listeners

GOLDEN = np.load(Path(__file__).parent / "goldens" / "profiling.npz")


# --- FLOPs ---------------------------------------------------------------------------------------


def both(name, shapes, out_shape, options=()):
    call = name, shapes, out_shape, dict(options)
    return [profiling.operation_flops(*call), profiling.backward_flops(*call)]


def golden(name, call):
    for sizes, flops in zip(GOLDEN[f"{name}.shapes"].tolist(), GOLDEN[f"{name}.flops"].tolist(), strict=True):
        assert call(*sizes) == flops, f"{name} of sizes {sizes}: PyTorch counts {flops}"


def convolution(n, c, o, h, w, kh, kw, stride, padding, **options):
    out = n, o, output_size(h, kh, stride, padding), output_size(w, kw, stride, padding)
    options |= {"stride": stride, "padding": padding}
    return both("conv2d", [(n, c, h, w), (o, c, kh, kw), (o,)], out, options)


def test_flops_as_pytorch_counts_them():
    golden("matmul", lambda m, k, n: both("matmul", [(m, k), (k, n)], (m, n)))
    golden("batches", lambda b, m, k, n: both("matmul", [(b, m, k), (b, k, n)], (b, m, n)))
    golden("linear", lambda n, i, o: both("linear", [(n, i), (o, i), (o,)], (n, o)))
    golden("conv2d", convolution)
    golden("conv2d", lambda *sizes: convolution(*sizes, input_grad=True))
    golden("conv2d_without_dx", lambda *sizes: convolution(*sizes, input_grad=False))


def test_flops_as_the_layers_said():
    assert both("linear", [(8, 5), (3, 5), (3,)], (8, 3))[0] == linear_cost(8, 5, 3)["flops"]
    cost = conv2d_cost(4, 3, 6, (11, 9), 3, stride=2, padding=1)["flops"]
    assert both("conv2d", [(4, 3, 11, 9), (6, 3, 3, 3), (6,)], (4, 6, 6, 5))[0] == cost


def test_flops_of_everything_else():
    assert both("matmul", [(5,), (5,)], ()) == [10, 20]
    assert both("max_pool2d", [(2, 3, 9, 9)], (2, 3, 3, 3), {"kernel_size": 3, "stride": 3}) == [9 * 54, 9 * 54]
    assert both("mul", [(4, 1), (3,)], (4, 3)) == [12, 12]
    assert both("sigmoid", [(4, 3)], (4, 3)) == [48, 48]
    assert both("reduce_mean", [(4, 3)], ()) == [12, 12]
    assert both("cross_entropy", [(4, 3), (4,)], ()) == [48, 48]
    for name in ("reshape", "transpose", "expand", "getitem", "cast", "copy", "something new"):
        assert both(name, [(4, 3)], (4, 3)) == [0, 0]


# --- blocks and bytes ----------------------------------------------------------------------------


def test_owners():
    a, raw = np.ones((6, 4)), bytes(80)
    for view in (
        a,
        a[1:],
        a.T[::2],
        a[None, 2:].reshape(-1),
        ops.expand(a[0], (3, 4))[1:],
        np.broadcast_to(a, (2, 6, 4)),
    ):
        assert profiling.owner(view) is a
    file = np.frombuffer(raw, np.uint8)
    assert profiling.owner(file[3:]) is file
    assert profiling.owner(np.ones(3)[0:]).shape == (3,)


def test_new_blocks_and_traffic():
    a, b = np.ones(4, np.float32), np.ones((4, 1), np.float32)
    new, other = a * b, a + a
    found = profiling.new_blocks([a, b], [new[1:], None, b.T, other, new])
    assert [block is want for block, want in zip(found, (new, other), strict=True)] == [True, True]
    assert profiling.new_blocks([new[:1]], [new]) == []
    assert profiling.traffic([a, b], [new]) == 16 + 16 + 64
    assert profiling.traffic([a, a], [other]) == 32
    assert profiling.traffic([a, b], []) == 0
    assert profiling.traffic([ops.expand(a, (3, 4))], [other]) == 48 + 16, "a stretched array: as many as it shows"
    assert profiling.traffic([a[:2], a[2:], a[1:]], [other]) == 8 + 8 + 12 + 16, "three objects, though of one block"


def test_memory_sees_births_and_deaths():
    now = [0.0]
    memory = Memory(lambda: now[0])
    first, second = np.zeros(10), np.zeros(3, np.int8)
    memory.add("zeros", "a", [first, second])
    now[0], view = 1.0, first[2:]
    del first
    assert [(a.name, a.layer, a.nbytes, a.born, a.died) for a in memory.allocations] == [
        ("zeros", "a", 80, 0.0, None),
        ("zeros", "a", 3, 0.0, None),
    ]
    del second
    now[0] = 2.0
    del view
    assert [a.died for a in memory.allocations] == [2.0, 1.0]


def test_traced_sees_what_operations_need_for_themselves():
    x, before = Tensor(np.ones((200, 500))), list(listeners)
    result, rows = profiling.traced(lambda: apply(big_temporary, x.exp()))
    assert [name for name, _, _ in rows] == ["exp", "big_temporary"]
    assert [size for _, size, _ in rows] == [800_000, 8]
    assert rows[0][2] < 1_000_000
    assert 2_400_000 <= rows[1][2] < 3_000_000
    assert result.item() == pytest.approx(4 * 100_000 * math.e)
    assert listeners == before
    assert not tracemalloc.is_tracing()
    tracemalloc.start()
    try:
        profiling.traced(lambda: x.exp())
        assert tracemalloc.is_tracing(), "whoever traced before still does"
    finally:
        tracemalloc.stop()


def big_temporary(x):
    """Three times the bytes of x, and then one number."""
    return np.sum(np.concatenate([x, x, x])) + x.sum()


# --- the profiler --------------------------------------------------------------------------------


def test_timed():
    now, notes = [5.0], []

    def f(a, b=1):
        now[0] += 2.0
        return a / b

    watched = profiling.timed(f, lambda *note: notes.append(note), lambda: now[0])
    assert watched(6.0, b=4) == 1.5
    with pytest.raises(ZeroDivisionError):
        watched(1, b=0)
    assert notes == [((6.0,), {"b": 4}, 1.5, 5.0, 7.0)]


def step(model, x, labels, profile=None):
    """A step of training; all gradients."""
    for parameter in model.parameters():
        parameter.grad = None
    loss = CrossEntropyLoss()((watch(model, profile) if profile else model)(x), labels)
    loss.backward()
    return [loss.item(), *(parameter.grad.data for parameter in model.parameters())]


def network(seed=0):
    rng = np.random.default_rng(seed)
    x = Tensor(rng.standard_normal((6, 3, 8, 8)).astype(np.float32))
    return small_cnn((3, 4, 5), 7, 8, rng), x, Tensor(rng.integers(0, 7, 6))


def test_a_step_of_a_network():
    model, x, labels = network()
    with Profiler() as profile, profile.span("step"):
        step(model, x, labels, profile)
    names = [f"{i} {type(layer).__name__}" for i, layer in enumerate(model.layers)]
    forward = [(e.name, e.layer) for e in profile.events if e.kind == "forward"]
    kinds = ["conv2d", "max_pool2d", "batch_norm", "relu"] * 2 + ["reshape", "linear"]
    assert forward == [*zip(kinds, names, strict=True), ("cross_entropy", "step")]
    backward = [(e.name, e.layer) for e in profile.events if e.kind == "backward"]
    assert backward == [(f"{name}_backward", layer) for name, layer in reversed(forward)], (
        "backward belongs to the layer"
    )
    spans = [(e.name, e.layer) for e in profile.events if e.kind == "span"]
    assert spans == [*((name, "step") for name in names), ("step", "")]
    costs = {(e.name, e.layer): (e.flops, e.nbytes) for e in profile.events}
    cost = conv2d_cost(6, 3, 4, (8, 8), 3, padding=1)
    assert costs["conv2d", "0 Conv2d"][0] == cost["flops"]
    assert costs["conv2d", "0 Conv2d"][1] >= cost["bytes"]
    assert costs["conv2d_backward", "0 Conv2d"][0] == cost["flops"], "nobody asked for the gradient of the images"
    assert costs["conv2d_backward", "4 Conv2d"][0] == 2 * costs["conv2d", "4 Conv2d"][0]
    assert costs["reshape", "8 Flatten"][0] == 0
    assert costs["cross_entropy", "step"] == (4 * 42, 4 * 42 + 8 * 6 + 4)


def test_times_lie_in_one_another():
    model, x, labels = network()
    with Profiler() as profile, profile.span("step"):
        step(model, x, labels, profile)
    events, last = profile.events, profile.now()
    assert all(0 <= event.start <= event.end <= last for event in events)
    assert [event.end for event in events] == sorted(event.end for event in events)
    for event, parent in zip(events, profiling.parents(events), strict=True):
        if event.name == "step":
            assert parent is None
        elif event.kind == "forward":
            assert events[parent].name == event.layer
        else:
            assert events[parent].name == "step"
    assert sum(profiling.self_seconds(events)) == pytest.approx(events[-1].end - events[-1].start)


def test_clock_of_our_own():
    now, x = [50.0], Tensor([1.0, 2.0])
    profile = Profiler(lambda: now[0])
    with profile.span("outer"):
        now[0] = 53.0
        profile(ops.exp, (x,), {}, x.exp(), 0.5)
        assert profile.spans == ["outer"]
    seen = [(e.name, e.start, e.end, e.kind, e.layer, e.flops, e.nbytes) for e in profile.events]
    assert seen == [("exp", 2.5, 3.0, "forward", "outer", 2, 16), ("outer", 0.0, 3.0, "span", "", 0, 0)]
    assert profile.spans == []
    assert {event.thread for event in profile.events} == {threading.get_ident()}


def test_a_view_moves_nothing():
    x = Tensor(np.ones((2, 3), np.float32))
    with Profiler() as profile:
        view = x.reshape(6)
    assert [(event.name, event.nbytes) for event in profile.events] == [("reshape", 0)]
    assert np.shares_memory(view.data, x.data)
    assert profile.memory.allocations == []


def test_nothing_changes_by_being_watched():
    model, x, labels = network()
    plain = step(model, x, labels)
    with Profiler() as profile:
        watched = step(model, x, labels, profile)
    for mine, theirs in zip(watched, plain, strict=True):
        np.testing.assert_array_equal(mine, theirs, err_msg="a profiler must not change what is computed")


def test_all_as_before_even_after_an_exception():
    before, table, x = list(listeners), dict(GRADIENTS), Tensor([1.0, 2.0], requires_grad=True)
    profile = Profiler()
    with pytest.raises(ValueError, match="5"), profile, profile.span("a"), profile.span("b"):
        x.reshape(5)
    assert (listeners, dict(GRADIENTS), profile.spans) == (before, table, [])
    assert [(event.name, event.layer) for event in profile.events] == [("b", "a"), ("a", "")]
    (x * x).sum().backward()
    assert len(profile.events) == 2, "after the with statement it hears nothing"
    with profile:
        (x * x).sum().backward()
    assert len(profile.events) == 6, "and it can be used again"


def test_two_profilers_at_a_time():
    x, before, table = Tensor([1.0, 2.0], requires_grad=True), list(listeners), dict(GRADIENTS)
    with Profiler() as outer:
        x.exp()
        with Profiler() as inner:
            (x * x).sum().backward()
        x.log()
    names = ["mul", "reduce_sum", "reduce_sum_backward", "mul_backward"]
    assert [event.name for event in inner.events] == names
    assert [event.name for event in outer.events] == ["exp", *names, "log"]
    assert (listeners, dict(GRADIENTS)) == (before, table)


def test_profilers_do_not_overlap_in_two_threads():
    """The second one is told, before anything is exchanged; when the first has ended, it may begin."""
    began, end, before, table = threading.Event(), threading.Event(), list(listeners), dict(GRADIENTS)

    def elsewhere():
        with Profiler():
            began.set()
            end.wait(60)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    assert began.wait(60)
    try:
        during = dict(GRADIENTS)
        with pytest.raises(RuntimeError, match="another thread is profiling"), Profiler():
            pass
        assert dict(GRADIENTS) == during
    finally:
        end.set()
        thread.join()
    with Profiler():
        pass
    assert (listeners, dict(GRADIENTS)) == (before, table)


def test_threads_have_spans_of_their_own():
    profile, x = Profiler(), Tensor([1.0, 2.0])

    def work():
        with profile.span("there"):
            x.exp()

    with profile, profile.span("here"):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        x.log()
    seen = [(event.name, event.layer, event.thread == threading.get_ident()) for event in profile.events]
    assert seen == [("exp", "there", False), ("there", "", False), ("log", "here", True), ("here", "", True)]
    assert profiling.parents(profile.events) == [1, None, 3, None]


def test_a_checkpoint_runs_its_layers_twice():
    model = Sequential(Linear(4, 5), ReLU())
    with Profiler() as profile:
        checkpoint(watch(model, profile), Tensor(np.ones((3, 4)))).sum().backward()
    events = profile.events
    above = [None if parent is None else events[parent].name for parent in profiling.parents(events)]
    pairs = list(zip((event.name for event in events), above, strict=True))
    assert pairs.count(("linear", "0 Linear")) == 2
    assert ("linear_backward", "rerun_backward") in pairs


def test_gradients_that_are_bare_numbers():
    x = Tensor(np.arange(3.0), requires_grad=True)
    with Profiler() as profile:
        loss = x.sum() * 0.5 - 1.0  # numpy makes scalars of these gradients, which have no block
        (loss * loss / 4.0).backward()
    np.testing.assert_allclose(x.grad.data, [0.125] * 3)
    backward = [event for event in profile.events if event.kind == "backward"]
    assert [event.name for event in backward][:2] == ["div_backward", "mul_backward"]
    assert all(isinstance(event.nbytes, int) for event in profile.events)


def test_watch_shares_everything():
    inner = Sequential(Flatten(), Linear(4, 3))
    model = Sequential(Conv2d(1, 1, 2, padding=1), MaxPool2d(2), inner)
    x, profile = Tensor(np.random.default_rng(0).standard_normal((2, 1, 3, 3))), Profiler()
    watched = watch(model, profile)
    assert [id(p) for p in watched.parameters()] == [id(p) for p in model.parameters()]
    np.testing.assert_array_equal(watched(x).data, model(x).data)
    grad = Tensor(np.ones((2, 3)))
    watched.backward(grad)  # as the layers wrote it
    names = ["0 Conv2d", "1 MaxPool2d", "2.0 Flatten", "2.1 Linear"]
    assert [event.name for event in profile.events] == [*names, *(f"{name}, backward" for name in reversed(names))]
    assert watched.eval().layers[0].module.training is False
    single = watch(model.layers[0], profile)
    single(x)
    assert profile.events[-1].name == "Conv2d"


def test_memory_of_a_step():
    model, x, labels = network()
    with Profiler() as profile:
        step(model, x, labels, profile)
    made = {(a.name, a.layer): a.nbytes for a in profile.memory.allocations}
    assert made["conv2d", "0 Conv2d"] >= 6 * 4 * 8 * 8 * 4
    assert made["relu_backward", "7 ReLU"] == 6 * 5 * 2 * 2 * 4
    died = {(a.name, a.layer): a.died for a in profile.memory.allocations}
    assert died["relu_backward", "7 ReLU"] is not None, "gradients of results go as soon as they were used"
    when, most = profiling.peak(profile.memory.allocations)
    assert most == sum(a.nbytes for a in profiling.alive(profile.memory.allocations, when))
    assert most < sum(a.nbytes for a in profile.memory.allocations)


# --- structure of events -------------------------------------------------------------------------


def made_up(rng):
    """Events that lie in one another or apart, in any order, in up to three threads; times are whole numbers."""
    events = []

    def fill(start, end, thread):
        size = int(rng.integers(0, min(6, end - start + 1) + 1))
        cuts = np.sort(rng.choice(np.arange(start, end + 1), size, replace=False)).tolist()
        pairs = zip(cuts[::2], cuts[1::2], strict=False) if rng.random() < 0.5 else pairwise(cuts)
        for a, b in pairs:
            if (a, b) != (start, end):
                name = str(rng.choice(list("abc")))
                events.append(Event(name, a, b, "forward", name * 2, thread, int(rng.integers(9)), b))
                fill(a, b, thread)

    for thread in range(rng.integers(0, 4)):
        fill(0, 40, 7 * thread)
    return [events[i] for i in rng.permutation(len(events))]


def encloses(a, b):
    return a is not b and a.thread == b.thread and a.start <= b.start and b.end <= a.end


def parent_by_looking_at_all(events, i):
    around = [j for j, event in enumerate(events) if encloses(event, events[i])]
    return min(around, key=lambda j: events[j].end - events[j].start, default=None)


@pytest.mark.parametrize("seed", range(40))
def test_parents_and_what_follows_from_them(seed):
    events = made_up(np.random.default_rng(seed))
    want = [parent_by_looking_at_all(events, i) for i in range(len(events))]
    assert profiling.parents(events) == want
    seconds = [
        event.end - event.start - sum(e.end - e.start for e, j in zip(events, want, strict=True) if j == i)
        for i, event in enumerate(events)
    ]
    assert profiling.self_seconds(events) == seconds
    tops = [event for event, parent in zip(events, want, strict=True) if parent is None]
    assert sum(seconds) == sum(event.end - event.start for event in tops)
    folded = {}
    for i, own in enumerate(seconds):
        path = [events[i].name]
        while (i := want[i]) is not None:
            path.insert(0, events[i].name)
        folded[tuple(path)] = folded.get(tuple(path), 0) + own
    assert profiling.by_path(events) == folded
    rows = profiling.totals(events, "layer")
    assert sum(row["seconds"] for row in rows) == sum(seconds)
    assert [row["seconds"] for row in rows] == sorted((row["seconds"] for row in rows), reverse=True)
    for row in rows:
        same = [event for event in events if event.layer == row["name"]]
        want_row = len(same), sum(event.flops for event in same), sum(event.nbytes for event in same)
        assert (row["calls"], row["flops"], row["bytes"]) == want_row


def test_many_events():
    deep = [Event("x", i, 20_000 - i) for i in range(9000)]
    assert profiling.parents(deep) == [None, *range(8999)]
    flat = [Event("x", i, i + 1) for i in range(20_000)]
    assert profiling.parents(flat) == [None] * 20_000


def test_rows_and_their_table():
    events = [Event("a", 0, 1, layer="x", flops=3, nbytes=5), Event("b", 1, 2, flops=10**9), Event("a", 2, 3, flops=4)]
    rows = profiling.totals(events)
    assert rows == [
        {"name": "a", "calls": 2, "seconds": 2, "flops": 7, "bytes": 5},
        {"name": "b", "calls": 1, "seconds": 1, "flops": 10**9, "bytes": 0},
    ]
    assert [row["name"] for row in profiling.totals(events[1:])] == ["b", "a"], "of equal ones, the first"
    lines = profiling.table(rows).splitlines()
    assert lines[0].split() == ["calls", "ms", "share", "GFLOP/s", "GB/s"]
    assert lines[2].split() == ["b", "1", "1000.000", "33.3%", "1.00", "0.00"]
    assert profiling.table([{**rows[0], "seconds": 0.0}]).splitlines()[1].split()[2:] == [
        "0.000",
        "0.0%",
        "0.00",
        "0.00",
    ]
    assert len(profiling.table([]).splitlines()) == 1


@pytest.mark.parametrize("count", range(13))
def test_covered_by_counting(count):
    starts, lengths = np.random.default_rng(count).integers([[-20], [0]], [[20], [15]], (2, count)).tolist()
    intervals = [(start, start + length) for start, length in zip(starts, lengths, strict=True)]
    moments = {moment for start, end in intervals for moment in range(start, end)}
    assert profiling.covered(intervals) == len(moments)


# --- memory over time ----------------------------------------------------------------------------


@pytest.mark.parametrize("count", range(12))
def test_memory_curve_by_counting(count):
    rng, allocations = np.random.default_rng(count), []
    for born, life, size in rng.integers([0, -2, 1], [12, 6, 9], (count, 3)).tolist():
        allocations.append(Allocation("", "", size, born, None if life < 0 else born + life))
    curve = profiling.memory_curve(allocations)
    moments = {a.born for a in allocations} | {a.died for a in allocations if a.died is not None}
    assert [when for when, _ in curve] == sorted(moments)
    for when, nbytes in curve:
        here = [a for a in allocations if a.born <= when and (a.died is None or a.died > when)]
        assert nbytes == sum(a.nbytes for a in here)
        assert profiling.alive(allocations, when) == here
    most = max((nbytes for _, nbytes in curve), default=0)
    first = next((when for when, nbytes in curve if nbytes == most), 0.0)
    assert profiling.peak(allocations) == (first, most)


def test_of_equal_peaks_the_first_counts():
    allocations = [Allocation("", "", 8, start, start + 1) for start in (4, 0, 2)]
    assert profiling.peak(allocations) == (0, 8)


# --- bottlenecks ---------------------------------------------------------------------------------


def test_bounds_and_opportunities():
    machine = Machine(flops=10.0, bandwidth=2.0, overhead=1.0)
    assert [profiling.attainable(i, machine) for i in (0.5, 5.0, 50.0)] == [1.0, 10.0, 10.0]
    rows = [
        {"name": "small", "calls": 9, "seconds": 8.0, "flops": 1, "bytes": 1},
        {"name": "product", "calls": 3, "seconds": 10.0, "flops": 100, "bytes": 1},
        {"name": "sum", "calls": 2, "seconds": 30.0, "flops": 100, "bytes": 40},
    ]
    bounds = [profiling.bottleneck(row, machine) for row in rows]
    assert bounds == [("overhead", 9.0), ("compute", 10.0), ("memory", 20.0)]
    assert all(bound in profiling.ADVICE for bound, _ in bounds)
    assert profiling.bottleneck({"calls": 1, "flops": 10, "bytes": 2}, machine)[0] == "compute"
    assert profiling.bottleneck({"calls": 1, "flops": 1, "bytes": 2}, machine)[0] == "memory"
    found = profiling.opportunities(rows, machine)
    assert [one["name"] for one in found] == ["sum", "small", "product"]
    assert found[0] == {
        **{"name": "sum", "seconds": 30.0, "bound": "memory", "least": 20.0, "saved": 10.0},
        "speedup": 48 / 38,
    }
    assert [(one["saved"], one["speedup"]) for one in found[1:]] == [(0.0, 1.0), (0.0, 1.0)]


def test_measure_machine():
    machine = profiling.measure_machine(size=64, numbers=1000, tries=2)
    assert machine.flops > 1e6
    assert machine.bandwidth > 1e6
    assert 0 < machine.overhead < 0.1


def test_overhead():
    assert profiling.overhead([2.0, 9.0, 2.0], [3.0, 3.0, 8.0], 10) == {"seconds": 0.1, "factor": 1.5}
    assert profiling.overhead([1.0, 3.0], [1.0], 2) == {"seconds": -0.5, "factor": 0.5}


# --- the trace -----------------------------------------------------------------------------------

NUMBER = (int, float)
FIELDS = {  # of the Trace Event Format, what viewers need of complete events and of counters
    "X": {"name": str, "cat": str, "ph": str, "ts": NUMBER, "dur": NUMBER, "pid": int, "tid": int, "args": dict},
    "C": {"name": str, "ph": str, "ts": NUMBER, "pid": int, "args": dict},
}


def read_trace(text):
    """Events of a trace, by what the format says: all fields of their kind, of their types; slices of a thread lie in
    one another or apart, because viewers draw them as stacks; a counter's series are numbers."""
    trace = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert trace["displayTimeUnit"] in ("ms", "ns")
    for event in trace["traceEvents"]:
        fields = FIELDS[event["ph"]]
        assert set(event) == set(fields)
        for name, kind in fields.items():
            assert isinstance(event[name], kind), f"{name} is {event[name]!r}"
        assert event["ts"] >= 0
        assert event.get("dur", 0) >= 0
        if event["ph"] == "C":
            assert all(isinstance(value, NUMBER) for value in event["args"].values())
    slices, stacks = [event for event in trace["traceEvents"] if event["ph"] == "X"], {}
    for event in sorted(slices, key=lambda event: (event["ts"], -event["dur"])):
        stack, end = stacks.setdefault((event["pid"], event["tid"]), []), event["ts"] + event["dur"]
        while stack and stack[-1] <= event["ts"] + 1e-3:  # a nanosecond: what rounding to microseconds can do
            stack.pop()
        assert not stack or end <= stack[-1] + 1e-3, f"{event['name']} ends after what it lies in"
        stack.append(end)
    return trace["traceEvents"]


def test_trace_of_a_step(tmp_path):
    model, x, labels = network()
    with Profiler() as profile, profile.span("step"):
        step(model, x, labels, profile)
    profiling.save_trace(tmp_path / "step.json", profile)
    rows = read_trace((tmp_path / "step.json").read_text(encoding="utf-8"))
    slices, counters = ([row for row in rows if row["ph"] == kind] for kind in "XC")
    assert [row["name"] for row in slices] == [event.name for event in profile.events]
    assert {row["cat"] for row in slices} == {"forward", "backward", "span"}
    assert max(row["args"]["alive"] for row in counters) == profiling.peak(profile.memory.allocations)[1]


def test_trace_of_given_events():
    events = [
        Event("a", 0.25, 0.5, "span", "l", 99, 3, 5),
        Event("b", 0.5, 0.75, thread=7),
        Event("c", 1, 2, thread=99),
    ]
    trace = profiling.chrome_trace(events, [Allocation("a", "", 8, 0.5, 0.75)])
    first, second, third, born, died = read_trace(json.dumps(trace))
    args = {"layer": "l", "flops": 3, "bytes": 5}
    assert first == {
        **{"name": "a", "cat": "span", "ph": "X", "ts": 250000.0, "dur": 250000.0, "pid": 1, "tid": 1},
        "args": args,
    }
    assert (second["tid"], third["tid"], third["ts"], third["dur"]) == (2, 1, 1e6, 1e6)
    assert [(row["name"], row["ts"], row["args"]) for row in (born, died)] == [
        ("memory", 500000.0, {"alive": 8}),
        ("memory", 750000.0, {"alive": 0}),
    ]
    assert profiling.chrome_trace([]) == {"displayTimeUnit": "ms", "traceEvents": []}


def test_using_a_model_without_a_graph():
    model, x, _ = network()
    with Profiler() as profile, no_grad():
        model.eval()(x)
    assert {event.kind for event in profile.events} == {"forward"}
    assert {event.layer for event in profile.events} == {""}
