"""How the process begins that submissions are forked from: it shuts itself in, and then becomes zygote.py.

`python -m autograder.engine.start FD HOME`. It starts Python anew once it has a root of its own, so that no library and
no file is open that lies outside.
"""

import importlib
import json
import os
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from autograder.engine import namespaces, sandbox


def main(control: str, home: Path) -> None:
    """Shut this process in, as far as this machine can, and become the zygote. Its socket is `control`."""
    os.umask(0o022)
    copy_fonts(Path(os.environ["MPLCONFIGDIR"]), home / "matplotlib")
    means = sandbox.prepare(home)
    place = Path(namespaces.PLACE) if means.own_root else home
    os.chdir(place)
    os.environ |= {"HOME": str(place), "MPLCONFIGDIR": str(place / "matplotlib")}
    given = [control, json.dumps(asdict(means))]
    os.execv(sys.executable, [sys.executable, "-P", "-m", "autograder.engine.zygote", *given])


def copy_fonts(kept: Path, copy: Path) -> None:
    """Copy matplotlib's list of fonts, so that nobody makes it again, which takes seconds."""
    if not list(kept.glob("fontlist-*.json")):
        importlib.import_module("matplotlib.font_manager")  # makes it
    copy.mkdir(exist_ok=True)
    for path in kept.glob("fontlist-*.json"):
        shutil.copy(path, copy)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
