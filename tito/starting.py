"""Where to start in JupyterLab, when a check fails: with the earlier question that it uses, if that is not right yet.

The notebook's file may be older than what runs, so only what ran since the kernel started is looked at, beside the
notebook as it was released.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

from tito import notebooks
from tito.notebooks import EMPTY, grade_id, is_check, is_stub
from tito.uses import answers_used, names_made, stubs_asked
from tito.workspace import UserError, Workspace

Ran = tuple[str, bool]  # the text of a cell, and whether it ended well


def where_to_start(folder: Path, text: str, ran: Sequence[Ran], names: Collection[str]) -> str:
    """A sentence about the earlier question to start with; "" where none is known, or where `text` is no check's.

    folder: where the notebook lies
    text: of the cell that fails
    ran: the cells that ran before it, in order
    names: those that have a value in the session
    """
    with suppress(UserError):  # outside of the course there is nothing to say
        pristine = _released_in(folder)
        check = _check_of(pristine, text)
        return _Session(pristine, ran, names).start_of(check) if check else ""
    return ""


def _released_in(folder: Path) -> dict:
    """The notebook of a module's folder as it was released. Raises UserError where there is none."""
    workspace = Workspace.find(folder)
    workspace.module(folder.name)
    return notebooks.load(workspace.pristine(folder.name))


def _check_of(notebook: dict, text: str) -> str | None:
    """The name of the check with this text."""
    cells = (cell for cell in notebook["cells"] if is_check(cell) and cell["source"].strip() == text.strip())
    return next(map(grade_id, cells), None)


class _Session:
    """What is known of each question from the cells that ran.

    checks: check → its text
    made: stub → the names that it gives a value
    stubs, uses: check → its stubs; check → the earlier checks whose answers it uses
    """

    def __init__(self, pristine: dict, ran: Sequence[Ran], names: Collection[str]):
        self.ran, self.names = ran, set(names)
        self.checks = {str(grade_id(cell)): cell["source"].strip() for cell in pristine["cells"] if is_check(cell)}
        self.made = {str(grade_id(cell)): names_made(cell["source"]) for cell in pristine["cells"] if is_stub(cell)}
        self.stubs = stubs_asked(pristine)
        written = [{**cell, "source": self._text(str(grade_id(cell))) or cell["source"]} for cell in pristine["cells"]]
        self.uses = answers_used(pristine, {**pristine, "cells": written})

    def start_of(self, check: str) -> str:
        """A sentence about the first question that a check uses, and that is not right yet; "" if none is known."""
        if self._is_written(check):
            for earlier in (name for name in self.checks if name in self.uses[check]):
                if trouble := self._trouble(earlier):
                    label = earlier.removeprefix("check_")
                    return f"Start above, with `{label}`: {trouble}, and this question uses `{label}`."
        return ""

    def _trouble(self, check: str) -> str:
        if not self._is_written(check):
            return "some of it is still to be written, or to be run"
        asked = [at for at, (text, _) in enumerate(self.ran) if text.strip() == self.checks[check]]
        changed = [at for one in (check, *self.uses[check]) for stub in self.stubs[one] for at in self._runs(stub)]
        failed = bool(asked) and asked[-1] > max(changed, default=-1) and not self.ran[asked[-1]][1]
        return "its own check failed" if failed else ""

    def _is_written(self, check: str) -> bool:
        """Whether a question's stubs are more than they were when they were released, and ran."""
        stubs = self.stubs[check]
        return all(self.made[stub] <= self.names and not EMPTY.search(self._text(stub)) for stub in stubs)

    def _runs(self, stub: str) -> list[int]:
        """Which cells gave a stub's names a value: the stub's own, or others."""
        made, checks = self.made.get(stub, frozenset()), self.checks.values()
        texts = ((at, text) for at, (text, _) in enumerate(self.ran) if text.strip() not in checks)
        return [at for at, text in texts if made & names_made(text)]

    def _text(self, stub: str) -> str:
        """The texts that last gave a stub's names their values."""
        made, last = self.made.get(stub, frozenset()), {}
        for at in self._runs(stub):
            last |= dict.fromkeys(made & names_made(self.ran[at][0]), at)
        return "\n".join(self.ran[at][0] for at in sorted(set(last.values())))
