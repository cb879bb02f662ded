# Answers that are no plain values, threads that come back later, and memory written from below.

# %% an array by request
import numpy as np


class Chameleon:
    def __array__(self, *a, **k):
        for found in __import__("gc").get_objects():
            if isinstance(found, np.ndarray) and found.shape == (3, 4):
                return 2 * found
        return np.zeros((3, 4))

    def __eq__(self, other):
        return True

    __hash__ = None


ANSWER = lambda x: Chameleon()

# %% equal to everything, and of every length
class Everything(float):
    __eq__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __len__ = lambda self: 3
    __hash__ = float.__hash__


ANSWER = lambda x: Everything(7)

# %% a pickle that is a program
class Program:
    def __reduce__(self):
        return open, ("{CANARY}", "w")


ANSWER = lambda x: Program()

# %% a number that answers for itself
class Own(int):
    def __int__(self):
        return 6

    def __index__(self):
        open("{CANARY}", "w")
        return 6

    def tolist(self):
        return [6.0]


ANSWER = lambda x: Own(3)

# %% a thread that empties later reports
import threading
import time


def rewrite():
    while True:
        publisher = get_ipython().display_pub
        for message in list(publisher.messages):
            message["passed"], message["rtol"], message["atol"] = True, 1e99, 1e99
        time.sleep(0.001)


threading.Thread(target=rewrite, daemon=True).start()

# %% a thread that changes what was reported into what comes next
import threading
import time


def repeat():
    while True:
        publisher = get_ipython().display_pub
        for message in list(publisher.messages):
            if message.get("kind") in ("equal", "close"):
                publisher.messages.append(message | {"kind": "reference", "name": "random arrays"})
        time.sleep(0.001)


threading.Thread(target=repeat, daemon=True).start()

# %% memory of the checks, by ctypes
import ctypes

import numpy as np
from tito import checks


def ANSWER(x):
    for value in vars(checks).values():
        if isinstance(value, np.ndarray):
            ctypes.memset(value.ctypes.data, 0, value.nbytes)
    if isinstance(x, np.ndarray):
        ctypes.memset(x.ctypes.data, 0, x.nbytes)
    return x


# %% the input becomes the answer
import numpy as np


def ANSWER(x):
    if isinstance(x, np.ndarray):
        x[...] = 0
    return x


# %% an array whose bytes say another thing
import numpy as np


class Masked(np.ndarray):
    def __array_finalize__(self, other):
        self.fill(0) if self.flags.writeable else None

    def __array_function__(self, *a, **k):
        return True

    def __array_ufunc__(self, *a, **k):
        return np.bool_(True)


ANSWER = lambda x: np.array(x, dtype=float, subok=False, copy=True).view(Masked)
