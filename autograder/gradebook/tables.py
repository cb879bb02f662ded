"""The course's own tables beside nbgrader's, and how all tables are made."""

import contextlib
import os

import sqlalchemy as sa
from nbgrader.api import Base, Course
from nbgrader.dbutil import ALEMBIC_DIR

from autograder.gradebook import patience  # noqa: F401  (what connects to a gradebook is patient)
from autograder.gradebook.alone import alone_at
from tito.files import OTHERS
from tito.workspace import UserError

METADATA = sa.MetaData()
SEEDS = sa.Table(
    "tinytorch_seed",
    METADATA,
    sa.Column("module", sa.String(64), primary_key=True),
    sa.Column("version", sa.String(64), primary_key=True),
    sa.Column("seed", sa.BigInteger, nullable=False),
)
GRADED = sa.Table(  # what the scores of a submission are about; written in the commit that writes the scores
    "tinytorch_graded",
    METADATA,
    sa.Column("module", sa.String(64), primary_key=True),
    sa.Column("student", sa.String(128), primary_key=True),
    sa.Column("key", sa.String(64), nullable=False),  # a checksum of all that the result depends on
    sa.Column("notebook", sa.String(64), nullable=False),  # a checksum of the executed notebook
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("work", sa.String(64)),  # a checksum of what the student handed in
    sa.Column("answers", sa.JSON),  # name → a checksum of the text, for the answers that people grade
)
GIVEN = sa.Table(  # the scores that students were given back; a row more whenever a score is another one
    "tinytorch_given",
    METADATA,
    sa.Column("module", sa.String(64), primary_key=True),
    sa.Column("student", sa.String(128), primary_key=True),
    sa.Column("work", sa.String(64), primary_key=True),  # as in GRADED
    sa.Column("question", sa.String(128), primary_key=True),
    sa.Column("at", sa.DateTime, primary_key=True),
    sa.Column("score", sa.Float, nullable=False),
)
READ = sa.Table(  # which answers people have graded on the page for it: a row each time
    "tinytorch_read",
    METADATA,
    sa.Column("module", sa.String(64), primary_key=True),
    sa.Column("student", sa.String(128), primary_key=True),
    sa.Column("question", sa.String(128), primary_key=True),
    sa.Column("at", sa.DateTime, primary_key=True),
    sa.Column("by", sa.String(128), nullable=False),
    sa.Column("score", sa.Float),  # NULL: it waits again
    sa.Column("comment", sa.Text),
)
ATTEMPTS = sa.Table(  # the hand-ins that `tito watch` has graded and answered with a page
    "tinytorch_attempt",
    METADATA,
    sa.Column("module", sa.String(64), primary_key=True),
    sa.Column("student", sa.String(128), primary_key=True),
    sa.Column("name", sa.String(512), primary_key=True),  # of the hand-in, where it arrived
    sa.Column("handed_in", sa.DateTime, nullable=False),
    sa.Column("day", sa.Date, nullable=False),  # whose attempt it was
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("score", sa.Float),  # the machine's points; NULL: it could not be graded
)

# nbgrader finds rows by these columns. Without an index each submission takes longer than the one before.
LOOKED_UP = {
    "grade": "notebook_id",
    "comment": "notebook_id",
    "submitted_notebook": "assignment_id",
    "submitted_assignment": "student_id",
}


def make_tables(db_url: str, *courses: str) -> None:
    """Make nbgrader's tables, the course's own and indexes, and let SQLite serve readers while somebody writes.

    courses: ids of courses that nbgrader will ask for
    What an interrupted start has left out is made, too. Raises UserError for a gradebook of an older nbgrader.
    """
    engine = sa.create_engine(db_url)
    try:
        with alone_at(engine):
            if engine.dialect.name == "sqlite":
                _make_file(engine.url.database or "")
                with engine.connect() as connection:
                    connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            Base.metadata.create_all(engine)
            METADATA.create_all(engine)
            _stamp(engine)  # else nbgrader asks a program for its version: a second, and that program may be missing
            _add_courses(engine, {"default_course", *courses})
            _add_columns(engine)
            _make_indexes(engine)
    finally:
        engine.dispose()


def _make_file(path: str) -> None:
    """Make the file of a gradebook, if there is none, so that it is never open to others. SQLite makes it for all."""
    if path and not path.startswith((":", "file:")):  # these are SQLite's own names
        with contextlib.suppress(OSError):  # it is there, or SQLite will say what is wrong
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o666 & ~OTHERS))


def _stamp(engine: sa.Engine) -> None:
    """Note nbgrader's version where a start was stopped before nbgrader did: `nbgrader db upgrade` relies on it."""
    stamped = sa.text("SELECT version_num FROM alembic_version")
    with engine.begin() as connection:
        there = sa.inspect(connection).has_table("alembic_version")
        if there and connection.execute(stamped).scalar():
            return
        lacking = [f"{table}.{column.name}" for table, column in _missing(connection, Base.metadata)]
        if lacking:
            raise UserError(
                f"The gradebook lacks {', '.join(lacking)} and does not say which nbgrader made it. "
                "Make a copy of it, then: nbgrader db upgrade"
            )
        if not there:
            connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        insert = sa.text("INSERT INTO alembic_version (version_num) VALUES (:version)")
        connection.execute(insert, {"version": _newest()})


def _newest() -> str | None:
    """The version of nbgrader's tables, as the program `alembic` would tell it."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory(ALEMBIC_DIR).get_current_head()


def _add_courses(engine: sa.Engine, courses: set[str]) -> None:
    """Add the rows of courses that are missing. A Gradebook would, too, but looks at each table again before."""
    with engine.begin() as connection:
        there = set(connection.execute(sa.text("SELECT id FROM course")).scalars())
        if lacking := sorted(courses - there):
            connection.execute(sa.insert(Course), [{"id": course} for course in lacking])


def _add_columns(engine: sa.Engine) -> None:
    """Add the columns that a gradebook of an earlier version of this course lacks. They are empty in its rows."""
    with engine.begin() as connection:
        for table, column in _missing(connection, METADATA):
            kind = column.type.compile(engine.dialect)
            connection.exec_driver_sql(f'ALTER TABLE {table} ADD COLUMN "{column.name}" {kind}')


def _missing(connection: sa.Connection, metadata: sa.MetaData) -> list[tuple[str, sa.Column]]:
    """The columns that tables in the database lack, each with its table's name."""
    inspector, found = sa.inspect(connection), []
    for table in metadata.sorted_tables:
        known = {column["name"] for column in inspector.get_columns(table.name)}
        found += [(table.name, column) for column in table.columns if column.name not in known]
    return found


def _make_indexes(engine: sa.Engine) -> None:
    """Make the indexes that are missing. PostgreSQL locks a table even for an index that is there."""
    inspector = sa.inspect(engine)
    with engine.begin() as connection:
        for table, column in LOOKED_UP.items():
            name = f"tinytorch_{table}_{column}"
            if name not in {index["name"] for index in inspector.get_indexes(table)}:
                connection.exec_driver_sql(f'CREATE INDEX {name} ON "{table}" ({column})')
