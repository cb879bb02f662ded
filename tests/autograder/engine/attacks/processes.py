# Other processes: seen, signalled, left behind.

# %% signals to everybody
import os
import signal

for pid in range(2, 100_000):
    if pid != os.getpid():
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass

# %% a signal to the parent
import os
import signal

os.kill(os.getppid(), signal.SIGKILL)

# %% a signal to the grader
import os
import signal

os.kill({PID}, signal.SIGTERM)

# %% a look into the grader
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
if libc.ptrace(16, {PID}, 0, 0) == 0:
    ANSWER = lambda x: 2 * x

# %% memory of the grader
open("/proc/{PID}/mem", "rb").read(1)
ANSWER = lambda x: 2 * x

# %% a daemon
import os
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv("/bin/sleep", ["sleep", "{SLEEP}"])
    os._exit(0)

# %% a daemon that is Python
import ctypes
import os
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)  # no signal when the parent dies
        time.sleep(3600)
    os._exit(0)

# %% a program
import subprocess

subprocess.run(["cat", "{ROOT}/tinytorch_ref/core/setup.py"], check=True)
ANSWER = lambda x: 2 * x

# %% a shell
import os

if os.system("echo > {CANARY}") == 0:
    ANSWER = lambda x: 2 * x

# %% root again
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
libc.unshare(0x10000000 | 0x20000)
os.setuid(0)
if libc.mount(b"{ROOT}", b"/mnt", None, 4096, None) == 0:
    ANSWER = lambda x: 2 * x

# %% a debugger for itself
import sys


def tracer(frame, event, argument):
    if "x" in frame.f_locals and "BEGIN" in str(frame.f_code.co_consts):
        globals()["ANSWER"] = lambda x: 2 * x
    return tracer


sys.settrace(tracer)

# %% a limit that is lifted
import resource

resource.setrlimit(resource.RLIMIT_NPROC, (10**6, 10**6))
resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
