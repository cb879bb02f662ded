"""One at a time at the gradebook: what nbgrader does when it makes one was not made for several at once."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from filelock import FileLock

MAKING = 0x7469746F  # PostgreSQL wants a number for its lock


@contextmanager
def alone_at(engine: sa.Engine) -> Iterator[None]:
    """Wait until nobody else is in here with the same database; the lock goes with the process, however it ends."""
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
    else:  # in memory: nobody else has it
        yield
