"""How all commands talk to a person or to a program."""

import json
import re
import sys
import time
from contextlib import contextmanager
from functools import cache

# What a terminal obeys, or shows in another order; not the tab, and not the end of a line.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@cache
def console():
    """Rich's console on standard output."""
    from rich.console import Console

    return Console(highlight=False)


@cache
def messages():
    """Rich's console on standard error: for what is no result, such as a progress bar."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: object = "") -> None:
    """Print a text with Rich's markup, or anything that Rich draws. The terminal breaks long lines; no word is cut."""
    if isinstance(text, str):
        console().print(text, soft_wrap=True)
    else:
        _wide_enough(text).print(text)


def _wide_enough(drawn):
    """The console; where that is too narrow for the words of a table, one that takes each row as it is."""
    from rich.console import Console

    wide = Console(highlight=False, width=1000)
    for column in getattr(drawn, "columns", ()):
        column.min_width = max(wide.measure(cell).minimum for cell in (column.header, *column.cells))
    return console() if _words(wide, drawn) <= _words(console(), drawn) else wide


def _words(shown_on, drawn) -> set[str]:
    """The words that a console shows of `drawn`, without the lines of a table."""
    lines = "".join(segment.text for segment in shown_on.render(drawn)).replace("─", " ").splitlines()
    return {word for line in lines for word in line[: shown_on.width].split()}


def table(*columns: str, title: str | None = None):
    """An empty Rich table in the course's style; print it with `say`."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    made = Table(title=title, box=SIMPLE_HEAD, title_justify="left", pad_edge=False, collapse_padding=True)
    for column in columns:
        made.add_column(column)
    return made


@contextmanager
def progress_bar(what: str, total: int):
    """Show a bar with the rate and the time that is left. Gives a function to be called after each step."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    rate = TextColumn("{task.fields[rate]:.1f}/s")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
    with Progress(*columns, console=messages(), transient=True, disable=not messages().is_terminal) as progress:
        task, started = progress.add_task(what, total=total, rate=0.0), time.monotonic()

        def advance():
            done = progress.tasks[0].completed + 1
            progress.update(task, completed=done, rate=done / (time.monotonic() - started))

        yield advance


def print_json(value) -> None:
    """Write one JSON document to standard output."""
    json.dump(value, sys.stdout, indent=2, default=str)
    sys.stdout.write("\n")


def complain(message: str) -> None:
    """Write one message to standard error."""
    messages().print(f"[bold red]tito:[/] {escape(message)}")


def escape(text: str) -> str:
    """`text` so that Rich shows its brackets, and the terminal its control characters: neither obeys them."""
    from rich.markup import escape

    shown = escape(CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text))
    backslashes = len(shown) - len(shown.rstrip("\\"))
    return shown + "\\" * (backslashes % 2)  # an odd one would make text of the markup that follows
