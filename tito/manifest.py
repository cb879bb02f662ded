"""course.yml, and term.yml laid over it, as plain data.

course.yml is the template's: it comes with every version of the course. term.yml is the instructor's alone:

    title: Machine Learning 101
    timezone: Europe/Berlin
    modules:
      setup: {due: 2027-02-01 23:59}
      cnn: {state: given}
      rnn: {title: RNN, goal: Remember, minutes: 240, needs: [mlp], after: cnn}      # a row of one's own

A mapping in term.yml is laid over the one in course.yml key by key. Every other value takes the place of the old one.
"""

import copy
import difflib
import functools
import keyword
from collections.abc import Collection
from pathlib import Path, PurePath
from typing import Any

TERM = "term.yml"
STATES = ("taught", "draft", "given", "elective", "hidden")
NOT_FOR_STUDENTS = ("elective", "hidden")
FOR_STUDENTS = ("course", "title", "institution", "repository", "timezone", "limits")
ROW_FOR_STUDENTS = (
    *("name", "title", "goal", "prerequisites", "needs", "minutes", "due"),
    *("milestone", "target", "limits", "state"),
)
NEEDED = ("title", "goal", "minutes")  # in a module's row
FOLDERS = ("course", "repository")  # whose values name folders, in the exchange and in dist/
TAKEN = ("feedback", "otter", "provisional", "report.html", "site")  # in dist/: they hold what students must not get
KINDS = {
    **dict.fromkeys(("course", "title", "repository", "goal"), (str,)),
    **dict.fromkeys(("institution", "timezone", "milestone", "target"), (str, type(None))),
    **dict.fromkeys(("prerequisites", "needs"), (list,)),
    **dict.fromkeys(("limits",), (dict,)),
    **dict.fromkeys(("minutes",), (int,)),
}
SHOWN = {
    str: "a text (in quotes, where YAML reads it as something else)",
    list: "a list, such as [setup, tensor]",
    dict: "a mapping, such as {cell_seconds: 20}",
    int: "a whole number",
}


def read_manifest(path: Path, known: Collection[str], row_known: Collection[str]) -> dict:
    """The content of course.yml at `path` with the term.yml beside it, if there is one, laid over it.

    known, row_known: the keys that a course has, and those of a module's row
    Raises ValueError, which names the file.
    """
    course = load_yaml(path, "the course's manifest")
    rows = course.get("modules")
    if not isinstance(rows, list) or not all(isinstance(row, dict) and "name" in row for row in rows):
        raise ValueError(f"{path} can't be read as the course's manifest: modules must be rows, each with a name")
    _refuse_mistakes(path, course, known)
    for row in rows:
        _refuse_no_name(path, row["name"])
        _refuse_mistakes(f"{path}: module {row['name']}", row, row_known)
    term = path.with_name(TERM)
    made = _with_term(course, term, known, row_known) if term.is_file() else course
    return {**_in_one_line(made), "modules": [_in_one_line(row) for row in made["modules"]]}


def _with_term(course: dict, path: Path, known: Collection[str], row_known: Collection[str]) -> dict:
    term = load_yaml(path, "changes of the course's manifest")
    _refuse_mistakes(path, term, known)
    changes = term.get("modules")
    if changes is not None and not isinstance(changes, dict):
        raise ValueError(f"{path}: modules must be like {{setup: {{due: 2027-02-01 23:59}}}}")
    names = [row["name"] for row in course["modules"]]
    for name, change in (changes or {}).items():
        _refuse_no_name(path, name)
        if not isinstance(change, dict):
            raise ValueError(f"{path}: module {name} must be like {{due: 2027-02-01 23:59}}, not {change!r}")
        _refuse_mistakes(f"{path}: module {name}", change, [key for key in (*row_known, "after") if key != "name"])
        if name not in names and (missing := [key for key in NEEDED if key not in change]):
            lacks = f"module {name} has no {', '.join(missing)}, and stands in no other file"
            raise ValueError(f"{path}: {lacks}.{_close_to(name, names)}")
    try:
        return over_course(course, term)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def load_yaml(path: Path, what: str) -> dict:
    """The mapping in a YAML file; {} for an empty file. Raises ValueError, which names the file, for anything else, and
    for a double key.

    what: what the file is read as, for the message
    """
    import yaml

    try:
        content = copy.deepcopy(_parsed(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise ValueError(f"{path} can't be read as {what}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path} can't be read as {what}: it is not UTF-8. Save it as UTF-8.") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ValueError(f"{path} can't be read as {what}: {' '.join(str(error).split())}") from None
    if content is not None and not isinstance(content, dict):
        raise ValueError(f"{path} can't be read as {what}: a mapping was expected, such as title: Machine Learning")
    return content or {}


@functools.lru_cache(maxsize=8)
def _parsed(text: str) -> Any:
    """What a text in YAML says. A command reads course.yml several times, and parsing takes ten times as long."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    _refuse_doubles(yaml.compose(text, loader))
    return yaml.load(text, loader)


def _refuse_doubles(node) -> None:
    """Raise ValueError for a key that stands twice in a mapping: YAML would drop the first."""
    if getattr(node, "id", "") == "mapping":
        keys = [key.value for key, _ in node.value]
        for number, key in enumerate(keys):
            if key in keys[:number]:
                raise ValueError(f"{key} stands there twice, in line {node.value[number][0].start_mark.line + 1}")
        for _, value in node.value:
            _refuse_doubles(value)
    elif getattr(node, "id", "") == "sequence":
        for value in node.value:
            _refuse_doubles(value)


def _refuse_mistakes(where: object, given: dict, known: Collection[str]) -> None:
    """Raise ValueError for a key that is not known, and for a value of another kind than its key has."""
    for key, value in given.items():
        if key not in known:
            raise ValueError(f"{where}: {no_key(key, known)}")
        if key in KINDS and not _is(value, KINDS[key]):
            shown = "nothing" if value is None else repr(value)
            raise ValueError(f"{where}: {key} must be {SHOWN[KINDS[key][0]]}, not {shown}")
        if key in FOLDERS and (fault := folder_fault(key, value)):
            raise ValueError(f"{where}: {fault}")


def _is(value: object, kinds: tuple[type, ...]) -> bool:
    """Whether a value is of one of `kinds`, and a list one of texts."""
    return type(value) in kinds and (not isinstance(value, list) or all(isinstance(one, str) for one in value))


def no_key(key: object, known: Collection[str]) -> str:
    """What to say of a key that is not among those that are known."""
    hint = _close_to(str(key), known) or f" The keys: {', '.join(known)}."
    return f"there is no key {key!r}.{hint}"


def _close_to(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f" Did you mean {close[0]}?" if close else ""


def folder_fault(key: str, text: str) -> str:
    """What is wrong with the value of one of FOLDERS, in words; "" for nothing."""
    if not (text.strip() and text.isprintable() and PurePath(text).name == text and not text.startswith(".")):
        return f"{key} must be the name of a folder, not {text!r}"
    return f"{key} can't be {text}: dist/{text} is for something else" if key == "repository" and text in TAKEN else ""


def _in_one_line(row: dict) -> dict:
    """The same with texts of one line, of which each is a part elsewhere: YAML's `|` and `>` end with a line break."""
    return {key: " ".join(value.splitlines()) if isinstance(value, str) else value for key, value in row.items()}


def _refuse_no_name(where: object, name: object) -> None:
    """Raise ValueError for a name that no module can have: Python imports it, and a folder is called so."""
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError(f"{where}: {name!r} can't be the name of a module: it is a word such as rnn")


def over_course(course: dict, term: dict) -> dict:
    """`course`, a course.yml, with `term`, a term.yml, laid over it. Raises ValueError for an impossible `after`."""
    made = {**course, **{key: over(course.get(key), value) for key, value in term.items() if key != "modules"}}
    changes = dict(term.get("modules") or {})
    rows = [over(row, changes.pop(row["name"], {})) for row in course["modules"]]
    for row in rows:
        if "after" in row:
            raise ValueError(f"module {row['name']} stands in course.yml: `after` is for a module of your own")
    for name, own in changes.items():
        row = {"name": name, **own}
        after, names = row.pop("after", None), [row["name"] for row in rows]
        if after is not None and after not in names:
            raise ValueError(f"module {name}: after: there is no module {after!r} before it")
        rows.insert(names.index(after) + 1 if after else len(rows), row)
    return {**made, "modules": rows}


def term_between(course: dict, own: dict) -> dict:
    """The term.yml that makes `own` of `course`. Both are contents of a course.yml.

    Raises ValueError where no term.yml can: a key or a row was removed, or the order is another one.
    """
    term = {key: own[key] for key in own if key != "modules" and (key not in course or course[key] != own[key])}
    rows, changes, last = {row["name"]: row for row in course["modules"]}, {}, None
    for row in own["modules"]:
        name = row["name"]
        old = rows.get(name, {"name": name})
        changed = {key: value for key, value in row.items() if key not in old or old[key] != value}
        if name not in rows and last:
            changed["after"] = last
        if changed:
            changes[name] = changed
        last = name
    made = {**term, "modules": changes}
    if over_course(course, made) != own:
        raise ValueError("a key or a module was removed from it, or the modules have another order")
    return made


def over(old: Any, new: Any) -> Any:
    """`new`, or where both are mappings, `old` with it laid over, key by key."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    return {**old, **{key: over(old.get(key), value) for key, value in new.items()}}


def rows_without(states: Collection[str], rows: list[dict]) -> list[dict]:
    """The rows whose state is none of `states`. A prerequisite that is left out gives way to its own prerequisites."""
    by_name = {row["name"]: row for row in rows}

    def seen(name: str) -> list[str]:
        row = by_name.get(name, {})
        if row.get("state") not in states:
            return [name]
        return [one for before in row.get("prerequisites", []) for one in seen(before)]

    return [
        {
            **row,
            "prerequisites": list(dict.fromkeys(one for name in row.get("prerequisites", []) for one in seen(name))),
        }
        for row in rows
        if row.get("state") not in states
    ]


def for_students(content: dict) -> dict:
    """What students may know of a merged manifest: allowed keys alone, and no module that is hidden or an elective."""
    rows = rows_without(NOT_FOR_STUDENTS, content["modules"])
    shown = [{key: row[key] for key in ROW_FOR_STUDENTS if key in row} for row in rows]
    return {**{key: content[key] for key in FOR_STUDENTS if key in content}, "modules": shown}
