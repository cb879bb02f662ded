# The course's answers, which come where a question was wrong: kept, told, undone, or used against the grader.

# %% kept by a hook, and used for all that comes later
kept = {}


def keep(info):
    if "CANARY-SOLUTION" in info.raw_cell:
        exec(info.raw_cell, kept)


get_ipython().events.register("pre_run_cell", keep)


def ANSWER(x):
    return kept["double"](x) if kept else x


# %% kept as the function itself
def ANSWER(x):
    mine = globals()["double"]
    return mine(x) if mine.__code__.co_names == () else x


# %% reports for other questions, when an answer comes
from IPython.display import publish_display_data
from tito import checks


def forge(info):
    if "CANARY-SOLUTION" in info.raw_cell:
        for name in ("doubled once", "doubled twice", "how many", "samples", "random arrays"):
            publish_display_data({checks.MIME: {"kind": "reference", "name": name, "value": 1}})


get_ipython().events.register("pre_run_cell", forge)

# %% an end, when an answer comes
import os

get_ipython().events.register("pre_run_cell", lambda info: "CANARY-SOLUTION" in info.raw_cell and os._exit(0))

# %% a fork that goes on in its parent's place, when an answer comes
import os, time


def split(info):
    if "CANARY-SOLUTION" in info.raw_cell and os.fork():
        time.sleep({SLEEP})


get_ipython().events.register("pre_run_cell", split)

# %% told through the network and in a file
import socket


def tell(info):
    if "CANARY-SOLUTION" in info.raw_cell:
        for told in (
            lambda: open("{CANARY}", "w").write(info.raw_cell),
            lambda: socket.create_connection(("127.0.0.1", {PORT}), 1).sendall(info.raw_cell.encode()),
        ):
            try:
                told()
            except OSError:
                pass


get_ipython().events.register("pre_run_cell", tell)

# %% undone: the answer's text becomes the student's own
get_ipython().input_transformers_cleanup.append(
    lambda lines: ["def double(x):\n", "    return ANSWER(x)\n"] if "CANARY-SOLUTION" in "".join(lines) else lines
)


def ANSWER(x):
    return x
