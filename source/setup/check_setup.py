# -*- coding: utf-8 -*-
"""Is this computer ready for the course? Shows a line for each item, and below each ❌ what mends it.

    python modules/setup/check_setup.py

Needs nothing but Python itself: it has to run where nothing is installed yet.
Exit code 0 when every item is ✅, otherwise 1.
"""

# Old Pythons, even 2.7, have to get as far as check_python, which says that they are too old: no newer syntax.
import csv
import errno
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

try:
    from importlib import metadata, util
    from pathlib import Path
except ImportError:  # before Python 3.8: only check_python runs
    Path = str

ROOT = Path(os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__)))))
OLDEST = (3, 11)
FREE = 10**9
WINDOWS = os.name == "nt"
SHELL = os.path.basename(os.environ.get("SHELL", ""))
if WINDOWS:
    ACTIVATE = "source .venv/Scripts/activate" if "MSYSTEM" in os.environ else r".venv\Scripts\activate"
else:
    ACTIVATE = "source .venv/bin/activate" + {"fish": ".fish", "csh": ".csh", "tcsh": ".csh"}.get(SHELL, "")
INSTALL = "python -m pip install -r requirements.txt"
SYNC = "python bin/tito.py sync"
GREETING = "Hello Ada, welcome to TinyTorch!"


# Every check below returns (is it fine, what was found, commands that mend it).


def check_python():
    found = "Python {}.{}.{}".format(*sys.version_info[:3])
    if sys.version_info >= OLDEST:
        return True, found, []
    install = {
        "win32": "winget install Python.Python.3.12",
        "darwin": "brew install python@3.12",
    }.get(sys.platform, "sudo apt install python3.12 python3.12-venv   # or https://www.python.org/downloads/")
    create = "py -3.12 -m venv --clear .venv" if WINDOWS else "python3.12 -m venv --clear .venv"
    text = "{} is too old, the course needs {}.{} or newer".format(found, *OLDEST)
    return False, text, [install, create, ACTIVATE, INSTALL]


def check_environment():
    own, create = ROOT / ".venv", "py -m venv --clear .venv" if WINDOWS else "python3 -m venv --clear .venv"
    elsewhere = made_for(own)
    if elsewhere:
        text = "this workspace was moved, renamed or copied: its .venv belongs to " + elsewhere
        return False, text, [create, ACTIVATE, INSTALL]
    if sys.prefix != sys.base_prefix and same_path(sys.prefix, own):
        return True, "virtual environment .venv is active", []
    if not own.is_dir():
        create = create.replace(" --clear", "")
        return False, "no virtual environment .venv in this workspace yet", [create, ACTIVATE]
    if sys.prefix != sys.base_prefix:
        return False, "another virtual environment is active: " + sys.prefix, ["deactivate", ACTIVATE]
    return False, "virtual environment .venv is not active", [ACTIVATE]


def check_packages():
    pins = read_requirements(ROOT / "requirements.txt")
    if pins is None:
        return False, "packages: requirements.txt is missing", [restore(["requirements.txt"]), INSTALL]
    wrong, damaged, present, absent = [], [], 0, 0
    for name, accepted, everywhere in pins:
        uses = " or ".join(accepted) or "it"
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            if everywhere:
                absent += 1
                wrong.append("{} is not installed, the course uses {}".format(name, uses))
            continue
        present += 1
        if accepted and trimmed(found) not in map(trimmed, accepted):
            wrong.append("{} is {}, the course uses {}".format(name, found, uses))
        elif lost_files(name):
            wrong.append("{} is damaged: {} of its files are gone".format(name, len(lost_files(name))))
            damaged.append("{}=={}".format(name, found))
    if not wrong:
        return True, "{} packages as in requirements.txt".format(present), []
    if not present:
        return False, "no package of requirements.txt is installed", [INSTALL]
    again = ["python -m pip install --force-reinstall --no-deps " + " ".join(damaged)] if damaged else []
    mend = again + ([INSTALL] if len(damaged) < len(wrong) else [])
    shown = wrong[:8] + (["and {} more".format(len(wrong) - 8)] if len(wrong) > 8 else [])
    text = "{} of {} packages are not as in requirements.txt".format(len(wrong), present + absent)
    return False, "\n   - ".join([text] + shown), mend


def check_tito():
    homes = {name: home_of(name) for name in ("tito", "tinytorch")}
    missing = [name for name, home in homes.items() if home is None]
    mend = ["python -m pip install -e . --no-deps"]
    if missing or "tito" not in console_scripts():
        return False, "the tito command is not installed", [INSTALL]
    for name, home in homes.items():
        if not same_path(home, ROOT):
            return False, "{} comes from another folder: {}".format(name, home), mend
    return True, "tito command", []


def check_kernel():
    mend = ["python -m ipykernel install --sys-prefix --name python3"]
    if util.find_spec("ipykernel") is None:
        return False, "no Jupyter kernel: ipykernel is not installed", [INSTALL]
    spec = Path(sys.prefix, "share", "jupyter", "kernels", "python3", "kernel.json")
    try:
        program = json.loads(spec.read_text(encoding="utf-8"))["argv"][0]
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return False, "no Jupyter kernel python3 in this environment", mend
    # "python" alone stands for the Python that Jupyter itself runs in.
    if os.path.dirname(program) and not same_path(os.path.dirname(program), os.path.dirname(sys.executable)):
        return False, "the Jupyter kernel python3 starts another Python: " + program, mend
    return True, "Jupyter kernel python3", []


def check_git():
    # A Mac without its command line tools has a git that exists but does not work: ask it.
    run = shutil.which("git") and answer(["git", "--version"])
    if run and not run.returncode:
        return True, run.stdout.strip(), []
    install = {"win32": "winget install Git.Git", "darwin": "xcode-select --install"}
    return False, "git is not installed or does not work", [install.get(sys.platform, "sudo apt install git")]


def check_disk():
    free = shutil.disk_usage(str(ROOT)).free
    text = "{:.1f} GB of free disk space".format(free / 1e9)
    if free >= FREE:
        return True, text, []
    return False, text + ", the course needs 1 GB", ["python -m pip cache purge   # and delete what you don't need"]


def check_workspace():
    needed = ["course.yml", "modules", "tinytorch", "bin/tito.py", "requirements.txt"]
    missing = [name for name in needed if not (ROOT / name).exists()]
    if not missing:
        return True, "workspace is complete", []
    return False, "missing in the workspace: " + ", ".join(missing), [restore(missing)]


def check_notebook():
    name = "modules/setup/setup_dev.ipynb"
    mend = ["python bin/tito.py reset --module setup   # keeps yours as a backup"]
    try:
        cells = json.loads((ROOT / name).read_bytes())["cells"]
    except OSError:
        return False, "missing: " + name, mend
    except (ValueError, KeyError, TypeError) as error:
        return False, "{} is damaged ({})".format(name, error), mend
    return True, "notebook {}, {} cells".format(name, len(cells)), []


def check_hello():
    write = "jupyter lab   # open modules/setup/setup_dev.ipynb, write hello_tinytorch, save"
    if not (ROOT / "tinytorch" / "core" / "setup.py").is_file():
        return False, "hello_tinytorch is not in your package yet", [write, SYNC]
    # In a process of its own: whatever happens in the package, this one goes on.
    program = "from tinytorch.core.setup import hello_tinytorch; print(ascii(hello_tinytorch('Ada')))"
    run = answer([sys.executable, "-c", program])
    if run is None:
        return False, "hello_tinytorch does not come back within a minute", [write, SYNC]
    if run.returncode:
        reason = (run.stderr.strip().splitlines() or ["no reason given"])[-1]
        if reason.startswith("NotImplementedError"):
            return False, "hello_tinytorch is not in your package yet", [write, SYNC]
        if reason.startswith("ModuleNotFoundError"):
            return False, "hello_tinytorch can't be imported: " + reason, [INSTALL, SYNC]
        return False, "hello_tinytorch fails: " + reason, [write, SYNC]
    said = (run.stdout.strip().splitlines() or [""])[-1]
    if said != ascii(GREETING):
        text = "hello_tinytorch('Ada') is {}, not {!a}".format(said, GREETING)
        return False, text, [write, SYNC]
    return True, "hello_tinytorch says: " + GREETING, []


CHECKS = [
    check_python,
    check_environment,
    check_packages,
    check_tito,
    check_kernel,
    check_git,
    check_disk,
    check_workspace,
    check_notebook,
    check_hello,
]


def read_requirements(path):
    """(name, accepted versions, whether every system needs it) of each package; None without the file.

    A package may stand there several times, for one Python or system each: which line holds, pip has
    decided. Any of its versions is accepted, and if all its lines have a condition, it may be absent.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return None
    pins = {}
    for line in text.replace("\\\n", " ").splitlines():
        line, _, marker = line.split("#")[0].partition(";")
        match = re.match(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^]]*\])?\s*(?:==\s*([^\s,]+))?", line)
        if match:  # other lines are comments and options such as -e .
            name, version = match.groups()
            pin = pins.setdefault(re.sub(r"[-_.]+", "-", name).lower(), [name, [], False])
            pin[1] += [version] if version else []
            pin[2] = pin[2] or not marker.strip()
    return list(pins.values())


def answer(command):
    """The finished process, its output as text; None if it can't be had within a minute."""
    pipe = subprocess.PIPE
    options = {"stdin": subprocess.DEVNULL, "stdout": pipe, "stderr": pipe, "encoding": "utf-8", "errors": "replace"}
    try:
        return subprocess.run(command, cwd=str(ROOT), timeout=60, **options)
    except (OSError, subprocess.TimeoutExpired):
        return None


def lost_files(package):
    """The files of an installed package that are gone; none where the package does not say what it has."""
    # From Python 3.12 on, `files` of a distribution leaves out what is gone: read the list itself.
    installed = metadata.distribution(package)
    listed = [row[0] for row in csv.reader((installed.read_text("RECORD") or "").splitlines()) if row]
    code = [path for path in listed if path.endswith((".py", ".so", ".pyd")) and ".." not in path.split("/")]
    return [path for path in code if not os.path.exists(str(installed.locate_file(path)))]


def made_for(environment):
    """The folder that a virtual environment was made for, where that is another one; None where it fits."""
    for folder in ("bin", "Scripts"):
        try:
            text = (environment / folder / "activate").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        found = re.search(r"""^\s*(?:export )?VIRTUAL_ENV=(["']?[/A-Za-z].*)$""", text, re.MULTILINE)
        if found and not same_path(unquoted(found.group(1)), environment):
            return unquoted(found.group(1))
    return None


def unquoted(text):
    """What a shell takes a word for. Older Pythons wrote it between double quotes, as it is."""
    plain = re.match(r'"(.*)"$', text.strip())
    try:
        return plain.group(1) if plain else "".join(shlex.split(text))
    except ValueError:
        return text.strip()


def trimmed(version):
    """2.4 and 2.4.0 are the same release."""
    return re.sub(r"(\.0)+$", "", version.lower())


def console_scripts():
    """Names of the commands that the installed packages bring along."""
    entries = [entry for package in metadata.distributions() for entry in package.entry_points]
    return {entry.name for entry in entries if entry.group == "console_scripts"}


def home_of(package):
    """The folder in which `package` lies, None where it can't be imported."""
    spec = util.find_spec(package)
    places = list(spec.submodule_search_locations or []) if spec else []
    return os.path.dirname(places[0]) if places else None


def same_path(a, b):
    try:
        if os.path.samefile(str(a), str(b)):  # however it is spelled: a Mac's disk passes over case
            return True
    except OSError:
        pass
    a, b = (os.path.normcase(os.path.realpath(str(path))) for path in (a, b))
    return a == b


def restore(missing):
    if (ROOT / ".git").exists():
        return "git restore " + " ".join(missing)
    return "git clone <address from your instructor>   # this copy is not complete: start from a new one"


def marks():
    """✅ and ❌, or what stands for them on a console that can't print them."""
    try:
        "✅❌".encode(sys.stdout.encoding or "ascii")
    except (UnicodeError, LookupError):
        return "[ok]", "[--]"
    return "✅", "❌"


def main():
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    good, bad = marks()
    print("TinyTorch workspace: {}".format(ROOT))
    if not same_path(os.getcwd(), ROOT):
        print('The commands below are for that folder: cd "{}"'.format(ROOT))
    wrong = 0
    for check in CHECKS:
        fine, text, commands = check()
        print((good if fine else bad) + " " + text)
        for command in commands:
            print("     " + command)
        wrong += not fine
        if wrong and check is check_python:
            print("The other items are checked when this one is mended.")
            return 1
    if wrong:
        text = "\n{} of {} items need you. Begin with the first, then run this again."
        print(text.format(wrong, len(CHECKS)))
        return 1
    print("\nAll is ready. See how your functions do: python bin/tito.py test --module setup")
    return 0


def run():
    """The exit code of main(), also where nobody reads to the end, as in `check_setup.py | head`."""
    try:
        code = main()
        sys.stdout.flush()
        return code
    except IOError as error:  # Python 2 has no BrokenPipeError
        if error.errno != errno.EPIPE:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left goes nowhere
        return 1


if __name__ == "__main__":
    sys.exit(run())
