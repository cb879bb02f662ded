"""The environment that Python runs in, and what helps where it is not the workspace's. Needs no package."""

import json
import os
import re
import shlex
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

CHECK = "modules/setup/check_setup.py"
INSTALL = "python -m pip install -r requirements.txt"


def activate_line() -> str:
    """What to type into this shell, to activate the environment."""
    if os.name == "nt":
        return "source .venv/Scripts/activate" if "MSYSTEM" in os.environ else r".venv\Scripts\activate"
    shell = os.path.basename(os.environ.get("SHELL", ""))
    return "source .venv/bin/activate" + {"fish": ".fish", "csh": ".csh", "tcsh": ".csh"}.get(shell, "")


def create_line() -> str:
    """What to type, to make the environment anew."""
    return "py -m venv --clear .venv" if os.name == "nt" else "python3 -m venv --clear .venv"


def made_for(root: Path) -> str:
    """The folder that the workspace's .venv was made for, where that is another one; "" where it fits."""
    own = root / ".venv"
    for script in (own / "bin" / "activate", own / "Scripts" / "activate"):
        if script.is_file():
            text = script.read_text(encoding="utf-8", errors="replace")
            found = re.search(r"""^\s*(?:export )?VIRTUAL_ENV=(["']?[/A-Za-z].*)$""", text, re.MULTILINE)
            if found and not _is_same((place := _unquoted(found[1])), own):
                return place
    return ""


def _unquoted(text: str) -> str:
    """What a shell takes a word for. Older Pythons wrote it between double quotes, as it is."""
    plain = re.fullmatch(r'"(.*)"', text.strip())
    try:
        return plain[1] if plain else "".join(shlex.split(text))
    except ValueError:
        return text.strip()


def _is_same(first: str | Path, second: str | Path) -> bool:
    """Whether both are one folder, however its name is spelled: a Mac's and Windows' disks pass over case."""
    try:
        return os.path.samefile(first, second)
    except OSError:
        return False


def installed_from(root: Path) -> str:
    """Where the package tinytorch that notebooks import comes from; "" where that is `root`, or where none is."""
    try:
        package = distribution("tinytorch")
    except PackageNotFoundError:
        return ""
    try:
        address = json.loads(package.read_text("direct_url.json") or "")["url"]
        path = unquote(urlsplit(address).path)
        place = path.lstrip("/") if os.name == "nt" else path
    except (ValueError, LookupError, TypeError):  # it comes from an index
        place = str(package.locate_file("tinytorch"))
    return "" if _is_same(place, root) else place


def what_helps(root: Path) -> str:
    """What to do where a package of the course can't be imported, as lines."""
    if elsewhere := made_for(root):
        lines = [f"This workspace was moved or copied: its .venv belongs to {elsewhere}.", "Make it anew:"]
        return "\n  ".join([*lines, create_line(), activate_line(), INSTALL])
    if not (root / ".venv").is_dir():
        return "\n  ".join(["Make an environment:", create_line(), activate_line(), INSTALL])
    active = os.path.realpath(sys.prefix) == os.path.realpath(root / ".venv")
    first = f"Install again: {INSTALL}" if active else f"Activate the environment first: {activate_line()}"
    return f"{first}\nMore help: python {CHECK}"
