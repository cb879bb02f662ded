"""The same grades with PostgreSQL as with SQLite, in a real kernel as in the lean process, on a cluster as here."""

import multiprocessing
import os
import re
import shutil
import signal
import tempfile
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from distributed import LocalCluster

from autograder.demo.course import fresh_course
from autograder.demo.simulate import Simulation
from autograder.engine import pool
from autograder.engine.pool import Options
from autograder.gradebook.api import nbgrader_api
from autograder.gradebook.tables import SEEDS, make_tables
from autograder.grading.pipeline import grade_module
from autograder.handing_out.release import release_one
from autograder.judging.source import Source
from tests.autograder.postgres import Cluster
from tito.workspace import UserError, Workspace

ROOT = Path(__file__).resolve().parents[3]
TABLES = ("student", "submitted_assignment", "submitted_notebook", "grade", "comment", "base_cell", "tinytorch_graded")
ACCIDENTAL = {"id", "notebook_id", "cell_id", "assignment_id", "at"}  # drawn at random, or the time


@pytest.fixture(scope="module")
def demo_class(tmp_path_factory, pytestconfig):
    """The course with every second of the class of `tito demo` for its first module, handed in and not graded yet; with
    --thorough with all of them."""
    course = fresh_course(Workspace.find(ROOT), tmp_path_factory.mktemp("demo") / "course")
    manifest = course.root / "course.yml"
    quick = re.sub(r"cell_seconds: \d+", "cell_seconds: 1", manifest.read_text())  # who sleeps takes it all
    manifest.write_text(quick)
    source = Source.of(course, "setup")
    with nbgrader_api(course) as api:
        release_one(api, source)
    release = course.root / "release" / "setup" / source.path.name
    everybody = list(Simulation(source, release, ROOT / "tests" / "course" / "versions").submissions())
    for one in everybody[:: 1 if pytestconfig.getoption("thorough") else 2]:
        folder = course.root / "submitted" / one.student / "setup"
        folder.mkdir(parents=True)
        (folder / one.file).write_text(asleep(one) if "endless" in one.what else one.text, encoding="utf-8")
    return course.root


def asleep(endless):
    """As endless, but without keeping a core busy in each of the gradings below."""
    spinning, sleeping = '"        pass"', "\"        __import__('time').sleep(1)\""
    assert spinning in endless.text
    return endless.text.replace(spinning, sleeping)


@pytest.fixture
def copy(demo_class, own_copy):
    return Source.of(Workspace.find(own_copy(demo_class)), "setup")


@pytest.fixture(scope="module")
def here(shut_in, demo_class, tmp_path_factory):
    """What this machine makes of the class, with all defaults: student → (points, or why there are none)."""
    root = tmp_path_factory.mktemp("here") / "course"
    shutil.copytree(demo_class, root)
    rows = grade_module(Source.of(Workspace.find(root), "setup"))
    return root, outcomes(rows)


def outcomes(rows):
    return {row.student: row.cells or row.trouble for row in rows}


def contents(url):
    """All rows of the gradebook that are not accidental."""
    engine, found = sa.create_engine(url), {}
    with engine.connect() as connection:
        for name in TABLES:
            rows = connection.execute(sa.text(f"select * from {name}")).mappings()
            found[name] = sorted(
                str(
                    {
                        key: int(value) if isinstance(value, bool) else value
                        for key, value in row.items()
                        if key not in ACCIDENTAL
                    }
                )
                for row in rows
            )
    engine.dispose()
    return found


# --- PostgreSQL -----------------------------------------------------------------------------------


@pytest.fixture
def postgres(monkeypatch):
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(folder)
        monkeypatch.setenv("TINYTORCH_GRADEBOOK", cluster.url)
        yield cluster
        cluster.stop()


def test_postgresql_has_the_same_gradebook(copy, here, postgres):
    root, expected = here
    shutil.rmtree(copy.workspace.root / "release" / "setup")
    with nbgrader_api(copy.workspace) as api:
        release_one(api, copy)
    shutil.copy(root / "gradebook.db", copy.workspace.root / "other.db")
    _same_seed(f"sqlite:///{copy.workspace.root}/other.db", postgres.url)
    assert outcomes(grade_module(copy)) == expected
    one, other = contents(postgres.url), contents(f"sqlite:///{root}/gradebook.db")
    assert {name: rows for name, rows in one.items() if name != "tinytorch_graded"} == {
        name: rows for name, rows in other.items() if name != "tinytorch_graded"
    }
    assert len(one["tinytorch_graded"]) == len(other["tinytorch_graded"])


def _same_seed(of, to):
    """The release has drawn a seed of its own: let the one of another gradebook take its place."""
    one, other = sa.create_engine(of), sa.create_engine(to)
    with one.connect() as source, other.begin() as target:
        target.execute(SEEDS.delete())
        for row in source.execute(SEEDS.select()).mappings():
            target.execute(SEEDS.insert().values(**row))


def test_postgresql_restarted_meanwhile(copy, here, postgres, monkeypatch):
    with nbgrader_api(copy.workspace) as api:
        release_one(api, copy)
    from autograder.gradebook import record

    real, saved = record.Book.save, []

    def save(self, student, *rest):
        saved.append(student)
        if len(saved) == 5:
            postgres.stop()
            postgres.start()
        return real(self, student, *rest)

    monkeypatch.setattr(record.Book, "save", save)
    first = outcomes(grade_module(copy))
    again = outcomes(grade_module(copy))
    assert first != again
    assert again == here[1]


@pytest.fixture(params=["sqlite", "postgres"])
def new_gradebook(request, course, tmp_path):
    """A course whose gradebook nobody has opened yet: the course's root, and the gradebook's URL."""
    root = tmp_path / "new"
    shutil.copytree(course, root, ignore=shutil.ignore_patterns(".cache"))
    return root, request.getfixturevalue(
        "postgres"
    ).url if request.param == "postgres" else f"sqlite:///{root}/gradebook.db"


def _start(root, barrier, said):
    """The first that a grader does with a gradebook, at the same moment as all the others."""
    from autograder.gradebook import record

    try:
        barrier.wait()
        with nbgrader_api(Workspace.find(root)) as api:
            seed = record.seed_of(api.coursedir.db_url, "setup", "version")
            with api.gradebook as gradebook:
                gradebook.add_student(f"student-{os.getpid()}")
        said.put(seed)
    except BaseException as error:
        said.put(f"{type(error).__name__}: {error}")


def test_twelve_first_starts_at_once(new_gradebook):
    root, url = new_gradebook
    context = multiprocessing.get_context("fork")  # all with everything imported, so that nothing spreads them
    barrier, said = context.Barrier(12), context.Queue()
    starting = [context.Process(target=_start, args=(root, barrier, said)) for _ in range(12)]
    for process in starting:
        process.start()
    seeds = [said.get(timeout=300) for _ in starting]
    for process in starting:
        process.join()
    assert len(set(seeds)) == 1, seeds
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        assert connection.execute(sa.text("select count(*) from student")).scalar() == 12
        assert connection.execute(sa.text("select count(*) from alembic_version")).scalar() == 1
        if engine.dialect.name == "sqlite":
            assert connection.execute(sa.text("pragma journal_mode")).scalar() == "wal"
    indexes = {index["name"] for index in sa.inspect(engine).get_indexes("grade")}
    engine.dispose()
    assert "tinytorch_grade_notebook_id" in indexes


def test_a_start_waits_for_nobody_who_writes(new_gradebook):
    """Neither for a grader in the middle of a commit, nor, after that, the grader for it."""
    root, url = new_gradebook
    with nbgrader_api(Workspace.find(root)):
        pass
    engine = sa.create_engine(url)
    with engine.begin() as writer:
        for table in ("grade", "comment"):
            writer.execute(sa.text(f"delete from {table}"))
        made = threading.Event()
        start = threading.Thread(target=lambda: (make_tables(url, "tinytorch"), made.set()), daemon=True)
        start.start()
        in_time = made.wait(60)
    engine.dispose()
    assert in_time


def test_what_an_interrupted_start_left_out_is_made(new_gradebook):
    root, url = new_gradebook
    with nbgrader_api(Workspace.find(root)):
        pass
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for missing in ("index tinytorch_grade_notebook_id", "table comment", "table tinytorch_seed"):
            connection.execute(sa.text(f"drop {missing}"))
    make_tables(url)
    found = sa.inspect(engine)
    assert found.has_table("tinytorch_seed")
    for table in ("grade", "comment"):
        assert f"tinytorch_{table}_notebook_id" in {index["name"] for index in found.get_indexes(table)}
    engine.dispose()


# --- a real kernel --------------------------------------------------------------------------------


def test_a_real_kernel_gives_the_same_scores(copy, here):
    assert outcomes(grade_module(copy, options=Options(kernel=True))) == here[1]


# --- a cluster ------------------------------------------------------------------------------------


def test_a_cluster_one_of_whose_workers_dies(copy, here, monkeypatch):
    monkeypatch.setenv("DASK_DISTRIBUTED__WORKER__DAEMON", "False")
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as cluster:
        victim = next(iter(cluster.workers.values())).pid
        from autograder.gradebook import record

        real, saved = record.Book.save, []

        def save(self, student, *rest):
            saved.append(student)
            if len(saved) == 3:
                os.kill(victim, signal.SIGKILL)
            return real(self, student, *rest)

        monkeypatch.setattr(record.Book, "save", save)
        options = Options(scheduler=cluster.scheduler_address)
        assert outcomes(grade_module(copy, options=options)) == here[1]
        assert len(saved) == len(set(saved))


def test_no_cluster_there(copy, monkeypatch):
    monkeypatch.setattr(pool, "SCHEDULER_SECONDS", 1)
    with pytest.raises(UserError, match=r"No Dask scheduler answers at tcp://127.0.0.1:9"):
        grade_module(copy, options=Options(scheduler="tcp://127.0.0.1:9"))
