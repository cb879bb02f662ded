"""Fill submitted/<student>/<module>/ with the files that an LMS, the exchange or students give.

The outermost name says whose a file is. A notebook's cells say which module it belongs to, whatever the file is called.
Every file gets a row that says what became of it. A student about whom there is any doubt stays unchanged: the rows say
what a person has to decide, and the other students go on.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

from autograder.deadlines.deadlines import Deadlines
from autograder.intake.archives import Budget, Entry, File, contents, is_zip
from autograder.intake.decisions import NOBODY, Decision, Decisions
from autograder.intake.ids import LONGEST, can_be_id, same_name
from autograder.intake.notebooks import Candidate, choose, is_notebook, is_untouched, module_of
from autograder.intake.owners import (
    WRITTEN_BY_SYSTEMS,
    AttemptNames,
    CanvasNames,
    ExchangeNames,
    Said,
    SubmittedNames,
    login_in,
    owner,
)
from autograder.intake.roster import Roster
from autograder.intake.submitted import plain_files, refuse_unreadable
from autograder.intake.times import IN_TIME, STAMP, When, when_by
from autograder.judging.source import Source, ignored
from tito import clock
from tito.files import finish_replacing, replace_folder
from tito.notebooks import parse
from tito.workspace import UserError

NEVER = datetime.min.replace(tzinfo=UTC)
DEBRIS = re.compile(r"(^|/)(__MACOSX|\.ipynb_checkpoints|__pycache__|\.DS_Store|Thumbs\.db|desktop\.ini|\._[^/]*)(/|$)")
BY_A_PERSON = "passed over: a person says so"
UNSAID = "its name does not say whose it is"
IN_A_ZIP = f"{UNSAID}. If it is what a system gave, unpack {{}}, and give {{}} alone"
NOT_SAID = "nobody says when it was handed in: say it with --map for one student, or with --time for all"
LATE_UNSAID = "it was late, and nobody says when it was handed in: say it with --map"
LONG_BEFORE = timedelta(days=300)  # a year that somebody typed is the last one, as a rule in January


@dataclass
class FileRow:
    """What became of a file, in words. trouble: whether a person has to look at it."""

    path: str
    student: str
    text: str
    trouble: bool = False


@dataclass(frozen=True)
class Item:
    """A file that was given, what its name says, and what a person says: whether whose it is, and when it came."""

    entry: Entry
    said: Said
    by_hand: bool = False
    when: When | None = None


@dataclass
class Piece:
    """A file that was read. rest: where it lies in what the student handed in; text: what became of it, if anything."""

    file: File
    rest: str
    version: tuple[str, int, int] | None = None
    text: str = ""
    trouble: bool = False


@dataclass
class Arrival:
    """What a student handed in at a time. typed: by which option a person says when; "" where nobody does"""

    items: list[Item]
    pieces: list[Piece]
    when: When = field(default_factory=When)
    numbers: tuple[int, ...] = ()
    notebook: Candidate | None = None
    typed: str = ""
    files: dict[str, bytes] = field(default_factory=dict)  # for submitted/: path → content


@dataclass
class Collection:
    """The work on the files that were given for one module.

    otherwise: when those files came of which nothing says it
    """

    source: Source
    roster: Roster
    deadlines: Deadlines
    decisions: Decisions = field(default_factory=Decisions)
    otherwise: When = field(default_factory=When)
    rows: list[FileRow] = field(default_factory=list)

    # --- whose each file is ---------------------------------------------------------------------------

    def sort(self, entries: list[Entry]) -> dict[str, list[Item]]:
        """student → files. All other files get their rows. No file is read."""
        found: dict[str, list[Item]] = {}
        titles = _titles(entries)
        for entry in entries:
            said, why = self._said(entry, titles)
            decided = self.decisions.of(_ways(entry), said.number if said else "")
            student = next((one.student for one in decided if one.student), "")
            if student == NOBODY:
                self._row(entry.path, "", BY_A_PERSON)
            elif said is None and not student:
                self._without_owner(entry, why)
            elif said and not student and _other_module(said, self.source):
                self._row(entry.path, "", f"left out: of {said.said['module']}")
            else:
                item = Item(
                    entry,
                    said or _by_hand(entry, decided),
                    bool(student),
                    next((one.when for one in decided if one.when), None),
                )
                student, why = (student, "") if student else self.roster.find(item.said)
                if student and can_be_id(student):
                    found.setdefault(student, []).append(item)
                else:
                    self._row(entry.path, "", why or f"{student!r} can't be a student's id", trouble=True)
        return dict(sorted(found.items()))

    def _said(self, entry: Entry, titles: set[str]) -> tuple[Said | None, str]:
        """What the outermost name says, or None and why nothing."""
        container, *inside = entry.names
        if inside and inside[0] == PurePosixPath(container).stem:  # a folder that was packed as a whole
            inside = inside[1:]
        outer, inner = owner(container), owner("/".join(inside))
        modules = _all_modules(self.source)
        if inner and inner.system is SubmittedNames and inner.said["module"] not in modules:
            inner = None
        if outer and inner and inside:
            return None, f"{container} is called like one student's, and holds names of several: rename it if it does"
        said = replace(outer, rest=tuple(inside)) if outer and inside else outer or inner
        if said and said.system is ExchangeNames and said.said["module"] not in modules:
            return None, f"there is no module {said.said['module']!r}"
        if said is None or said.system is not AttemptNames:
            return said, UNSAID
        known = login_in(said.said["title"] or "", said.said["student_id"] or "", container, titles)
        if known is None:
            return None, "its name does not say where the assignment's name ends and the login begins"
        return replace(said, said={**said.said, "student_id": known}), ""

    def _without_owner(self, entry: Entry, why: str) -> None:
        name = entry.names[-1]
        if DEBRIS.search("/".join(entry.names)) or (len(entry.names) <= 3 and name in WRITTEN_BY_SYSTEMS):
            self._row(entry.path, "", "left out: a system's own file")
        else:
            if why == UNSAID and len(entry.names) == 2 and all(map(is_zip, entry.names)):
                why = IN_A_ZIP.format(*entry.names)
            self._row(entry.path, "", f"not read: {entry.refused}" if entry.refused else why, trouble=True)

    def _row(self, path: str, student: str, text: str, trouble: bool = False) -> None:
        self.rows.append(FileRow(path, student, text, trouble))

    # --- what one student handed in -------------------------------------------------------------------

    def take(self, student: str, items: list[Item]) -> None:
        """Read one student's files, and put what counts into submitted/. Every file gets its row."""
        hand_ins: list[Arrival] = []
        try:
            self._take(student, items, hand_ins)
        except UserError as error:
            doubt = str(error)
        except OSError as error:
            doubt = f"{error.strerror or error}: {error.filename or ''}".rstrip(": ")
        except Exception as error:  # whatever it is, it must harm no other student
            doubt = f"{type(error).__name__}: {error}"
        else:
            doubt = ""
        for piece in (piece for one in hand_ins for piece in one.pieces):
            if piece.text:
                self._row(piece.file.path, student, piece.text, piece.trouble)
            else:
                self._row(piece.file.path, student, f"not taken: {doubt}", trouble=True)
        read = {item.entry for one in hand_ins for item in one.items}
        for item in items:
            if item.entry not in read:
                self._row(item.entry.path, student, f"not taken: {doubt}", trouble=True)

    def _take(self, student: str, items: list[Item], hand_ins: list[Arrival]) -> None:
        budget = Budget()
        groups: dict[tuple, list[Item]] = {}
        for item in items:
            groups.setdefault((item.entry.names[0], item.said.hand_in, item.when), []).append(item)
        refuse = _two_people(items)
        for group in groups.values():
            hand_ins.append(Arrival(group, [piece for item in group for piece in self._pieces(item, budget)]))
        unread = [piece for one in hand_ins for piece in one.pieces if piece.trouble]
        if refuse or unread:
            raise UserError(refuse or f"{unread[0].file.path} was {unread[0].text}; --map can pass it over")
        for one in hand_ins:
            self._sort_out(one)
        attempts = [one for one in hand_ins if one.notebook]
        if not attempts:
            for piece in (piece for one in hand_ins for piece in one.pieces):
                piece.trouble = piece.text != BY_A_PERSON
            return
        self._lay(student, self._best(student, attempts), attempts)

    def _pieces(self, item: Item, budget: Budget) -> list[Piece]:
        """The files of an item. A zip without notebooks stays one file."""
        outer = "/".join(item.said.rest)
        read = [
            Piece(file, f"{outer}{file.path.removeprefix(item.entry.path)}", item.said.version)
            for file in self._unpacked(item.entry, budget)
        ]
        for piece in read:
            decided = (one.student for one in self.decisions.of(_ways(item.entry, piece.file.path)) if one.student)
            if next(decided, "") == NOBODY:
                piece.text = BY_A_PERSON
            elif DEBRIS.search(piece.file.path) or not piece.rest:
                piece.text = "left out: a system's own file"
            elif piece.file.refused:
                piece.text, piece.trouble = f"not read: {piece.file.refused}", True
        return read

    @staticmethod
    def _unpacked(entry: Entry, budget: Budget) -> list[File]:
        kept: list[bytes] = []

        def read() -> bytes:
            kept.append(entry.read())
            return kept[0]

        found = list(contents(replace(entry, read=read), budget))
        if is_zip(entry.path) and kept and not any(one.refused or is_notebook(one.name) for one in found):
            return [File(entry.path, kept[0])]
        return found

    def _sort_out(self, one: Arrival) -> None:
        """Decide which notebook of a hand-in counts, which files lie beside it, and when it came."""
        open_ = [piece for piece in one.pieces if not piece.text]
        notebooks = [piece for piece in open_ if is_notebook(piece.file.name)]
        candidates = [Candidate(piece.rest, piece.file.content, piece.version) for piece in notebooks]
        one.notebook, passed = choose(self.source, candidates)
        if one.notebook:  # one that can't be read would take the place of an earlier one that can
            parse(one.notebook.content, one.notebook.path)
        for number, why in passed.items():
            notebooks[number].text = why
        for piece, candidate in zip(notebooks, candidates, strict=True):
            kind = module_of(candidate, self.source.workspace)
            if not piece.text and candidate is not one.notebook:
                what = f"a notebook of {kind}" if kind else f"no notebook of {self.source.module}"
                piece.text = f"left out: {what}"
        one.when = self._when(one)
        versions = [item.said.version for item in one.items if item.said.version]
        one.numbers = max(((attempt, number) for _, attempt, number in versions), default=(0, 0))
        self._beside(one, open_)

    def _when(self, one: Arrival) -> When:
        """When it came: a person says it, or the outermost name, or timestamp.txt in a folder as in submitted/."""
        first, zone = one.items[0], self.source.workspace.course.zone
        said = first.said
        if first.when:
            one.typed = "--map"
            return self._of_this_year(first.when)
        stamp = next((piece for piece in one.pieces if piece.rest == STAMP and not piece.file.refused), None)
        text = said.said.get("timestamp")
        if text is None and stamp and said.system is SubmittedNames:
            text, stamp.text = stamp.file.content.decode(errors="replace"), "read: when it was handed in"
        try:
            if text is not None:
                return when_by(text, zone)
        except ValueError as error:
            raise UserError(str(error)) from None
        if said.system is CanvasNames:
            late = any(item.said.said["late"] for item in one.items)
            return When(late=late)
        one.typed = "--time" * (self.otherwise != When())
        return self._of_this_year(self.otherwise)

    def _of_this_year(self, typed: When) -> When:
        """What a person typed. Raises UserError for a time so long before the deadline that the year seems wrong."""
        due = self.deadlines.course_due(self.source.module)
        if due and typed.moment and typed.moment < due - LONG_BEFORE:
            days = (due - typed.moment).days
            raise UserError(
                f"{clock.shown(typed.moment, self.source.workspace.course.zone)} is {days} days before it was due: "
                f"is the year right? If so, say `{IN_TIME}`"
            )
        return typed

    def _beside(self, one: Arrival, pieces: list[Piece]) -> None:
        """The files that lie in the notebook's folder go with it."""
        folder = PurePosixPath(one.notebook.path).parent if one.notebook else None
        for piece in pieces:
            if piece.text or (one.notebook and piece.rest == one.notebook.path):
                continue
            inside = PurePosixPath(piece.rest)
            if folder is None or not inside.is_relative_to(folder):
                piece.text = f"left out: no notebook of {self.source.module}" + " is in it" * is_zip(piece.rest)
                continue
            place = inside.relative_to(folder)
            if place.as_posix().casefold() == STAMP:
                piece.text = "left out: what a student writes does not say when it came"
            elif ignored(place):
                piece.text = "left out: nothing that begins with . or _ is graded"
            else:
                _put(one.files, place.as_posix(), piece.file.content)
        if one.notebook:
            _put(one.files, self.source.path.name, one.notebook.content)

    def _best(self, student: str, attempts: list[Arrival]) -> Arrival:
        """The hand-in that counts: one that was worked on, in time, the newest. Raises UserError if nobody can tell."""
        due = self.deadlines.due(student, self.source.module)

        def rank(one: Arrival) -> tuple:
            worked = one.notebook is not None and not is_untouched(one.notebook, self.source)
            return worked, not one.when.is_late(due), one.when.moment or NEVER, *one.numbers

        best, *others = sorted(attempts, key=rank, reverse=True)
        for other in others:
            known = (best.when.moment is None) == (other.when.moment is None)
            differ = best.files != other.files
            if differ and rank(best)[0] == rank(other)[0] and (not known or rank(best) == rank(other)):
                raise UserError(
                    "it was handed in more than once, and nobody can tell which one is newer: say it with --map"
                )
        return best

    # --- submitted/ -----------------------------------------------------------------------------------

    def _lay(self, student: str, best: Arrival, attempts: list[Arrival]) -> None:
        """Write the hand-in that counts to submitted/, and keep what lay there in replaced/."""
        due = self.deadlines.due(student, self.source.module)
        text = self._lay_one(student, best, due)
        for one in attempts:
            late = one.when.is_late(due) and not best.when.is_late(due)
            older = "left out: late, and another one was in time" if late else "left out: an older attempt"
            for piece in one.pieces:
                if piece.text:
                    continue
                counts = one.notebook is not None and piece.rest == one.notebook.path
                piece.text = (text if counts else "taken along") if one is best else older

    def _lay_one(self, student: str, one: Arrival, due: datetime | None) -> str:
        workspace = self.source.workspace
        folder = workspace.root / "submitted" / student / self.source.module
        _refuse_names(one.files)
        refuse_unreadable(folder)
        finish_replacing(folder)
        late = ", late" * bool(one.when.is_late(due))
        if stamp := one.when.stamp(due):
            one.files[STAMP] = stamp.encode()
        present = plain_files(folder) if folder.is_dir() else None
        if present == one.files:
            return f"unchanged{late}"
        kept = ""
        if present is not None:
            if reason := self._keeps(student, present, one, due):
                return reason
            kept = f"; what was there is in {workspace.relative(self._keep(student, present))}"
        elif not one.when.is_enough(due):
            raise UserError(_why_unknown(one.when))
        replace_folder(folder, one.files)
        return f"taken{late}{kept}"

    def _keeps(self, student: str, present: dict[str, bytes], one: Arrival, due: datetime | None) -> str:
        """Why submitted/ keeps what it has; "" if the new one takes its place. Raises UserError if nobody can tell."""
        same = _without_time(present) == _without_time(one.files)
        if same and one.typed == "--map":  # which corrects the time
            return ""
        there = _stamped(present, self.source)
        if same and one.typed and there.moment:
            shown = clock.shown(there.moment, self.source.workspace.course.zone)
            return f"left out: the same work is in submitted/, of {shown}; --map can change its time"
        if one.notebook is not None and is_untouched(one.notebook, self.source):
            old = Candidate(self.source.path.name, present.get(self.source.path.name, b""))
            if old.content and not is_untouched(old, self.source):
                return "left out: as it was released, and what is in submitted/ was worked on"
        if not one.when.is_enough(due):
            if there.moment:
                raise UserError(
                    f"it says no time, and what is in submitted/ is of {there.moment:%Y-%m-%d %H:%M:%S} UTC"
                )
            raise UserError(_why_unknown(one.when))
        if there.moment and one.when.moment is None and due:
            raise UserError(f"it says no time, and what is in submitted/ is of {there.moment:%Y-%m-%d %H:%M:%S} UTC")
        if due and one.when.is_late(due) and there.is_late(due) is False:
            return "left out: late, and what is in submitted/ was in time"
        if there.is_late(due) and one.when.is_late(due) is False:
            return ""
        return "left out: submitted/ has a newer one" if _is_newer(there, one.when) else ""

    def _keep(self, student: str, present: dict[str, bytes]) -> Path:
        """A folder in replaced/ that holds what lay in submitted/: a new one, unless one has it already."""
        home = self.source.workspace.root / "replaced" / student
        for number in range(1, 10**6):
            path = home / f"{self.source.module}-{number}"
            finish_replacing(path)
            if not path.exists():
                replace_folder(path, present)
                return path
            if plain_files(path) == present:
                return path
        raise UserError(f"{home} is full.")


def _why_unknown(when: When) -> str:
    return LATE_UNSAID if when.late else NOT_SAID


def _is_newer(there: When, here: When) -> bool:
    return bool(there.moment and here.moment and there.moment > here.moment)


def _without_time(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name != STAMP}


def _stamped(present: dict[str, bytes], source: Source) -> When:
    """When what lies in submitted/ was handed in."""
    if STAMP not in present:
        return When()
    try:
        return when_by(present[STAMP].decode(), source.workspace.course.zone)
    except ValueError as error:
        raise UserError(f"the {STAMP} in submitted/ can't be read: {error}") from None


def _titles(entries: list[Entry]) -> set[str]:
    """Names of assignments that Blackboard's names have for sure: those with a single underscore."""
    found = [owner("/".join(entry.names[number:])) for entry in entries for number in (0, 1)]
    said = [one.said for one in found if one and one.system is AttemptNames]
    return {one["title"] or "" for one in said if "_" not in f"{one['title']}"}


def _ways(entry: Entry, path: str = "") -> list[str]:
    """The ways to say where a file lies: as it is shown, and from what was given, or without."""
    path = path or entry.path
    inside = path.removeprefix(f"{entry.names[0]}/")
    return [path, inside, f"{entry.names[0]}/{inside}"]


def _by_hand(entry: Entry, decided: list[Decision]) -> Said:
    """What a person says of a file whose name says nothing."""
    meant = next(one.meant for one in decided if one.student)
    inside = next(way for way in map(same_name, _ways(entry)) if way == meant or way.startswith(f"{meant}/"))
    rest = inside.removeprefix(meant).strip("/") or entry.names[-1]
    return Said(SubmittedNames, {"student_id": "", "module": ""}, meant, tuple(rest.split("/")))


def _other_module(said: Said, source: Source) -> bool:
    module = said.said.get("module") if said.system in (ExchangeNames, SubmittedNames) else None
    return module != source.module and module in _all_modules(source)


def _all_modules(source: Source) -> set[str]:
    """The modules of the course, and those that it hides: students may have handed them in before."""
    return {*source.workspace.course.modules, *source.workspace.course.hidden}


def _two_people(items: list[Item]) -> str:
    """Why one student can't be meant by all: the systems count several people; "" if they do not."""
    numbers = {(item.said.system, item.said.number) for item in items if item.said.number and not item.by_hand}
    several = sorted(number for system, number in numbers if [one for one, _ in numbers].count(system) > 1)
    return f"several people have this name, {' and '.join(several)}: say with --map who is who" if several else ""


def _put(files: dict[str, bytes], place: str, content: bytes) -> None:
    if place in files and files[place] != content:
        raise UserError(f"two files are called {place}")
    files[place] = content


def _refuse_names(names: Iterable[str]) -> None:
    """Raise UserError if a disk can't hold files of these names together."""
    parents = {str(parent) for name in names for parent in PurePosixPath(name).parents}
    for name in names:
        parts = name.split("/")
        if any(len(part.encode()) > LONGEST for part in parts):
            raise UserError(f"a name is longer than {LONGEST} bytes: {name[:40]}…")
        if any(part in ("", ".", "..") for part in parts) or re.search(r"[\x00-\x1f\\]", name):
            raise UserError(f"no file can be called {name!r}")
        if name in parents:
            raise UserError(f"{name} is a file and a folder")
