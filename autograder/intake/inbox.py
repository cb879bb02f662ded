"""What lies in a folder that students, the exchange or another program put hand-ins into, and is complete."""

import hashlib
import os
from collections.abc import Set
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from autograder.intake.archives import Entry, listing
from autograder.intake.owners import ExchangeNames, Said, owner
from autograder.intake.times import when_by
from tito.workspace import UserError


@dataclass(frozen=True)
class InboxItem:
    """What one student handed in at a time.

    name: another one for each hand-in, also where a newer one lies in the same place
    inside: the folder in `path` that is meant; "" for all of it
    module: as its name says; None if that says nothing
    at: when, as its name says; otherwise when it arrived
    """

    name: str
    path: Path
    inside: str
    module: str | None
    at: datetime

    def entries(self, stack: ExitStack) -> list[Entry]:
        """Its files, as `tito collect` lists them."""
        found = listing(self.path, stack)
        if not self.inside:
            return list(found)
        above = self.path.parent.name  # as if that folder had been given, in which students have theirs
        return [replace(one, names=(above, *one.names)) for one in found if one.names[1] == self.inside]


class Inbox:
    """A folder that is looked at again and again. What is still being written is left for the next look."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.seen: dict[Path, str] = {}

    def look(self, known: Set[str]) -> list[InboxItem]:
        """What is complete: it is as it was at the last look. known: names of what was dealt with

        Raises UserError if the folder is gone.
        """
        if not self.folder.is_dir():
            raise UserError(f"{self.folder} is not there. Who hands in through nbgrader's exchange makes it.")
        before, self.seen, found = self.seen, {}, []
        for path, said in self._places():
            if said and said.system is ExchangeNames and path.name in known:  # no two have such a name
                continue
            try:
                print_, newest = _fingerprint(path)
            except FileNotFoundError:  # it is being moved
                continue
            self.seen[path] = print_
            made = self._hand_in(path, said, print_, newest)
            if before.get(path) == print_ and made.name not in known:
                found.append(made)
        return found

    @property
    def arriving(self) -> int:
        """How many are there that were not dealt with at the last look."""
        return len(self.seen)

    def _places(self):
        """Each place of a hand-in, with what its name says: at the top, or a folder in a student's own."""
        for top in sorted(self.folder.iterdir()):
            if top.name.startswith("."):
                continue
            said = owner(f"{top.name}/file")
            if said or not top.is_dir() or top.is_symlink():
                yield top, said
            else:
                yield from ((path, None) for path in sorted(top.iterdir()) if path.name[0] not in ".")

    def _hand_in(self, path: Path, said: Said | None, print_: str, newest: datetime) -> InboxItem:
        if said and said.system is ExchangeNames:
            return InboxItem(path.name, path, "", said.said["module"], _time(said) or newest)
        if path.parent != self.folder:
            return InboxItem(f"{path.parent.name}/{path.name} {print_}", path.parent, path.name, path.name, newest)
        return InboxItem(f"{path.name} {print_}", path, "", None, (said and _time(said)) or newest)


def _fingerprint(path: Path) -> tuple[str, datetime]:
    """What changes when something in `path` is written, and when that was last."""
    paths = [path, *(Path(where, name) for where, _, names in os.walk(path) for name in names)]
    states = [(str(one.relative_to(path)), one.lstat()) for one in paths]
    facts = [(name, state.st_size, state.st_mtime_ns) for name, state in states]
    newest = max(state.st_mtime for _, state in states)
    return hashlib.sha256(repr(sorted(facts)).encode()).hexdigest()[:16], datetime.fromtimestamp(newest, UTC)


def _time(said: Said) -> datetime | None:
    try:
        return when_by(said.said.get("timestamp") or "", None).moment
    except ValueError:
        return None
