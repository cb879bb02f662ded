"""What all commands share in talking to a person or a program."""

import json
import sys
from functools import cache


@cache
def console():
    """Rich's console on standard output."""
    from rich.console import Console

    class PlainConsole(Console):
        def on_broken_pipe(self):
            """Let the exception through, where Rich would end the process with exit code 1."""
            raise

    return PlainConsole(highlight=False)


def say(text: object = "") -> None:
    """Print a text, with Rich's markup, or anything that Rich draws. Long lines are left to the terminal."""
    console().print(text, soft_wrap=isinstance(text, str))


def table(*columns: str, title: str | None = None):
    """An empty Rich table in the course's style; print it with `say`."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    made = Table(title=title, box=SIMPLE_HEAD, title_justify="left", pad_edge=False, collapse_padding=True)
    for column in columns:
        made.add_column(column)
    return made


def print_json(value) -> None:
    """One JSON document on standard output, and nothing else."""
    json.dump(value, sys.stdout, indent=2, default=str)
    sys.stdout.write("\n")


def complain(message: str) -> None:
    """One message on standard error."""
    from rich.console import Console

    Console(stderr=True, highlight=False, soft_wrap=True).print(f"[bold red]tito:[/] {escape(message)}")


def escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)
