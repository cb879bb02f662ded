"""Benchmarking: samples and turns on a clock that moves when told, statistics against scipy's, files and reports."""

import base64
import gc
import json
import math
import re
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_info
from tinytorch.core import benchmarking
from tinytorch.core.benchmarking import Clock, Comparison, Result, Suite

GOLDEN = np.load(Path(__file__).parent / "goldens" / "benchmarking.npz")


def job(clock, *costs):
    """A function whose calls take `costs` in turn, and the list of its calls."""
    calls, left = [], cycle(costs)

    def run():
        calls.append(clock.now)
        clock.spend(next(left))

    return run, calls


# --- samples and turns ---------------------------------------------------------------------------


def test_time_calls_looks_twice():
    clock = Clock()
    run, calls = job(clock, 1.0, 3.0)
    assert benchmarking.time_calls(run, 4, clock) == 2.0
    assert (len(calls), clock.looks) == (4, 2)
    assert 0 <= benchmarking.time_calls(lambda: None) < 1


@pytest.mark.parametrize(
    ("at_least", "most", "number", "count"), [(4, 64, 4, 8), (5, 64, 8, 16), (99, 8, 8, 8), (1, 64, 1, 2)]
)
def test_calls_per_sample(at_least, most, number, count):
    clock = Clock()
    run, calls = job(clock, 1.0)
    assert benchmarking.calls_per_sample(run, at_least, clock, most) == number
    assert len(calls) == count


def test_a_slow_first_call_does_not_make_a_sample():
    clock = Clock()
    run, _ = job(clock, 50.0, *[1.0] * 100)
    assert benchmarking.calls_per_sample(run, 4, clock) == 4


def test_steady_start():
    assert benchmarking.steady_start([9.0] * 5 + [1.0] * 35) == 5
    assert benchmarking.steady_start([9.0] * 20 + [1.0] * 20) is None
    assert benchmarking.steady_start(np.full(24, 2.0)) == 0
    assert benchmarking.steady_start([9.0] * 4 + [1.0] * 20, batch=2) == 4
    assert benchmarking.steady_start([1.0] * 20 + [9.0] * 4) == 0, "samples at the end that fill no batch do not count"
    with pytest.raises(ValueError, match="19"):
        benchmarking.steady_start([1.0] * 19)


@settings(deadline=None)
@given(st.integers(1, 7), st.integers(8, 20))
def test_a_slow_start_of_whole_batches_is_cut_off(slow, total):
    slow = min(slow, total // 2 - 1)
    assert benchmarking.steady_start([9.0] * 3 * slow + [1.0] * 3 * (total - slow), batch=3) == 3 * slow


def test_warm_up():
    clock = Clock()
    run, calls = job(clock, *range(40, 10, -1), *[10.0] * 300)
    count = benchmarking.warm_up(run, 1, clock)
    assert count == len(calls)
    assert 30 < count < 80
    assert count % 5 == 0
    run, calls = job(clock, *[2.0 ** (9 - i) for i in range(99)])
    assert benchmarking.warm_up(run, 1, clock, most=30) is None
    assert len(calls) == 30
    run, calls = job(clock, 1.0)
    assert benchmarking.warm_up(run, 3, clock, batch=2) == 8
    assert len(calls) == 24


def test_take_turns():
    clock, order = Clock(), []
    functions = [lambda i=i: (order.append(i), clock.spend(2.0**i + len(order) / 64)) for i in range(3)]
    seconds = benchmarking.take_turns(functions, 4, [1, 2, 1], clock, np.random.default_rng(5))
    rng, want = np.random.default_rng(5), []
    for _ in range(4):
        for i in rng.permutation(3):
            want += [i] * (3 if i == 1 else 2)
    assert order == want
    assert seconds.shape == (4, 3)
    np.testing.assert_array_equal(np.floor(seconds), [[1, 2, 4]] * 4)
    assert benchmarking.take_turns(functions, 2, [1, 1, 1], clock).shape == (2, 3)


def small_suite(rounds=6, **options):
    clock = Clock()
    suite = Suite(rounds, 4.0, timer=clock, ruler=lambda: clock.spend(2.0), **options)
    suite.add("short", lambda: clock.spend(0.5))
    suite.add("long", lambda: clock.spend(32.0))
    return suite, clock


def test_suite():
    suite, clock = small_suite()
    results = suite.run()
    assert results["short"] == Result(8, 20, [0.5] * 6, [2.0] * 6)
    assert results["long"] == Result(1, 20, [32.0] * 6, [2.0] * 6)
    assert list(results) == ["short", "long"]
    assert clock.now == 1327.0
    with pytest.raises(ValueError, match="long"):
        suite.add("long", lambda: None)


def test_suite_orders_by_its_seed():
    def order(seed):
        clock, seen = Clock(), []
        suite = Suite(5, 1.0, seed, clock, ruler=lambda: (seen.append("ruler"), clock.spend(1.0)))
        for name in "ab":
            suite.add(name, lambda name=name: (seen.append(name), clock.spend(1.0)))
        suite.run()
        return seen[-30:]

    rng, want = np.random.default_rng(3), []
    for _ in range(5):
        for i in rng.permutation(3):
            want += [["a", "b", "ruler"][i]] * 2
    assert order(3) == want


def test_suite_measures_in_quiet():
    seen = []

    def look():
        seen.append((gc.isenabled(), max([pool["num_threads"] for pool in threadpool_info()] or [1])))

    suite = Suite(rounds=2, sample_seconds=1e-9, ruler=look)
    suite.add("look", look)
    assert gc.isenabled()
    result = suite.run()["look"]
    assert set(seen) == {(False, 1)}
    assert gc.isenabled()
    assert [type(value) for value in result.seconds + result.yardstick] == [float] * 4


def test_quiet_leaves_things_as_they_were():
    gc.disable()
    try:
        with benchmarking.quiet():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
    with pytest.raises(KeyError), benchmarking.quiet():
        raise KeyError
    assert gc.isenabled()


def test_environment_is_plain_and_complete():
    around = benchmarking.environment()
    assert json.loads(json.dumps(around)) == around
    assert around["numpy"] == np.__version__
    assert around["cores"] >= 1
    assert around["processor"]


# --- statistics ----------------------------------------------------------------------------------


@pytest.mark.parametrize("i", range(5))
def test_as_in_scipy(i):
    a, b = GOLDEN[f"{i}.a"], GOLDEN[f"{i}.b"]
    assert benchmarking.cliffs_delta(a, b.tolist()) == pytest.approx(float(GOLDEN[f"{i}.delta"]), abs=1e-12)
    said = benchmarking.summarize(b)
    assert said["noise"] == pytest.approx(float(GOLDEN[f"{i}.noise"]), rel=1e-5, abs=1e-12)
    assert [said["p10"], said["p95"]] == pytest.approx(GOLDEN[f"{i}.quantiles"].tolist())
    assert [said["min"], said["median"], said["mean"]] == pytest.approx([b.min(), np.median(b), b.mean()])
    assert (said["n"], type(said["n"])) == (len(b), int)


@pytest.mark.parametrize("bad", [[], [1.0, 0.0], [-1.0], [math.nan, 1.0], [math.inf]])
def test_what_is_no_timing(bad):
    with pytest.raises(ValueError):
        benchmarking.summarize(bad)


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=20), st.lists(st.integers(0, 9), min_size=1, max_size=20))
def test_cliffs_delta_is_what_it_says(a, b):
    want = sum((x > y) - (x < y) for x in a for y in b) / (len(a) * len(b))
    assert benchmarking.cliffs_delta(a, b) == pytest.approx(want)
    assert benchmarking.cliffs_delta(b, a) == pytest.approx(-want)


@settings(deadline=None)
@given(st.integers(1, 40), st.data())
def test_block_indices(n, data):
    block, seed = data.draw(st.integers(1, n)), data.draw(st.integers(0, 99))
    indices = benchmarking.block_indices(n, block, 7, np.random.default_rng(seed))
    starts = np.random.default_rng(seed).integers(0, n - block + 1, size=(7, -(-n // block)))
    want = [[start + i for start in row for i in range(block)][:n] for row in starts.tolist()]
    assert indices.tolist() == want


def test_quantile_draws_and_their_middle():
    values = np.arange(64.0)
    indices = benchmarking.block_indices(64, 4, 50, np.random.default_rng(1))
    for q in (0.1, 0.5):
        got = benchmarking.quantile_draws(values.tolist(), q, 50, np.random.default_rng(1))
        np.testing.assert_allclose(got, np.quantile(values[indices], q, axis=1))
    assert benchmarking.middle(np.arange(101), 0.8) == pytest.approx((10, 90))
    assert benchmarking.middle(np.arange(201)) == pytest.approx((5, 195))


def test_intervals_hold_the_truth():
    """95 % intervals of 200 medians: by chance alone, fewer than 86 % come once in a million."""
    rng, held = np.random.default_rng(0), 0
    for _ in range(200):
        low, high = benchmarking.middle(benchmarking.quantile_draws(rng.standard_normal(100), 0.5, 400, rng))
        held += low <= 0 <= high
    assert held >= 172


@pytest.mark.parametrize(
    ("low", "high", "tolerance", "want"),
    [
        (1.04, 1.2, 0.03, "slower"),
        (1.02, 1.2, 0.03, "no difference seen"),
        (0.5, 0.9, 0.03, "faster"),
        (0.5, 0.98, 0.03, "no difference seen"),
        (0.98, 1.02, 0.03, "same"),
        (0.8, 1.25, 0.25, "same"),
        (0.5, 2.0, 0.25, "no difference seen"),
        (1.0, 1.0, 0.0, "same"),
    ],
)
def test_verdict(low, high, tolerance, want):
    assert benchmarking.verdict(low, high, tolerance) == want


def noisy(seed, n=80, factor=1.0):
    rng = np.random.default_rng(seed)
    mood = rng.lognormal(0, 0.3, n)
    return (factor * mood * rng.lognormal(0, 0.02, n)).tolist(), (mood * rng.lognormal(0, 0.02, n)).tolist()


def test_compare_by_rounds():
    new, old = noisy(0, factor=1.1)
    logs = np.log(new) - np.log(old)
    draws = benchmarking.quantile_draws(logs, 0.5, 300, np.random.default_rng(7))
    found = benchmarking.compare(old, new, resamples=300, level=0.9, seed=7)
    want = [math.exp(np.median(logs)), *np.exp(benchmarking.middle(draws, 0.9)), benchmarking.cliffs_delta(new, old)]
    assert found[:4] == pytest.approx(want)
    assert found.verdict == "slower"
    assert benchmarking.compare(old, new, tolerance=0.5).verdict == "same"
    assert benchmarking.compare(new, old).verdict == "faster"
    for two in [(old, new[1:]), (old, new[:1])]:
        with pytest.raises(ValueError):
            benchmarking.compare(*two)


def test_compare_runs_in_yardsticks():
    old, new = Result(1, 20, *noisy(1)), Result(2, None, *noisy(2, n=50, factor=1.5))
    rng, parts = np.random.default_rng(3), []
    for run in (old, new):
        logs = np.log(run.seconds), np.log(run.yardstick)
        draws = [benchmarking.quantile_draws(row, 0.1, 90, rng) for row in logs]
        parts.append((np.quantile(logs[0], 0.1) - np.quantile(logs[1], 0.1), draws[0] - draws[1]))
    rng = np.random.default_rng(3)
    for run, (value, draws) in zip((old, new), parts, strict=True):
        got = benchmarking.yardsticks(run, 90, rng)
        assert got[0] == pytest.approx(value)
        np.testing.assert_allclose(got[1], draws)
    low, high = np.exp(benchmarking.middle(parts[1][1] - parts[0][1], 0.8))
    lengths = [np.divide(run.seconds, run.yardstick) for run in (new, old)]
    want = [math.exp(parts[1][0] - parts[0][0]), low, high, benchmarking.cliffs_delta(*lengths)]
    found = benchmarking.compare_runs(old, new, level=0.8, resamples=90, seed=3)
    assert found[:4] == pytest.approx(want)
    assert found.verdict == "slower"
    assert benchmarking.compare_runs(old, new, tolerance=4.0).verdict == "same"
    assert [type(value) for value in found] == [float] * 4 + [str]


def test_a_slower_machine_is_no_regression():
    seconds, yardstick = noisy(4)
    slower = Result(1, 20, [3 * s for s in seconds], [3 * y for y in yardstick])
    assert benchmarking.compare_runs(Result(1, 20, seconds, yardstick), slower).ratio == pytest.approx(1)


def test_check_regressions():
    old, same, slow = (Result(1, 20, *noisy(seed, factor=factor)) for seed, factor in ((1, 1), (2, 1), (3, 1.5)))
    found = benchmarking.check_regressions({"a": old, "gone": old, "b": old}, {"b": same, "more": old, "a": slow})
    assert list(found) == ["a", "gone", "b", "more"]
    assert [c.verdict for c in found.values()][:2] == ["slower", "missing"]
    assert found["more"].verdict == "new"
    assert all(math.isnan(value) for name in ("gone", "more") for value in found[name][:4])
    assert found["a"] == benchmarking.compare_runs(old, slow, level=1 - 0.05 / 2)
    other = benchmarking.check_regressions({"a": old}, {"a": slow}, tolerance=0.9, alarm=0.2, seed=5)
    assert other["a"] == benchmarking.compare_runs(old, slow, 0.9, 0.8, seed=5)


def test_exit_code():
    words = {"slower": 1, "missing": 1, "faster": 0, "same": 0, "no difference seen": 0, "new": 0}
    for word, code in words.items():
        assert benchmarking.exit_code({"x": Comparison(1, 1, 1, 0, word), "y": Comparison(1, 1, 1, 0, "same")}) == code
    assert benchmarking.exit_code({}) == 0


def test_a_planted_slowdown_on_a_pretended_machine():
    """Ten percent, between runs on a machine whose speed changes by half: found in nearly all, and no alarm else."""
    rng = np.random.default_rng(0)

    def run(factor):
        speed, n = rng.uniform(1, 1.5), 100
        busy = 1 + (rng.random(n) < rng.uniform(0, 0.6)) * rng.uniform(0, 1, n)
        noise = rng.lognormal(0, 0.01, (2, n))
        return Result(1, 20, (factor * speed * busy * noise[0]).tolist(), (speed * busy * noise[1]).tolist())

    alarms = {factor: 0 for factor in (1.0, 1.1)}
    for factor in alarms:
        for _ in range(12):
            found = benchmarking.check_regressions({"x": run(1.0)}, {"x": run(factor)})
            alarms[factor] += benchmarking.exit_code(found)
    assert alarms[1.1] >= 11
    assert alarms[1.0] <= 1


# --- files and reports ---------------------------------------------------------------------------

RESULTS = {"mat|mul": Result(4, None, [1e-3, 2e-3], [0.1, 0.2]), "größer <b>": Result(1, 20, [0.5] * 3, [0.25] * 3)}


def test_baseline_there_and_back(tmp_path):
    path = tmp_path / "some.name"
    for target in (path, str(path)):
        benchmarking.save_baseline(target, RESULTS, {"cores": 2})
        assert benchmarking.load_baseline(target) == (RESULTS, {"cores": 2})
    assert [found.name for found in tmp_path.iterdir()] == ["some.name"]
    written = json.loads(path.read_text(encoding="utf-8"))
    assert written["format"] == benchmarking.FORMAT
    assert written["benchmarks"]["mat|mul"] == {**RESULTS["mat|mul"]._asdict()}
    for bad in (math.nan, {1}):
        with pytest.raises((ValueError, TypeError)):
            benchmarking.save_baseline(path, {"x": Result(1, 20, [bad], [1.0])}, {})
        assert benchmarking.load_baseline(path)[1] == {"cores": 2}, "what was there before is lost"


def change(**fields):
    def apply(content):
        content["benchmarks"]["mat|mul"].update(fields)

    return apply


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda content: content.update(format="other"), "format"),
        (lambda content: content.pop("environment"), "environment"),
        (lambda content: content.update(benchmarks=[]), "benchmarks"),
        (lambda content: content["benchmarks"].update(x=1), "x does not have just number"),
        (change(more=1), "mat|mul does not"),
        (change(seconds=[1.0]), "mat|mul has 1 timings and 2"),
        (change(seconds=[1.0, 0.0]), "mat|mul has timings"),
        (change(yardstick=[True, 1.0]), "mat|mul has timings"),
        (change(yardstick="text"), "mat|mul has timings"),
    ],
)
def test_damaged_baselines(tmp_path, spoil, reason):
    path = tmp_path / "base.json"
    benchmarking.save_baseline(path, RESULTS, {})
    content = json.loads(path.read_text(encoding="utf-8"))
    spoil(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ValueError, match=r"base\.json") as caught:
        benchmarking.load_baseline(path)
    assert reason in str(caught.value)


def test_what_is_no_baseline(tmp_path):
    path = tmp_path / "base.json"
    with pytest.raises(FileNotFoundError):
        benchmarking.load_baseline(path)
    for content in (b"", b"{", b"\xff", b"[]", b"null"):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"base\.json"):
            benchmarking.load_baseline(path)


def test_all_faults_are_named():
    fields = {"number": 1, "warmup": 20, "seconds": [], "yardstick": []}
    content = {"format": benchmarking.FORMAT, "environment": {}, "benchmarks": {"a": fields, "b": fields}}
    assert [fault.split()[0] for fault in benchmarking.faults(content)] == ["a", "b"]


def test_markdown_table():
    table = benchmarking.markdown_table(["a", "b|c"], [[1, "x|y"], ["two\nlines", None]])
    assert table == "| a | b\\|c |\n| --- | --- |\n| 1 | x\\|y |\n| two lines | None |\n"
    assert benchmarking.markdown_table(["a"], []) == "| a |\n| --- |\n"


def test_html_report():
    page = benchmarking.html_report("A <b> & {title}", ["n|m"], [["</td>"], [3]], {"<x>": b"PNG", "y": b"\x00\xff"})
    assert "<title>A &lt;b&gt; &amp; {title}</title>" in page
    assert "<h1>A &lt;b&gt; &amp; {title}</h1>" in page
    assert re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL) == ["<th>n|m</th>", "<td>&lt;/td&gt;</td>", "<td>3</td>"]
    found = re.findall(
        r'<figure>.*?src="data:image/png;base64,([^"]*)".*?<figcaption>(.*?)</figcaption></figure>', page
    )
    assert [(base64.b64decode(data), caption) for data, caption in found] == [(b"PNG", "&lt;x&gt;"), (b"\x00\xff", "y")]


def test_words():
    assert [benchmarking.time_text(s) for s in (2.0, 1.234e-3, 5e-6, 7e-9)] == ["2 s", "1.23 ms", "5 µs", "7 ns"]
    header, rows = benchmarking.report_rows(RESULTS, {"mat|mul": Comparison(1.1, 1.05, 1.2, 0.5, "slower")})
    assert rows[0] == ["mat|mul", "1.5 ms", "49.4%", "1.100", "1.050 to 1.200", "+0.50", "slower"]
    assert [len(row) for row in rows] == [len(header)] * 2


def test_the_program(tmp_path, capsys, monkeypatch):
    suite, _ = small_suite()
    base, page = str(tmp_path / "base.json"), tmp_path / "report.html"
    assert benchmarking.main(suite, ["--save", base]) == 0
    assert benchmarking.main(suite, ["--check", base, "--report", str(tmp_path / "report.md")]) == 0
    assert "| short | 500 ms |" in (tmp_path / "report.md").read_text(encoding="utf-8")
    slower, clock = small_suite()
    slower.functions["long"] = lambda: clock.spend(36.0)
    capsys.readouterr()
    assert benchmarking.main(slower, ["--check", base]) == 1
    assert "slower" in capsys.readouterr().out
    assert benchmarking.main(slower, ["--check", base, "--tolerance", "0.2"]) == 0
    pytest.importorskip("matplotlib")
    assert benchmarking.main(slower, ["--check", base, "--report", str(page)]) == 1
    assert page.read_text(encoding="utf-8").count("data:image/png;base64,iVBOR") == 2
    with monkeypatch.context() as patch:
        patch.setattr(benchmarking, "environment", lambda: {"cores": "many"})
        benchmarking.main(suite, ["--check", base])
    assert "note: cores was" in capsys.readouterr().out


def test_the_program_without_a_baseline(tmp_path, capsys):
    suite, clock = small_suite()
    assert benchmarking.main(suite, ["--check", str(tmp_path / "none.json")]) == 2
    (tmp_path / "bad.json").write_text("{")
    assert benchmarking.main(suite, ["--check", str(tmp_path / "bad.json")]) == 2
    assert "bad.json" in capsys.readouterr().out
    assert clock.now == 0, "it measured before it looked at the file"
