"""Checks for notebooks: they answer at once to a student, and report to the judge while grading.

    from tito import checks

    checks.close("two plus two", add(2, 2), 4)

In a notebook `close`, `equal` and `raises` compare at once and fail with what was expected, what
came, and where. `reference` and `claim` only say that they are judged later, against the
instructor's own answer. While grading, this file compares nothing: every check sends (name, value)
out of the process as a display message, and a judge outside decides. So one wrong answer never
hides the next, and nothing that runs in this process can change a verdict.

This file needs numpy and nothing else, so that it can be copied next to any submission.
"""

import ast
import base64
import builtins
import importlib
import inspect
import linecache
import math
import random
import re
import sys
import zlib
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np

MIME = "application/vnd.tinytorch.check+json"
RTOL, ATOL = 1e-3, 1e-4  # ATOL counts in median nonzero magnitudes of what is expected; less if rtol is tighter
DTYPES = frozenset("?bBhHiIlLqQefdFD")
MAX_BYTES = 4_000_000  # of one value, with all that it holds
MAX_DEPTH = 100  # lists and dicts inside each other
DIGITS, ALL_DIGITS = 5, 17  # of a number in an array, in a message

_grading: int | None = None  # the seed of the grading run


class CheckFailed(AssertionError):
    """A check failed. Notebooks show the message without a traceback."""

    def _render_traceback_(self):
        return [f"Check failed: {self}"]


class NotWritten(CheckFailed):
    """A stub was called that is as it was released. Notebooks say so, in any cell, in place of the traceback."""

    def _render_traceback_(self):
        return [str(self)]


class Unreportable(TypeError):
    """No check can take a value. The message says why."""


class _Random:
    """`checks.rng`: a numpy Generator that starts afresh in every cell."""

    def __init__(self):
        self.begin("")

    def begin(self, cell):
        """Start the random numbers of a cell, which depend on the seed and on the cell alone."""
        self._generator = np.random.default_rng([_grading or 0, zlib.crc32(cell.encode())])

    def __getattr__(self, name):
        return getattr(self._generator, name)


rng = _Random()


# --- what instructors and students call --------------------------------------------------------


def close(name, got, want, rtol=RTOL, atol=None):
    """Check numbers, which may differ by rounding.

    name: says what is checked, in words, unique within a cell
    got: array, Tensor, number, or nested list of them; or a callable that returns one
    want: what is expected, of the same shape
    rtol, atol: allowed |got - want| is rtol * |want| + atol; without atol, that is 1e-4 times the median nonzero
        |want|, less where rtol is tighter
    Raises CheckFailed, except while grading.
    """
    __tracebackhide__ = True  # for pytest
    want = np.asarray(np.asarray(want) + 0.0) if _numeric(want) else want  # here 2 means 2.0
    _check("close", name, got, want, rtol=rtol, atol=atol)


def equal(name, got, want):
    """Check values that must be the same: numbers, strings, booleans, tuples, lists, dicts, arrays.

    Raises CheckFailed, except while grading.
    """
    __tracebackhide__ = True
    _check("equal", name, got, want, rtol=0, atol=0)


def raises(name, exception, call, match=""):
    """Check that `call()` raises `exception` or a subclass, with `match` somewhere in the message.

    Raises CheckFailed, except while grading.
    """
    __tracebackhide__ = True
    value = _raised(call, match)
    if _grading is not None:
        return _emit("raises", name, {"exception": exception.__name__, "outcome": value})
    ancestry, found, shown = value["ancestry"], value["match"], value["shown"]
    if exception.__name__ not in ancestry:
        came = f"{shown} was raised" if ancestry else f"nothing was raised, the result was {shown}"
        raise CheckFailed(f"{name}\n  expected  {exception.__name__} to be raised\n  got       {came}")
    if not found:
        raise CheckFailed(f"{name}\n  expected  {match!r} in the message\n  got       {shown}")
    _say("ok", name)


def reference(name, got, rtol=RTOL, atol=None, dtype=False):
    """Report a value, to be compared with the instructor's answer for the same inputs when the notebook is graded.

    name, got, rtol, atol: as in `close`
    dtype: whether the dtypes must be the same, too
    """
    __tracebackhide__ = True
    _later("reference", name, got, rtol=rtol, atol=atol, dtype=dtype)


def claim(name, got):
    """Report raw material (samples, predictions), from which the judge decides when the notebook is graded."""
    __tracebackhide__ = True
    _later("claim", name, got)


def outcome(call, *args, **kwargs):
    """What `call(*args, **kwargs)` returns, or the name of the built-in exception it raises.

    A list of outcomes over many random inputs makes a strong check out of error handling:

        checks.reference("which shapes fit", lambda: [checks.outcome(f, *p) for p in pairs])
    """
    try:
        return call(*args, **kwargs)
    except Exception as error:
        return _builtin_ancestry(error)[0]


# --- what the grader calls ----------------------------------------------------------------------


def start_grading(seed):
    """Only report from now on, with random inputs drawn from `seed`."""
    global _grading
    _grading = seed
    shell = _shell()
    if shell is not None:
        shell.events.register("pre_run_cell", lambda info: _seed_globals())


def begin(cell):
    """Start the graded cell `cell`. Its random inputs depend on nothing that came before."""
    rng.begin(cell)
    _seed_globals()


def visible(text):
    """Run the visible part of a check cell, as `one_by_one` does, among the names of the notebook."""
    one_by_one(text, _shell().user_ns)


def hidden(text, given=None):
    """Run the hidden part of a check cell. It sees the names of the notebook, and adds none of its own to them.

    given: as in `instructors`
    """
    one_by_one(text, {**_shell().user_ns, **instructors(given or {})})


def one_by_one(text, names):
    """Run the statements of a text among `names`. While grading, one that fails does not hide those after it.

    Raises the first exception, while grading at the end.
    """
    first = None
    for statement in ast.parse(text).body:
        try:
            exec(compile(ast.Module([statement], []), "check", "exec", dont_inherit=True), names)
        except BaseException as error:
            if _grading is None or isinstance(error, KeyboardInterrupt):
                raise
            first = first or error
    if first is not None:
        raise first


def instructors(given):
    """Names as the instructor means them, whatever the student uses them for: `list = [1, 2]` costs nothing.

    given: name → the module that it stands for; "" for one of Python's own functions
    """
    return {name: importlib.import_module(path) if path else getattr(builtins, name) for name, path in given.items()}


def _seed_globals():
    if _grading is None:
        return
    random.seed(_grading)
    np.random.seed(_grading % 2**32)


# --- inside -------------------------------------------------------------------------------------


def _check(kind, name, got, want, **options):
    __tracebackhide__ = True
    if _grading is not None:
        return _emit(kind, name, got, want=_attempted(lambda: want), **options)
    got = _value(name, got, f"; expected {_shown(want)}")
    try:
        reason = difference(plain(want), plain(got), options["rtol"], options["atol"])
    except Unreportable as error:
        raise _failed(name, want, got, _why_not(got, error)) from None
    if reason:
        looked_at, tidy = _looked_at(), _tidy(got)
        alike = np.asarray(tidy) if isinstance(want, np.ndarray) and want.ndim and _numeric(tidy) else got
        raise _failed(name, want, alike, *_words(want, tidy, reason, looked_at, options)) from None
    _say("ok", name)


# --- the words for students: they quote values, which a verdict on a hidden check never does ---


UNCALLED = "That is a function, not what it returns: are parentheses missing?"


def _why_not(got, error):
    """Why no check can take a value."""
    return UNCALLED if inspect.isroutine(got) else str(error)


def _failed(name, want, got, *words):
    want, got = shown_apart(_shown, want, got)
    return CheckFailed("\n  ".join([name, f"expected  {want}", f"got       {got}", *words]))


def _shown(value, digits=DIGITS):
    if inspect.isroutine(value):
        return f"the function `{value.__qualname__}`"
    try:
        plain(value)
        return show(_tidy(value), digits=digits)
    except Exception:  # no check takes such a value, or a class of a student's fails even here
        return show(value) if isinstance(value, np.ndarray) else f"a value of type {type(value).__name__}"


def _words(want, got, reason, looked_at, options):
    """What to say of a wrong value beside the two values: where they differ, or what the check looked at."""
    if got is None:
        text = f"`{_shorten(ast.unparse(looked_at))}` is None" if looked_at is not None else "None came"
        return [f"{text}: is a `return` missing?"]
    if isinstance(want, str) and isinstance(got, str):
        return [_first_difference(want, got)]
    if isinstance(want, np.ndarray) and want.ndim and not _numeric(got):
        want = list(want)
    other_axes = _is_shape(want) and _is_shape(got) and len(want) != len(got)
    if isinstance(want, (list, tuple)) and isinstance(got, (list, tuple)) and not other_axes:
        return _words_of_sequence(want, got, reason, looked_at, options)
    if reason == "the value differs" or other_axes:
        if looked_at is None or isinstance(looked_at, ast.Constant):
            return [] if other_axes else [reason]
        return [f"looked at  `{_shorten(ast.unparse(looked_at))}`"]
    numbers = "values differ, first at" in reason and _numeric(want) and _numeric(got)
    return [reason + (_first_values(want, got, options) if numbers else "")]


def _words_of_sequence(want, got, reason, looked_at, options):
    """What differs in a list or tuple, part by part, where its parts have names or are of different kinds."""
    if len(want) != len(got):
        return [_other_length(want, got)]
    parts = looked_at.elts if isinstance(looked_at, (ast.List, ast.Tuple)) and len(looked_at.elts) == len(got) else []
    if not parts and _numeric(want) and _numeric(got):
        return [reason + _first_values(want, got, options)]
    pairs = enumerate(zip(want, got, strict=True))
    wrong = [(at, w, g) for at, (w, g) in pairs if difference(plain(w), plain(g), options["rtol"], options["atol"])]
    parts = [_part_that_differs(_name_of(parts, at, w), _tidy(w), _tidy(g), options) for at, w, g in wrong]
    lines = [f"{part} is {show(g, 60)} instead of {show(w, 60)}" for part, w, g in parts]
    may_be_none = any(w is None for w in want)
    unreturned = not may_be_none and any(g is None for _, _, g in wrong)
    missing = ["Where None came: is a `return` missing?"] * unreturned
    more = [f"and {len(lines) - 3} more of {len(want)} differ"] if len(lines) > 3 else []
    return [*lines[:3], *more, *missing]


def _part_that_differs(name, want, got, options):
    """Follow a difference into dicts: the name of the innermost part that differs, and its two values."""
    while isinstance(want, dict) and isinstance(got, dict) and set(want) == set(got):
        pairs = [(key, plain(want[key]), plain(got[key])) for key in want]
        wrong = [key for key, w, g in pairs if difference(w, g, options["rtol"], options["atol"])]
        if not wrong:
            break
        name, want, got = f"{name.rstrip(',')}, {wrong[0]!r},", want[wrong[0]], got[wrong[0]]
    return name, want, got


def _is_shape(value):
    return isinstance(value, tuple) and all(type(size) is int for size in value)


def _name_of(parts, at, want):
    """How a check's author wrote a part of a sequence; or what kind of value the part is."""
    if parts and not isinstance(parts[at], ast.Constant):
        return f"`{_shorten(ast.unparse(parts[at]))}`"
    if _is_shape(want) and want:
        return f"the shape, at index {at},"
    if isinstance(want, (type, np.dtype)) or (isinstance(want, str) and want in _DTYPE_NAMES):
        return f"the dtype, at index {at},"
    return f"the value at index {at}"


_DTYPE_NAMES = frozenset(str(np.dtype(char)) for char in DTYPES)


def _first_values(want, got, options):
    """The first two numbers that differ, for behind the place that `difference` named."""
    want, got = (np.asarray(unplain(plain(value))) for value in (want, got))
    if want.shape != got.shape or not want.shape:
        return ""
    at = tuple(np.argwhere(_off(want, got, options["rtol"], options["atol"]))[0])
    return ": expected {}, got {}".format(*shown_apart(show, np.asarray(want[at]), np.asarray(got[at])))


def _first_difference(want, got):
    """Where two strings begin to differ."""
    at = next((at for at, (w, g) in enumerate(zip(want, got, strict=False)) if w != g), min(len(want), len(got)))
    want, got = (repr(text[at]) if at < len(text) else "the end" for text in (want, got))
    return f"differs at character {at + 1}: expected {want}, got {got}"


def _shorten(text, limit=80):
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _looked_at():
    """The expression whose value a check was given, as its author wrote it; None where its text can't be had."""
    frame = sys._getframe()
    while frame is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    if frame is None:
        return None
    with suppress(SyntaxError, ValueError, IndexError):
        place = list(frame.f_code.co_positions())[frame.f_lasti // 2]
        tree = ast.parse("".join(linecache.getlines(frame.f_code.co_filename, frame.f_globals)))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and place == _place(node) and len(node.args) > 1:
                given = node.args[1].body if isinstance(node.args[1], ast.Lambda) else node.args[1]
                return None if isinstance(given, ast.Starred) else given
    return None


def _place(node):
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset


def _needs_arguments(got):
    """Whether `got` can't be called without arguments, so that nobody meant it as a callable."""
    with suppress(ValueError, TypeError):  # some built-in functions don't say what they take
        parameters = inspect.signature(got).parameters.values()
        return any(p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters)
    return False


def _hide_our_frames(error):
    """Have IPython leave this file's frames out of the traceback of an exception that passed through a check."""
    shell = _shell()
    if shell is None:
        return

    def render():
        return shell.InteractiveTB.structured_traceback(type(error), error, _without_ours(error.__traceback__))

    with suppress(AttributeError):  # a class of a student's may forbid new attributes
        error._render_traceback_ = render


def _without_ours(traceback):
    """A traceback without this file's frames, and without a check's lambda, whose line the frame before it shows."""
    frames = []
    while traceback is not None:
        code, more = traceback.tb_frame.f_code, traceback.tb_next is not None
        repeats = code.co_name == "<lambda>" and more and frames and _line_of(traceback) == _line_of(frames[-1])
        if code.co_filename != __file__ and not repeats:
            frames.append(traceback)
        traceback = traceback.tb_next
    for frame in reversed(frames):
        traceback = TracebackType(traceback, frame.tb_frame, frame.tb_lasti, frame.tb_lineno)
    return traceback


def _line_of(traceback):
    return traceback.tb_frame.f_code.co_filename, traceback.tb_lineno


def _unwritten(error):
    """The name of the stub that raised the exception of a released stub; "" for any other exception."""
    if type(error) is not NotImplementedError or error.args:
        return ""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback.tb_frame.f_code.co_qualname if traceback is not None else ""


def _tidy(value):
    """What a report makes of `value`, but with tuples where there were tuples."""
    if isinstance(value, (list, tuple)):
        items = [_tidy(item) for item in value]
        return tuple(items) if isinstance(value, tuple) else items
    if isinstance(value, dict):
        return {key: _tidy(item) for key, item in value.items()}
    return unplain(plain(value))


def _later(kind, name, got, **options):
    __tracebackhide__ = True
    if _grading is not None:
        return _emit(kind, name, got, **options)
    value = _value(name, got)
    try:
        _reported[name] = unplain(plain(value))
    except Unreportable as error:
        raise CheckFailed(f"{name}\n  got       {_shown(value)}\n  {_why_not(value, error)}") from None
    _say("..", f"{name}: compared when graded")


def _value(name, got, expected=""):
    """What a callable returns. A class, such as a dtype, is a value itself, and so is what needs arguments.

    An exception tells what was expected.
    """
    __tracebackhide__ = True
    if not callable(got) or isinstance(got, type) or _needs_arguments(got):
        return got
    try:
        return got()
    except BaseException as error:
        if _grading is None:
            if stub := _unwritten(error):
                raise CheckFailed(f"{name}\n  {stub} isn't written yet") from None
            error.add_note(f"in the check: {name}{expected}")
            if "NoneType" in _said(error):
                error.add_note("None came where a value is needed: is a `return` missing?")
            _hide_our_frames(error)
        raise


def _emit(kind, name, got, **options):
    """Send a check to the judge."""
    from IPython.display import publish_display_data

    message = {"kind": kind, "name": str(name), "value": _attempted(lambda: _value(name, got)), **options}
    publish_display_data({MIME: message, "text/plain": f"{kind} {name}"})


def _attempted(compute):
    """What `compute` returns, as plain data; or the name of what it raises, or why no check takes the value."""
    try:
        return plain(compute())
    except Unreportable as error:
        return {"refused": str(error)}
    except BaseException as error:  # sys.exit in a solution must not hide the checks after it
        if isinstance(error, KeyboardInterrupt):
            raise
        return {"raised": _builtin_ancestry(error)[0]}


def _raised(call, match):
    try:
        result = call()
    except BaseException as error:  # sys.exit is no answer, either
        if isinstance(error, KeyboardInterrupt):
            raise
        said, stub = _said(error), _unwritten(error)
        shown = f"NotImplementedError, because {stub} isn't written yet," if stub else f"{type(error).__name__}: {said}"
        return {"ancestry": _builtin_ancestry(error), "match": match in said, "shown": shown[:200]}
    return {"ancestry": [], "match": False, "shown": _shown(result)}


def _said(error):
    """The message of an exception; "" where its class, which may be a student's, fails to make one."""
    try:
        return str(error)
    except Exception:
        return ""


def _builtin_ancestry(error):
    """The names of an exception's built-in classes, nearest first. A verdict may show them."""
    names = [cls.__name__ for cls in type(error).__mro__ if cls.__module__ == "builtins"]
    return [name for name in names if name not in ("BaseException", "object")] or ["BaseException"]


def _shell() -> Any:
    """The IPython shell that runs this process, None outside of one."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def _say(mark, text):
    print(f"{mark}  {text}")


def _fresh_rng_in_every_cell():
    shell = _shell()
    if shell is not None:
        shell.events.register("pre_run_cell", lambda info: rng.begin(""))


def _watch_the_session():
    """Have a cell that fails in JupyterLab name the stub that isn't written yet, or the place where to start."""
    shell = _shell()
    if shell is not None and hasattr(shell, "kernel"):
        shell.events.register("post_run_cell", lambda result: _ran.append((result.info.raw_cell, result.success)))
        shell.set_custom_exc((Exception,), _say_where_to_start)


def _say_where_to_start(shell, kind, error, traceback, tb_offset=None):
    """What IPython calls for an exception, in place of showing its traceback."""
    if _grading is None:
        with suppress(ImportError):  # this file may be alone
            from tito.starting import where_to_start

            if words := where_to_start(Path.cwd(), shell.history_manager.input_hist_raw[-1], _ran, shell.user_ns):
                print(words)
        if stub := _unwritten(error):
            kind, error = NotWritten, NotWritten(f"{stub} isn't written yet")
    shell.showtraceback((kind, error, traceback), tb_offset=tb_offset, running_compiled_code=True)


def _judge_at_once(name, predicate):
    """What `judge` does in JupyterLab: it shows the author of a claim whether the predicate holds."""
    if not predicate(_reported[name]):
        raise CheckFailed(f"{name}\n  the judge does not accept it")
    _say("ok", f"{name}: judged")


def _names_for_authors():
    """Add `judge` and what judge blocks need, in JupyterLab in source/<module>/ only."""
    shell, here = _shell(), Path.cwd()
    if shell is not None and here.parent.name == "source":
        shell.push({"judge": _judge_at_once, "here": here, "expected": _reported, "np": np}, interactive=False)


_reported = {}  # what `reference` and `claim` took, outside of grading
_ran = []  # the cells of a session in JupyterLab: (text, whether it ended well)
_fresh_rng_in_every_cell()
_watch_the_session()
_names_for_authors()


# --- plain data, shared with the judge ----------------------------------------------------------


def plain(value):
    """`value` as JSON: arrays and Tensors by dtype, shape and bytes; tuples as lists.

    Raises Unreportable for anything but numbers, strings, None, arrays, and lists and dicts of them, for what contains
    itself or is nested deeper than MAX_DEPTH, and for more than MAX_BYTES in all.
    """
    return _plain(value, (), [MAX_BYTES])


def _plain(value, around, left):
    """around: ids of the lists and dicts that hold the value; left: how many bytes may still come."""
    if value is None or isinstance(value, bool) or (type(value) is float and math.isfinite(value)):
        return value
    if isinstance(value, int) and abs(value) < 2**63:
        return value
    data = None if isinstance(value, (np.ndarray, np.generic)) else getattr(value, "data", None)
    if isinstance(data, np.ndarray):
        value = data  # of a Tensor
    if isinstance(value, str):
        _take(len(value), left)
        return value
    if isinstance(value, (np.ndarray, np.generic, float, int, complex)):
        return _plain_array(value, left)
    if isinstance(value, (list, tuple, dict)):
        return _plain_parts(value, around, left)
    if isinstance(value, (type, np.dtype)) and (name := _name_of_dtype(value)):
        return name
    what = f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__
    raise Unreportable(f"a check takes numbers, arrays, strings, lists and dicts, not {what}")


def _take(size, left, this=""):
    """Take a size from the bytes that may still come. Raises Unreportable where too few are left."""
    left[0] -= size
    if left[0] < 0:
        raise Unreportable(f"a check takes at most {MAX_BYTES:,} bytes{this}")


def _plain_parts(value, around, left):
    """A list, tuple or dict, and all that it holds."""
    if id(value) in around:
        kind = "dict" if isinstance(value, dict) else "list"
        raise Unreportable(f"a check takes no {kind} that contains itself")
    if len(around) == MAX_DEPTH:
        raise Unreportable(f"a check takes at most {MAX_DEPTH} lists and dicts inside each other")
    given = value.items() if isinstance(value, dict) else value
    parts = list(iter(given))  # of an iterator, list asks no `__len__`, which may be a student's
    around = (*around, id(value))
    _take(8 + 8 * len(parts), left)
    if isinstance(value, dict):
        return {"dict": [[_plain(key, around, left), _plain(item, around, left)] for key, item in parts]}
    return [_plain(part, around, left) for part in parts]


def _plain_array(value, left):
    array = np.asarray(value)
    if isinstance(value, int) and array.dtype.char not in DTYPES:
        raise Unreportable(f"a check takes whole numbers of at most 64 bits, this one has {value.bit_length()}")
    if array.dtype.char not in DTYPES:
        raise Unreportable(f"a check takes arrays of numbers, not of dtype {array.dtype}")
    _take(max(array.nbytes, 24), left, f", this array has {array.nbytes:,}" if array.ndim else "")
    data = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
    return {"array": [array.dtype.str, list(array.shape), data]}


def _name_of_dtype(value):
    """The name of a dtype; "" for a class that is none: numpy takes each for that of objects."""
    with suppress(TypeError):
        dtype = np.dtype(value)
        return "" if dtype.hasobject else str(dtype)
    return ""


def unplain(value) -> Any:
    """The value that `plain` was given, parsed as hostile input: lists, dicts, numbers, arrays.

    Raises ValueError for anything that `plain` would not have made.
    """
    if value is None or isinstance(value, (bool, float, str)) or (isinstance(value, int) and abs(value) < 2**63):
        return value
    if isinstance(value, list):
        return [unplain(item) for item in value]
    if isinstance(value, dict) and len(value) == 1:
        ((tag, content),) = value.items()
        if tag == "array" and isinstance(content, list) and len(content) == 3:
            return _unplain_array(*content)
        if tag == "dict" and isinstance(content, list) and all(isinstance(p, list) and len(p) == 2 for p in content):
            return {str(_single(unplain(key))): unplain(item) for key, item in content}
        if tag == "raised" and isinstance(content, str):
            return Raised(builtin_name(content))
    raise ValueError("a value that no check makes")


def _unplain_array(dtype, shape, data):
    if not (isinstance(dtype, str) and isinstance(shape, list) and isinstance(data, str)):
        raise ValueError("a malformed array")
    dtype = _dtype(dtype)
    if len(shape) > 32 or not all(type(n) is int and 0 <= n < 2**62 for n in shape):
        raise ValueError("a malformed shape")
    size = dtype.itemsize
    for n in shape:
        size *= n
    if size > MAX_BYTES or len(data) > 2 * MAX_BYTES:
        raise ValueError("an array that is too large")
    raw = base64.b64decode(data, validate=True)
    if len(raw) != size:
        raise ValueError("an array whose bytes do not fit its shape")
    return np.frombuffer(raw, dtype).reshape(shape)


def _dtype(name):
    """The dtype of a name, if `plain` could have written it. numpy itself would accept far more."""
    if not re.fullmatch(r"[<>|][biufc](1|2|4|8|16)", name):
        raise ValueError("a dtype that no check makes")
    try:
        dtype = np.dtype(name)
    except TypeError:
        raise ValueError("an unknown dtype") from None
    if dtype.char not in DTYPES:
        raise ValueError("a dtype that no check makes")
    return dtype


def builtin_name(name):
    """The name of a built-in exception; "an exception" for any other, because a student's class can have any name."""
    known = getattr(builtins, name, None) if isinstance(name, str) else None
    if not isinstance(known, type) or not issubclass(known, BaseException):
        return "an exception"
    return next(kind.__name__ for kind in known.__mro__ if not kind.__name__.startswith("_"))  # 3.13 has private ones


class Raised:
    """Stands for a value whose computation raised `kind`."""

    def __init__(self, kind):
        self.kind = kind


UNREPORTABLE = "not a value that a check can report"


class _How(NamedTuple):
    """How values are compared, and how a difference is told."""

    rtol: float
    atol: float | None
    dtype: bool


def difference(want, got, rtol=RTOL, atol=None, dtype=False):
    """Where `got` differs from `want` (both plain), in a fixed vocabulary; None if nowhere.

    A scalar equals a 0-d array and a tuple a list; whole numbers, booleans and strings compare
    exactly, floats within rtol * |want| + atol. atol=None: min(ATOL, rtol) times the median
    nonzero |want|.
    """
    try:
        want, got = unplain(want), unplain(got)
    except (ValueError, RecursionError):
        return UNREPORTABLE
    return _difference(want, got, _How(rtol, atol, dtype))


def kind_of_difference(want, got, rtol=RTOL, atol=None):
    """In which of a few ways `got` differs from `want` (both plain): without any number or name that it holds.

    Whoever knows hidden text could write it into a shape, a count, or the name of an exception.
    """
    try:
        want, got = unplain(want), unplain(got)
    except (ValueError, RecursionError):
        return UNREPORTABLE
    if isinstance(got, Raised) or isinstance(want, Raised):
        return "raised an exception" if isinstance(got, Raised) else "an exception was to be raised"
    form, other = _form(want), _form(got)
    if form != other:
        return "another shape" if isinstance(form, tuple) and isinstance(other, tuple) else "another kind of value"
    if not isinstance(form, tuple):
        return "another value"
    off = _off(np.asarray(want), np.asarray(got), rtol, atol)
    if not off.any():
        return "another dtype"
    return ("all values differ" if off.all() else "some values differ") if form else "another value"


def _form(value):
    """The shape of numbers; of anything else what kind of value it is."""
    return np.shape(value) if isinstance(value, np.ndarray) or _numeric(value) else _kind(value)


def _difference(want, got, how):
    if isinstance(want, Raised) or isinstance(got, Raised):
        return _difference_raised(want, got)
    if isinstance(want, dict):
        return _difference_dict(want, got, how)
    if isinstance(want, (str, type(None))) or isinstance(got, (str, type(None), dict)):
        if isinstance(want, str) and isinstance(got, str):
            return None if want == got else "another string"
        return None if want is None and got is None else _instead(want, got)
    if isinstance(want, list) and not (_numeric(want) and _numeric(got)):
        return _difference_list(want, got, how)
    return _difference_array(want, got, how)


def _difference_raised(want, got):
    if isinstance(want, Raised) and isinstance(got, Raised) and want.kind == got.kind:
        return None
    return f"raised {got.kind}" if isinstance(got, Raised) else f"{want.kind} was to be raised"


def _difference_dict(want, got, how):
    if not isinstance(got, dict):
        return _instead(want, got)
    if set(want) != set(got):
        return "other keys than expected"
    reasons = ((key, _difference(want[key], got[key], how)) for key in want)
    return next((f"at {key!r}: {reason}" for key, reason in reasons if reason), None)


def _difference_list(want, got, how):
    if isinstance(got, np.ndarray) and got.ndim:
        got = list(got)
    if not isinstance(got, list):
        return _instead(want, got)
    if len(want) != len(got):
        return _other_length(want, got)
    reasons = [_difference(w, g, how) for w, g in zip(want, got, strict=True)]
    wrong = [index for index, reason in enumerate(reasons) if reason]
    if not wrong:
        return None
    return f"{len(wrong)} of {len(want)} values differ, first at index {wrong[0]}: {reasons[wrong[0]]}"


def _other_length(want, got):
    return f"{len(got)} value{'s' * (len(got) != 1)} instead of {len(want)}"


def _difference_array(want, got, how):
    if isinstance(got, list) and not _numeric(got):
        return _instead(want, got)
    want, got = np.asarray(want), np.asarray(got)
    if want.shape != got.shape:
        return f"shape {got.shape} instead of {want.shape}"
    if how.dtype and want.dtype != got.dtype:
        return f"dtype {got.dtype} instead of {want.dtype}"
    off = _off(want, got, how.rtol, how.atol)
    if not off.any():
        return None
    if off.ndim == 0:
        return "the value differs"
    first = [int(i) for i in np.argwhere(off)[0]]
    where = str(tuple(first)) if len(first) > 1 else f"index {first[0]}"
    return f"{off.sum()} of {off.size} values differ, first at {where}"


def _off(want, got, rtol, atol):
    """Which entries differ by more than is allowed."""
    if want.dtype.kind in "biu":
        return want != got
    wide = np.complex128 if "c" in (want.dtype.kind, got.dtype.kind) else np.float64
    with np.errstate(all="ignore"):  # whatever a notebook has set
        want, got = want.astype(wide), got.astype(wide)
        if atol is None:
            size = np.abs(want[np.isfinite(want) & (want != 0)])
            atol = min(ATOL, rtol) * float(np.median(size)) if size.size else 0.0
        return ~np.isclose(got, want, rtol=rtol, atol=atol, equal_nan=True)


def _numeric(value):
    """Whether nested lists hold only numbers and have the form of an array."""
    if not _without_text(value):  # which numpy would make as wide as the longest, in all places
        return False
    try:
        return np.asarray(value).dtype.char in DTYPES
    except (ValueError, TypeError, OverflowError, RuntimeError):  # the last: a Tensor that wants its gradient
        return False


def _without_text(value):
    return all(map(_without_text, value)) if isinstance(value, list) else not isinstance(value, str)


def _instead(want, got):
    return f"{_kind(got)} instead of {_kind(want)}"


def _kind(value):
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}" if value.ndim else "a number"
    if isinstance(value, Raised):
        return value.kind
    words = {str: "a string", list: "a list or tuple", dict: "a dict", bool: "a boolean", type(None): "None"}
    return words.get(type(value), "a number")


def _single(value):
    """`value`, but numbers of numpy as Python's own, also inside of lists and dicts: `inf`, and not `array(inf)`."""
    if type(value) in (list, tuple):
        return type(value)(map(_single, value))
    if type(value) is dict:
        return {key: _single(item) for key, item in value.items()}
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and not value.ndim:
        return float(str(value))  # the digits of a float32 and no more
    return value.item() if isinstance(value, np.ndarray) and not value.ndim else value


def shown_apart(show, want, got):
    """What `show` makes of two values that differ: with all digits where a few don't tell them apart."""
    texts = show(want), show(got)
    if len({re.sub(r"\.0*(?!\d)", "", text) for text in texts}) > 1:  # 6 and 6. are alike
        return texts
    return show(want, digits=ALL_DIGITS), show(got, digits=ALL_DIGITS)


def show(value, limit=200, digits=DIGITS):
    """A short text of a value, plain or not, for a message. digits: of a number in an array, at most."""
    try:
        value = unplain(value)
    except ValueError:
        pass
    array = value if isinstance(value, np.ndarray) else getattr(value, "data", None)
    if isinstance(value, dict) and set(value) == {"refused"}:
        text = f"({value['refused']})"
    elif isinstance(array, np.ndarray):
        text = _show_array(array, digits)
    else:
        text = f"raised {value.kind}" if isinstance(value, Raised) else repr(_single(value))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _show_array(array, digits):
    flat = array if array.ndim < 5 else array.ravel()  # an array of many dimensions has too many edges to show
    if digits > DIGITS and flat.dtype.kind == "f":
        flat = flat.astype(np.float64)  # 0.1 as a float32 is another number than 0.1
    with np.printoptions(legacy=False, suppress=False, sign="-", floatmode="maxprec"):  # whatever a notebook has set
        text = np.array2string(flat, precision=digits, threshold=12, edgeitems=2, separator=", ")
    return " ".join(text.split()) + (f"   shape {array.shape}" if array.ndim else "")
