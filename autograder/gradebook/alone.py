"""Let one process at a time make the gradebook: nbgrader's code fails if several do it at once."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from filelock import FileLock, Timeout

from tito.console import complain

SOON = 5  # seconds, which nobody has to hear of
MAKING = 0x7469746F  # PostgreSQL wants a number for its lock


@contextmanager
def alone_at(engine: sa.Engine) -> Iterator[None]:
    """Wait until no other process is in here with the same database. The lock goes when the process ends."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_lock(MAKING)))
            try:
                yield
            finally:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(MAKING)))
    elif engine.url.database:
        lock = FileLock(f"{engine.url.database}.lock")
        try:
            lock.acquire(timeout=SOON)
        except Timeout:
            complain(f"another process opens {engine.url.database}; waiting for it to finish.")
            lock.acquire()
        try:
            yield
        finally:
            lock.release()
    else:  # in memory: no other process has it
        yield
