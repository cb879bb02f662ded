"""Ids of students: which texts can be one, and when two texts are the same one."""

import re
import unicodedata

LONGEST = 255  # bytes of a name on the disk


def can_be_id(student: str) -> bool:
    """Whether a text can be a student's id: the name of a folder, in which nbgrader sees no pattern."""
    fits = re.fullmatch(r"[^/\\*?[]{1,100}", student) and student.isprintable() and len(student.encode()) <= LONGEST
    return bool(fits) and student == student.strip() and not student.startswith(".")


def as_heard(name: str) -> str:
    """What is the same in all ways to write a name: a system may change its letters, and whether they are small.

    A spreadsheet takes a name of digits for a number, and drops its zeros.
    """
    heard = same_name(name).casefold()
    return heard.lstrip("0") if heard.isdecimal() else heard


def same_name(text: str) -> str:
    """A name in one of the forms that Unicode has for it: systems write `ö` as one letter or as two."""
    return unicodedata.normalize("NFC", text)
