"""What a module's checks are worth: full points for the source, nothing for what knows no answer."""

import ast
import builtins
import functools

import pytest
from psutil import Process
from versions import SEEDS, judged, judged_version, losers, must_lose, reasons, released, source_of

from autograder.demo.simulate import stripped
from autograder.engine import process
from autograder.judging.expected import expected
from autograder.judging.judge import GAPS, STRONG, Line, by_name, gaps_held, judge_cell
from autograder.judging.source import JUDGE, without
from tito import checks
from tito.notebooks import is_check


@functools.cache
def graded(module, seed):
    """The verdicts on the source as a submission, and the CPU seconds of its run: a clock would count what else the
    machine does."""
    source = source_of(module)
    expected(source, seed)
    parent = Process(process._zygote().process.pid)
    before = parent.cpu_times()
    found = judged(source.notebook, source, seed)
    after = parent.cpu_times()
    return found, after.children_user + after.children_system - before.children_user - before.children_system


@pytest.mark.parametrize("seed", [*SEEDS[:2], pytest.param(SEEDS[2], marks=pytest.mark.thorough)])
def test_source_as_a_submission_gets_full_points(source, seed):
    found, _ = graded(source.module, seed)
    assert not losers(found), reasons(found)


@pytest.mark.needs("files")
def test_grading_the_source_takes_at_most_four_seconds(source):
    seconds = min(graded(source.module, seed)[1] for seed in SEEDS[:2])
    assert 0 < seconds <= 4, f"{seconds:.1f} s: tag as `explore` what grading does not need"


@pytest.mark.parametrize("strip", [False, True], ids=["as_it_is", "without_its_exceptions"])
def test_release_gets_nothing(source, strip):
    """Without the exceptions that stand in its stubs, each gap does nothing, and what stays as it was is right."""
    notebook = released(source)
    found = judged(stripped(notebook) if strip else notebook, source)
    assert {name: verdict.earned for name, verdict in found.items() if verdict.earned} == {}


def test_answers_recorded_under_another_seed_get_nothing(source):
    right, other = expected(source, SEEDS[0]).emissions, expected(source, SEEDS[1]).emissions
    earned = {name: judge_cell(source, name, right[name], other[name]).earned for name in source.check_cells}
    assert {name: points for name, points in earned.items() if points} == {}


def test_echoing_the_literals_of_the_text_gets_nothing(source):
    """Every literal of a cell, visible or hidden, reported as every check's answer: no strong check believes one."""
    wanted = expected(source, SEEDS[0]).emissions
    for name, cell in source.check_cells.items():
        for literal in _literals(cell.source):
            echoed = [
                message if message["kind"] not in STRONG else {**message, "value": literal} for message in wanted[name]
            ]
            verdict = judge_cell(source, name, wanted[name], echoed)
            believed = [line.name for line in verdict.lines if line.kind in STRONG and line.passed]
            assert not verdict.earned, f"{name}: {literal} is worth points"
            assert not believed, f"{name}: {literal} passes {believed}"


def _literals(text: str) -> list:
    """Plain values of all constants, and lists and tuples of constants, in a cell."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant | ast.List | ast.Tuple | ast.Dict | ast.UnaryOp):
            try:
                found.append(checks.plain(ast.literal_eval(node)))
            except (ValueError, TypeError):
                continue
    return [value for index, value in enumerate(found) if value not in found[:index]]


def test_every_graded_cell_rests_on_a_strong_check(source):
    """A reference whose expected value differs between seeds by more than its tolerance."""
    first, second = (expected(source, seed).emissions for seed in SEEDS[:2])
    for name in source.check_cells:
        one, two = by_name(first[name]), by_name(second[name])
        assert set(one) == set(two), f"{name}: the checks themselves depend on the seed"
        differing = [
            check
            for check, (message,) in one.items()
            if message["kind"] == "reference"
            and checks.difference(message["value"], two[check][0]["value"], message["rtol"], message["atol"])
        ]
        assert differing, f"{name}: no reference depends on the seed, so its answers could be copied"
        if source.partial(name):
            weak = [check for check, (message,) in one.items() if message["kind"] == "reference"]
            assert set(differing) == set(weak), f"{name} gives partial credit: each reference must depend on the seed"


WORTH = {  # (check, number of a gap) → what it costs to leave it blank, in shares, and how many there are
    "tensor": {("check_operations", 2): (1, 7), ("check_Tensor", 7): (1, 3), ("check_Tensor_operators", 7): (1, 7)},
    "autograd": {("check_checkpoint", 0): (1, 2), ("check_mul_backward", 0): (1, 2)},
    "training": {("check_Trainer", 0): (2, 2), ("check_Trainer", 1): (1, 2)},  # fit calls train_epoch
    "compression": {("check_Pruner", 0): (1, 2), ("check_Pruner", 1): (2, 2)},
    "mlops": {("check_Batcher", 0): (1, 2), ("check_Batcher", 1): (2, 2)},
}


def test_what_a_blank_gap_costs(source):
    for (name, gap), worth in WORTH.get(source.module, {}).items():
        wanted = {check: found[-1] for check, found in by_name(expected(source, SEEDS[0]).emissions[name]).items()}
        lines = [Line(n, m["kind"], "failed" if gap in m.get(GAPS, []) else None) for n, m in wanted.items()]
        held, shares = gaps_held(lines, wanted)
        assert (shares - held, shares) == worth, name


def test_checks_report_cleanly(source):
    """Once each, without an exception where a value was meant, and with an atol where all is zero."""
    for name, messages in expected(source, SEEDS[0]).emissions.items():
        for check, found in by_name(messages).items():
            assert len(found) == 1, f"{name}: {check!r} is reported {len(found)} times"
            value = found[0]["value"]
            assert not (isinstance(value, dict) and "raised" in value), f"{name}: {check!r} raised {value['raised']}"
            if found[0]["kind"] in ("close", "reference") and isinstance(value, dict) and "array" in value:
                array = checks.unplain(value)
                floats = array.dtype.kind == "f" and array.size
                assert not (floats and not array.any() and found[0]["atol"] is None), f"{name}: {check!r} needs an atol"


def test_no_points_rest_on_assert(source):
    """A submission can strip assert statements: checks.* can't be stripped."""
    for name, cell in source.check_cells.items():
        asserts = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Assert)]
        assert not asserts, f"{name}: use checks.* instead of assert"


def test_checks_use_no_names_of_others(source):
    """Checks are not run again when a notebook is replayed after a cell that took too long."""
    cells = [cell for cell in source.notebook.cells if cell.cell_type == "code"]
    others = [cell.source for cell in cells if not is_check(cell) and cell.get("id") not in source.exploration]
    common = set(dir(builtins)).union(*(_names(text, ast.Store) for text in others))
    for name, cell in source.check_cells.items():
        text = without(cell.source, JUDGE)
        unknown = _names(text, ast.Load) - _names(text, ast.Store) - common
        assert not unknown, f"{name}: {sorted(unknown)} is defined elsewhere"


def _names(text: str, context: type) -> set[str]:
    """Names that a cell looks up (ast.Load), or that it gives to anything, parameters too (ast.Store)."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, context):
            found.add(node.id)
        elif context is ast.Store:
            found |= {getattr(node, field, None) for field in ("name", "asname", "arg")}
    return found


def test_claims_have_a_judge_and_a_true_one(source):
    for name in source.check_cells:
        kinds = {
            check: found[0]["kind"] for check, found in by_name(expected(source, SEEDS[0]).emissions[name]).items()
        }
        claims = {check for check, kind in kinds.items() if kind == "claim"}
        judged_names = {
            node.args[0].value
            for node in ast.walk(ast.parse(source.judge_text(name)))
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "judge"
        }
        assert judged_names == claims, f"{name}: claims {claims}, judged {judged_names}"


def test_a_version_loses_what_it_should_and_nothing_else(version, pytestconfig):
    """With --thorough all, to their ends; else a sample of the broken ones, and most of the wrong ones as far as the
    first check that they must lose."""
    whole = pytestconfig.getoption("thorough")
    found = judged_version(version, whole)
    assert losers(found) == set(must_lose(version, whole)), f"{version.why}\n{reasons(found)}"
