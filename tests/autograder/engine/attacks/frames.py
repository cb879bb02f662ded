# The test's own frames, imports and garbage, from inside.

# %% the frames above
import sys


def ANSWER(x):
    frame = sys._getframe()
    while frame:
        for name in ("want", "expected", "a"):
            if name in frame.f_locals and frame.f_locals[name] is not x:
                return frame.f_locals[name]
        frame = frame.f_back
    return x


# %% the garbage
import gc


def ANSWER(x):
    for found in gc.get_objects():
        if isinstance(found, dict) and "array" in found:
            return found["array"]
    return x


# %% an import hook
import sys


class Hook:
    def find_spec(self, name, *rest):
        if name.startswith("tito"):
            raise ImportError("no checks today")


sys.meta_path.insert(0, Hook())
for name in [name for name in sys.modules if name.startswith("tito")]:
    del sys.modules[name]

# %% an audit hook
import sys

sys.addaudithook(lambda event, args: globals().__setitem__("SEEN", (event, args)))

# %% at the end
import atexit
import os

atexit.register(lambda: open("{CANARY}", "w").write("at the end"))

# %% a fork that answers
import os

os.fork()

# %% an exit before the checks
import os

os._exit(0)

# %% exits in every check
import sys


def ANSWER(x):
    sys.exit(0)


# %% a death in every check
import ctypes


def ANSWER(x):
    ctypes.string_at(0)
