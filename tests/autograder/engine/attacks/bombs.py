# Memory, disk, output, processes and time, all of it.

# %% memory
held = []
while True:
    held.append(bytearray(50_000_000))

# %% memory in one piece
import numpy as np

np.ones(10**11)

# %% memory that is shared
import mmap

held = [mmap.mmap(-1, 500_000_000) for _ in range(100)]
for one in held:
    one.write(b"x" * 500_000_000)

# %% disk
with open("big", "wb") as file:
    while True:
        file.write(bytes(10_000_000))

# %% disk in many files
for number in range(10**6):
    with open(f"file{number}", "wb") as file:
        file.write(bytes(1_000_000))

# %% a file that only looks large
with open("sparse", "wb") as file:
    file.truncate(10**13)

# %% output
while True:
    print("x" * 1_000_000)

# %% reports
import numpy as np
from tito import checks

for number in range(10_000):
    checks.claim(str(number), np.zeros(400_000))

# %% a report that is deep
from tito import checks
from IPython.display import publish_display_data

value = []
for _ in range(10**5):
    value = [value]
publish_display_data({checks.MIME: {"kind": "reference", "name": "random arrays", "value": value}})

# %% forks
import os

while True:
    os.fork()

# %% forks that wait
import os
import time

while True:
    try:
        if os.fork() == 0:
            time.sleep(100)
    except OSError:
        break

# %% threads
import threading
import time

for _ in range(10_000):
    threading.Thread(target=time.sleep, args=(100,)).start()

# %% a loop
while True:
    pass

# %% a loop that nothing interrupts
while True:
    try:
        while True:
            pass
    except BaseException:
        pass

# %% a loop in C
sum(iter(int, 1))

# %% a regular expression
import re

re.match(r"(a+)+$", "a" * 60 + "b")

# %% a number
10 ** 10**9

# %% a thread that lingers
import threading


def spin():
    while True:
        pass


threading.Thread(target=spin).start()

# %% signals that are ignored
import signal

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    pass
