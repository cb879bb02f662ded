"""Accommodations of single students, from accommodations.yml.

ada:
  all: {extra_days: 2, why: exam accommodation}
  mlp: {due: 2027-02-08T23:59:00+01:00, no_penalty: true}

A student's id is the text as it stands in the file: `00123`, `no` and `12:30` are texts, too.
"""

import difflib
import functools
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tito import clock
from tito.workspace import UserError, Workspace

FILE = "accommodations.yml"
MOST_DAYS = 3650
TRUTH = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True)
class Accommodations:
    """rows: student → module or "all" → what the student was allowed: a dict with some of KEYS."""

    rows: dict[str, dict[str, dict]]

    @classmethod
    def read(cls, workspace: Workspace) -> "Accommodations":
        """The course's accommodations; none without a file. Raises UserError, which names the student and mistake."""
        path = workspace.root / FILE
        if not path.is_file():
            return cls({})
        course = workspace.course
        return cls(_read(_text(path), course.zone, frozenset(course.modules) | set(course.hidden)))

    def of(self, student: str, module: str) -> dict:
        """What a student was allowed in a module. A time in the module's own row replaces the times in `all`."""
        row = self.rows.get(student, {})
        general, own = row.get("all", {}), row.get(module, {})
        if {"due", "extra_days"} & own.keys():
            general = {key: value for key, value in general.items() if key not in ("due", "extra_days")}
        return {**general, **own}

    def refuse_unknown(self, known: Collection[str]) -> None:
        """Raise UserError if a student is not among `known`: somebody would not get what they were allowed."""
        for student in self.rows:
            if student not in known:
                raise UserError(
                    f"{FILE}: there is no student {student!r} in the gradebook or in submitted/.{_hint(student, known)}"
                )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{FILE} can't be read: {error}") from None


@functools.lru_cache(maxsize=1)
def _read(text: str, zone: ZoneInfo | None, known: frozenset[str]) -> dict:
    """The file's content, cached: every submission needs it, and the file may be large."""
    found: dict = {}
    for student, modules in _items(_load(text), "students"):
        row = found[student] = {}
        for module, entry in _items(modules, f"{student}: modules, or all"):
            if module not in {"all", *known}:
                raise UserError(f"{FILE}: {student}: there is no module {module!r}.{_hint(module, known)}")
            for key, value in _items(entry, f"{student}, {module}: {', '.join(KEYS)}"):
                row.setdefault(module, {})[key] = _value(f"{student}, {module}", key, value, zone)
    return found


def _load(text: str) -> object:
    """The file as dicts and texts. Raises UserError for a key that stands twice: YAML would drop the first."""
    import yaml

    fastest: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

    class Texts(fastest):
        def construct_mapping(self, node, deep=False):
            keys = [self.construct_object(key, deep=True) for key, _ in node.value]
            for number, key in enumerate(keys):
                if not isinstance(key, str) or not key or key in keys[:number]:
                    line = node.value[number][0].start_mark.line + 1
                    what = f"{key} stands there twice" if key and isinstance(key, str) else "a name was expected"
                    raise UserError(f"{FILE}, line {line}: {what}")
            return super().construct_mapping(node, deep=True)

    try:
        return yaml.load(text, Texts) or {}
    except (yaml.YAMLError, RecursionError) as error:
        raise UserError(f"{FILE} can't be read: {' '.join(str(error).split())}") from None


def _items(value, what: str) -> Iterator[tuple]:
    if not isinstance(value, dict):
        raise UserError(f"{FILE}: {what} were expected, not {value!r}")
    yield from value.items()


def _hint(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f" Did you mean {close[0]}?" if close else ""


# --- values -----------------------------------------------------------------------------------------


def _value(where: str, key: str, text: object, zone: ZoneInfo | None):
    if key not in KEYS:
        raise UserError(f"{FILE}: {where}: {key}: {text!r} is not understood.{_hint(key, KEYS)}")
    try:
        return KEYS[key](text, zone)
    except ValueError as error:
        said = f" must be like 2027-02-08T23:59:00+01:00: {error}" if key == "due" else f": {text!r} is not understood"
        raise UserError(f"{FILE}: {where}: {key}{said}") from None


def _days(text: object, zone: ZoneInfo | None) -> float:
    if not isinstance(text, str) or not re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII) or float(text) > MOST_DAYS:
        raise ValueError(text)
    return float(text)


def _truth(text: object, zone: ZoneInfo | None) -> bool:
    if str(text).lower() not in TRUTH:
        raise ValueError(text)
    return TRUTH[str(text).lower()]


def _remark(text: object, zone: ZoneInfo | None) -> str:
    if not isinstance(text, str):
        raise ValueError(text)
    return text


def _due(text: object, zone: ZoneInfo | None):
    return clock.moment(_remark(text, zone), zone)


KEYS: dict[str, Callable] = {"extra_days": _days, "due": _due, "no_penalty": _truth, "why": _remark}
