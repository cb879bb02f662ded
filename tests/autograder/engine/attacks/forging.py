# Reports written by hand: into the display, or into the grader's own channel.

# %% passed, says the submission
from IPython.display import publish_display_data
from tito import checks

checks._emit = lambda kind, name, got, **o: publish_display_data(
    {checks.MIME: {"kind": kind, "name": name, "passed": True, "earned": 1000}}
)

# %% a tolerance of its own
from tito import checks

emit = checks._emit
checks._emit = lambda kind, name, got, **o: emit(kind, name, got, rtol=1e99, atol=1e99, dtype=False)

# %% everything that the text shows, under every name
from tito import checks

for value in (6, 0, 1, True, None, [], "TypeError", 2.0, "double"):
    for kind in ("close", "equal", "raises", "reference", "claim"):
        for name in ("twice three", "no text", "random arrays", "doubled once", "doubled twice", "samples", "how many"):
            checks._emit(kind, name, value)

# %% values that are not numbers
from tito import checks

checks.plain = lambda value: float("nan")

# %% a reply of its own
import json
import os
import stat
import struct

for fd in map(int, os.listdir("/proc/self/fd")):
    try:
        if stat.S_ISSOCK(os.fstat(fd).st_mode):
            text = json.dumps({"messages": [], "raised": None}).encode()
            os.write(fd, 10 * (struct.pack("!i", len(text)) + text))
    except OSError:
        pass

# %% a pickle for the grader
import os
import pickle
import stat
import struct


class Bomb:
    def __reduce__(self):
        return os.system, ("touch {CANARY}",)


for fd in map(int, os.listdir("/proc/self/fd")):
    try:
        if stat.S_ISSOCK(os.fstat(fd).st_mode):
            data = pickle.dumps(Bomb())
            os.write(fd, struct.pack("!i", len(data)) + data)
    except OSError:
        pass

# %% a dtype that is a program
from tito import checks
from IPython.display import publish_display_data

for name in ("random arrays", "doubled once", "doubled twice"):
    publish_display_data(
        {checks.MIME: {"kind": "reference", "name": name, "value": {"array": ["O", [1], "gAN9cQAu"]}, "rtol": 1, "atol": 1}}
    )

# %% an array that says it is huge
from tito import checks
from IPython.display import publish_display_data

for name in ("random arrays", "doubled once", "doubled twice"):
    publish_display_data({checks.MIME: {"kind": "reference", "name": name, "value": {"array": ["<f8", [10**9, 10**9], ""]}}})
