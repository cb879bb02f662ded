"""From a trunk a version gets the verdicts of a run of its own, and the next one sees nothing of it."""

import dataclasses

import pytest
from trunk import Trunk
from versions import all_versions, first_change, judged, judged_from, source_of

from autograder.demo.versions import with_cells
from autograder.engine.execute import Job, execute
from tito.limits import Limits

LIMITS = Limits(cell_seconds=0.7, notebook_seconds=20)
WRITES = "import os; open('new', 'w').close(); os.makedirs('folder/in'); os.remove('old'); x = 2"
LOOKS = "import os; from tito import checks; checks.equal('seen', [x, sorted(os.listdir()), os.path.exists('old')], 0)"


@pytest.mark.needs("files")
@pytest.mark.parametrize("name", ["half_done", "os_exit", "syntax_error", "hello_tinytorch_prints", "plain_loops"])
def test_the_same_verdicts_as_in_a_run_of_its_own(name):
    source = source_of("setup")
    (version,) = [version for version in all_versions("setup") if version.name == name]
    notebook = with_cells(source.notebook, source, version.cells)
    alone, branch = judged(notebook, source), judged_from(first_change(version), notebook, source, follow=True)
    assert branch == {name: alone[name] for name in branch}
    assert all(verdict.passed for name, verdict in alone.items() if name not in branch)


@pytest.fixture
def make_job():
    """A function that makes a job: a cell that all share, one of its own, and a check of what lies there."""
    package = source_of("setup").package_files

    def make(*texts):
        cells = [("shared", False, "x = 1"), *(("own", False, text) for text in texts), ("check", True, LOOKS)]
        return Job(tuple(cells), {"old": b"1", "old folder/old": b"2"}, package, 7, LIMITS)

    return make


@pytest.mark.needs("files")
@pytest.mark.parametrize("ends", ["", "; os._exit(3)", "; os.kill(os.getpid(), 9)", "\nwhile True: pass", "; 1 / 0"])
def test_the_next_one_sees_nothing_of_it(make_job, ends):
    trunk = Trunk(make_job())
    untouched = execute(make_job())
    assert trunk.execute(make_job()).emissions == untouched.emissions
    process = trunk.process
    own = make_job(WRITES + ends)
    assert _told(trunk.execute(own)) == _told(execute(own))
    assert trunk.execute(make_job()).emissions == untouched.emissions
    assert trunk.process is process, "the trunk fell with the version"


def _told(run) -> dict:
    return {**dataclasses.asdict(run), "seconds": 0}


@pytest.mark.needs("files")
def test_a_trunk_that_has_died_grows_anew(make_job):
    trunk = Trunk(make_job())
    once = trunk.execute(make_job())
    trunk.process._end()
    with pytest.raises(AssertionError):
        trunk.execute(make_job())
    assert trunk.execute(make_job()).emissions == once.emissions
