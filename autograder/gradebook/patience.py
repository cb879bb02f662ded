"""Wait while another program writes to SQLite's gradebook, and say so.

It holds for all that SQLAlchemy connects to in a process that imports this: for nbgrader's own commands, too.
SQLite itself would wait in silence, and Ctrl-C would wait with it.
"""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from tito.console import complain

LONGEST = 60.0  # seconds
EACH = 1.0  # seconds that SQLite waits at a time
HELD = f"another program has held it for more than {LONGEST:.0f} seconds"


@event.listens_for(sa.Engine, "do_connect")
def _connect(dialect: Any, record: Any, arguments: Any, options: dict) -> None:
    if dialect.name == "sqlite":
        options.setdefault("timeout", EACH)


@event.listens_for(sa.Engine, "do_execute")
def _execute(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
    return _patiently(context, lambda: cursor.execute(statement, parameters))


@event.listens_for(sa.Engine, "do_executemany")
def _execute_many(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
    return _patiently(context, lambda: cursor.executemany(statement, parameters))


@event.listens_for(sa.Engine, "do_execute_no_params")
def _execute_alone(cursor: Any, statement: str, context: Any) -> bool:
    return _patiently(context, lambda: cursor.execute(statement))


def _patiently(context: Any, execute: Callable[[], object]) -> bool:
    """Execute a statement, again and again while the database is locked. True: SQLAlchemy has nothing left to do.

    A statement that finds a lock has done nothing: the first row that is written takes it.
    """
    until = None
    while True:
        try:
            execute()
            return True
        except sqlite3.OperationalError as error:
            if not is_busy(error):
                raise
            now = time.monotonic()
            if until is None:
                until = now + LONGEST
                name = Path(context.root_connection.engine.url.database or "").name
                complain(f"another program writes to {name}; waiting for it, {LONGEST:.0f} seconds at the most.")
            elif now > until:
                raise
            time.sleep(EACH / 10)  # where SQLite did not wait by itself


def is_busy(error: object) -> bool:
    """Whether an exception of SQLite says that another program holds the database, and may let go of it."""
    return isinstance(error, sqlite3.OperationalError) and (
        getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
    )
