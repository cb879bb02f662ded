"""What all tests share: the option --thorough, their order, what they need of this machine, and a Ctrl-C that works."""

import functools
import gc
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from autograder.engine import sandbox

# A shell has what it starts in its background ignore Ctrl-C, and all that is started from there, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# nbgrader runs alembic by name. The course's configuration puts this folder there, but not before a test has read it.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


def pytest_addoption(parser):
    parser.addoption("--thorough", action="store_true", help="leave nothing to a sample: takes some hours")


def pytest_configure(config):
    """Properties may take any time, and try the same examples in each run; with --thorough, or a seed, they try others.

    An explicit --hypothesis-profile wins: Hypothesis loads it after this.
    """
    steady = settings.get_profile("ci")
    searches = config.getoption("thorough") or config.getoption("--hypothesis-seed", None) is not None
    settings.register_profile("steady", parent=steady, derandomize=not searches)
    settings.load_profile("steady")


def chromium_path() -> str | None:
    """Where Chromium is, by whichever of its names."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="session")
def chromium():
    return chromium_path()


def absent() -> dict[str, str]:
    """What tests need and this machine lacks -> why it is absent: protections, a browser, a machine of its own."""
    found = sandbox.absent() | ({} if chromium_path() else {"chromium": "it is not on the PATH"})
    return found | ({} if may_make_machines() else {"machine": "only root may make users, mounts and networks"})


@functools.cache
def may_make_machines() -> bool:
    """Whether a test may have users, mounts and a network of its own."""
    tried = ["unshare", "--mount", "--pid", "--net", "--fork", "mount", "--make-rprivate", "/"]
    return hasattr(os, "geteuid") and os.geteuid() == 0 and subprocess.run(tried, capture_output=True).returncode == 0


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session):
    """Name what this machine has. In CI an absent thing is an error, unless TINYTORCH_WITHOUT names it."""
    without = absent()
    lines = [f"protections: {', '.join(name for name in sandbox.PROTECTIONS if name not in without) or 'none'}"]
    lines += [f"absent: {name}, for {why}; tests that need it are left out" for name, why in without.items()]
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and not hasattr(session.config, "workerinput"):
        reporter.write_line("\n".join(lines))
    unexpected = set(without) - set(os.environ.get("TINYTORCH_WITHOUT", "").split(","))
    if os.environ.get("CI") and unexpected:
        pytest.exit(f"absent: {', '.join(sorted(unexpected))}; allow it with TINYTORCH_WITHOUT=name,name", returncode=1)


@pytest.hookimpl(optionalhook=True)  # a child without xdist reads this file, too
def pytest_xdist_auto_num_workers(config):
    """One worker more than there are cores: many tests wait, for a limit to pass or a process to start."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(config, items):
    """The journeys, minutes each, come first: at the end all workers would wait for the one that has them."""
    items.sort(key=lambda item: "journeys" not in item.path.parts)
    if not config.getoption("thorough"):
        left = [item for item in items if item.get_closest_marker("thorough")]
        items[:] = [item for item in items if item not in left]
        config.hook.pytest_deselected(items=left)
    without = absent()
    for item in items:
        for name in _needed(item) & set(without):
            item.add_marker(pytest.mark.skip(reason=f"needs {name}: {without[name]}"))


def pytest_collection_finish():
    """What was collected stays to the end. To look for garbage in it took a fifth of the time of this process."""
    gc.collect()
    gc.freeze()


def _needed(item) -> set[str]:
    return {name for mark in item.iter_markers("needs") for name in mark.args}
