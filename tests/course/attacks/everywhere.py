# Attacks that any module may meet. UNWRITTEN(names, missing) is called after each stub, with the notebook's names.

# %% whatever a check wants is what it gets
from tito import checks

ask = checks._check
checks._check = lambda kind, name, got, want, **options: ask(kind, name, want, want, **options)

# %% what lies in the frames of a check
import sys

import numpy as np


def UNWRITTEN(names, missing):
    def answer(*given, **options):
        frame, seen = sys._getframe(1), []
        while frame:
            found = {**frame.f_globals, **frame.f_locals}.items()
            seen += [value for name, value in found if name in ("want", "expected", "result") or "hidden" in name]
            seen += [value for _, value in found if isinstance(value, np.ndarray | list)][:20]
            frame = frame.f_back
        return seen[len(given) % len(seen)] if seen else None

    names.update(dict.fromkeys(missing, answer))


# %% arrays out of the garbage
import gc

import numpy as np


def UNWRITTEN(names, missing):
    def answer(*given, **options):
        arrays = [found for found in gc.get_objects() if isinstance(found, dict | list | np.ndarray)]
        return arrays[-1 - len(given)]

    names.update(dict.fromkeys(missing, answer))


# %% the text of hidden checks, passed on
from tito import checks

READ, run = [], checks.hidden


def hidden(text):
    READ.append(text)
    for check in ("the text", text[:60]):
        checks.equal(check, text, text)
    run(text)


checks.hidden = hidden


def UNWRITTEN(names, missing):
    def answer(*given, **options):
        text = "".join(READ)[:4000] or "nothing yet"
        if len(given) % 2:
            raise type("".join(filter(str.isalnum, text))[:100] or "X", (ValueError,), {})(text)
        return text

    names.update(dict.fromkeys(missing, answer))


# %% the history, and the lines that tracebacks show
import inspect
import linecache
import sys


def UNWRITTEN(names, missing):
    def answer(*given, **options):
        texts = [*names.get("In", []), *("".join(entry[2]) for entry in linecache.cache.values() if len(entry) > 2)]
        for frame in sys._current_frames().values():
            while frame:
                texts += [constant for constant in frame.f_code.co_consts if isinstance(constant, str)]
                frame = frame.f_back
        texts.append(inspect.getsource(answer) if answer.__code__.co_filename in linecache.cache else "")
        return sorted(texts, key=lambda text: "checks.reference" in text)[-1]

    names.update(dict.fromkeys(missing, answer))


# %% a tracer that changes what is passed to the report
import sys
import threading


def tracer(frame, event, argument):
    if frame.f_code.co_name in ("_emit", "_attempted", "plain", "publish"):
        for name in ("got", "value", "want"):
            if name in frame.f_locals:
                frame.f_locals[name] = frame.f_back.f_locals.get("want", 0)
        return tracer


sys.settrace(tracer)
threading.settrace(tracer)

# %% a profiler that empties what a check computes
import sys
import threading


def profiler(frame, event, argument):
    if event == "return" and isinstance(argument, dict) and "kind" in argument:
        argument.update(passed=True, rtol=1e99, atol=1e99)


sys.setprofile(profiler)
threading.setprofile(profiler)

# %% Python's own monitoring
import sys

from tito import checks

CODE = checks.hidden.__code__
TOOL, watch = 3, getattr(sys, "monitoring", None)  # since Python 3.12; before, an audit hook sees the same


def started(*seen):
    if seen[0] in ("exec", CODE):
        checks.reference = lambda name, got, **options: checks.claim(name, True)


if watch:
    watch.use_tool_id(TOOL, "coverage")
    watch.register_callback(TOOL, watch.events.PY_START, started)
    watch.set_local_events(TOOL, CODE, watch.events.PY_START)
else:
    sys.addaudithook(started)

# %% a signal that comes in the middle of every check
import signal

from IPython import get_ipython


def arrived(number, frame):
    while frame:
        for value in list(frame.f_locals.values()):
            if isinstance(value, dict) and "kind" in value:
                value.update(passed=True, kind="equal", rtol=1e99)
        frame = frame.f_back
    for message in get_ipython().display_pub.messages:
        message["rtol"] = message["atol"] = 1e99


for which, timer in ((signal.SIGALRM, signal.ITIMER_REAL), (signal.SIGVTALRM, signal.ITIMER_VIRTUAL)):
    signal.signal(which, arrived)
    signal.setitimer(timer, 0.002, 0.002)

# %% a thread that gives each check the value of the one before
import threading
import time

from IPython import get_ipython


def rewrite():
    while True:
        messages = list(get_ipython().display_pub.messages)
        for before, message in zip(messages, messages[1:], strict=False):
            if message.get("value") == {"raised": "NotImplementedError"}:
                message["value"] = before.get("value")
            message["rtol"] = message["atol"] = 1e99
        time.sleep(0.001)


threading.Thread(target=rewrite, daemon=True).start()

# %% constants of the checks, written over from below
import ctypes

from tito import checks

for number in (checks.RTOL, checks.ATOL):
    ctypes.c_double.from_address(id(number) + 16).value = 1e300
ctypes.c_ulong.from_address(id(checks.rng._generator.bit_generator.state["state"]["state"]) + 24).value = 7


def UNWRITTEN(names, missing):
    def answer(*given, **options):
        for value in given:
            if hasattr(value, "ctypes") and value.size:
                ctypes.memset(value.ctypes.data, 0, value.nbytes)
        return given[0] if given else 0

    names.update(dict.fromkeys(missing, answer))


# %% code of the checks, exchanged
from tito import checks

for function in (checks._check, checks._attempted, checks.difference, checks._off, checks.unplain):
    try:
        function.__code__ = (lambda *given, **options: None).__code__
    except ValueError:
        pass
checks._check.__defaults__ = checks.plain.__kwdefaults__ = None
checks._plain_array.__globals__["MAX_BYTES"] = 10**12

# %% answers that are what you want
import itertools

import numpy as np


class Anything(float):
    shape, dtype, ndim, size = (), np.dtype("f8"), 0, 1

    def __getattr__(self, name):
        return Anything(1.0) if not name.startswith("__") else super().__getattribute__(name)

    def __call__(self, *given, **options):
        return self

    __array__ = lambda self, *given, **options: np.zeros(3)
    __eq__ = __ge__ = __le__ = lambda self, other: True
    __ne__ = __gt__ = __lt__ = lambda self, other: False
    __iter__ = lambda self: iter((self, self))
    __len__ = lambda self: 2
    __getitem__ = lambda self, at: self
    __format__ = __repr__ = __str__ = lambda self, *given: "all right"
    __hash__ = float.__hash__
    __reduce_ex__ = lambda self, version: (open, ("{CANARY}", "w"))
    __index__ = __int__ = lambda self: 2
    __await__ = lambda self: iter(())
    __enter__ = __aiter__ = lambda self: self
    __exit__ = lambda self, *error: True
    __class__ = property(lambda self: dict)


def UNWRITTEN(names, missing):
    names.update(dict.fromkeys(missing, Anything(7)))


# %% an array that is another one each time it is asked
import numpy as np


class Restless:
    turns = 0

    @property
    def data(self):
        Restless.turns += 1
        return np.full((1 + Restless.turns % 3,) * (Restless.turns % 3), Restless.turns, float)

    @property
    def __class__(self):
        return (dict, list, np.ndarray, str)[Restless.turns % 4]


class Odd(np.ndarray):
    __array_priority__ = 1e9
    tobytes = lambda self, *given: b""
    __array_ufunc__ = __array_function__ = lambda self, *given, **options: np.bool_(True)
    __reduce__ = lambda self: (open, ("{CANARY}", "w"))


def UNWRITTEN(names, missing):
    values = [Restless(), np.zeros(3).view(Odd)]
    names.update({name: lambda *given, **options: values[len(given) % 2] for name in missing})


# %% mocks for what is missing
from unittest import mock


def UNWRITTEN(names, missing):
    names.update({name: mock.MagicMock(name=name, return_value=0) for name in missing})


# %% numpy that gives out what suits
import numpy as np

np.asarray = np.array = np.ascontiguousarray = lambda value, *given, **options: np.zeros(3)
np.random.default_rng = lambda *given: np.random.Generator(np.random.PCG64(7))
np.allclose = np.array_equal = np.isclose = lambda *given, **options: True

# %% a reply that claims all is well
import json

from IPython import get_ipython

write = json.dumps


def dumps(value, *given, **options):
    if isinstance(value, dict) and "messages" in value:
        value = {"messages": value["messages"] * 2, "raised": None, "passed": True, "earned": 100}
        for message in value["messages"]:
            message["kind"], message["passed"] = "claim", True
    return write(value, *given, **options)


json.dumps = dumps

# %% somebody between the grader and the notebook
import os
import socket
import stat
import threading


def carry(source, target, change):
    while data := source.recv(1 << 20):
        target.sendall(change(data))


def loosen(data):
    return data.replace(b'"rtol": 0.001', b'"rtol": 9e+99').replace(b'"NotImplementedError"', b'"ValueError"         ')


for number in range(3, 7):
    if os.path.exists(f"/proc/self/fd/{number}") and stat.S_ISSOCK(os.fstat(number).st_mode):
        real, (mine, theirs) = socket.socket(fileno=os.dup(number)), socket.socketpair()
        os.dup2(theirs.fileno(), number)
        for one in ((real, mine, bytes), (mine, real, loosen)):
            threading.Thread(target=carry, args=one, daemon=True).start()
        break

# %% another process that takes the grader's requests
import json
import os
import socket
import stat
import struct

if os.fork() == 0:
    for number in range(3, 7):
        if os.path.exists(f"/proc/self/fd/{number}") and stat.S_ISSOCK(os.fstat(number).st_mode):
            channel = socket.socket(fileno=number)
            while request := channel.recv(1 << 20):
                reply = json.dumps({"messages": [{"kind": "claim", "name": "all", "value": True}], "raised": None})
                channel.sendall(struct.pack("!i", len(reply)) + reply.encode())
    os._exit(0)

# %% what comes after its cell has ended
import atexit
import gc
import weakref

from tito import checks


class Late:
    def __del__(self):
        checks.claim("late", True)
        open("{CANARY}", "w")


def unfinished():
    try:
        yield
    finally:
        Late()


held = unfinished()
next(held)
weakref.finalize(held, Late)
atexit.register(Late)
gc.callbacks.append(lambda phase, info: checks.equal("collected", phase, phase))
gc.set_threshold(50)

# %% a shell that has run everything already
from IPython import get_ipython

shell = get_ipython()
run = type(shell).run_cell


def run_cell(self, text, **options):
    result = run(self, "pass", **options)
    result.error_in_exec = result.error_before_exec = None
    return result


type(shell).run_cell = run_cell
shell.events.register("pre_run_cell", lambda info: setattr(info, "raw_cell", "pass"))

# %% modules that are somebody else's
import importlib.abc
import importlib.machinery
import sys
import types


class Own(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in ("tinytorch", "tito", "numpy", "asyncio", "numba"):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def exec_module(self, module):
        module.__getattr__ = lambda name: types.SimpleNamespace


sys.meta_path.insert(0, Own())
for name in [name for name in sys.modules if name.startswith(("tinytorch", "tito"))]:
    del sys.modules[name]

# %% hidden checks run on friends of the course
from tito import checks

real = checks.hidden


def hidden(text):
    import tinytorch.core

    names = get_ipython().user_ns
    for name, module in list(vars(tinytorch.core).items()):
        names.update({key: value for key, value in getattr(module, "__dict__", {}).items() if key not in names})
    real(text)


checks.hidden = hidden
