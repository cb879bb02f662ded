"""Let one process at a time make the gradebook: nbgrader's code fails if several do it at once."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from filelock import FileLock

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
        with FileLock(f"{engine.url.database}.lock"):
            yield
    else:  # in memory: no other process has it
        yield
