"""Find submissions that are suspiciously alike: a hint where a person should look, never a verdict.

This compares the code that students added to each cell, as tokens: other names, comments or line breaks
change nothing. Code that many have in common does not count: it is the usual way to solve such a task.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import combinations, product

import numpy as np
from pygments.lexers import PythonLexer
from pygments.token import Comment, Literal, Name, Text, Token
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from autograder.gradebook.record import checksum_of
from autograder.judging.source import SOLUTION, Source, without
from tito.notebooks import grade_id, is_stub

ALIKE = 0.9  # share of tokens that two answers have in common
MIN_ANSWER = 15  # tokens; shorter answers are alike by chance
MIN_PAIR = 60  # tokens that two students must have in common
COMMON = 0.1  # share of the class (at least 2 others): code that so many wrote proves nothing


@dataclass
class Pair:
    """Two students, and the cells in which their code is alike."""

    students: tuple[str, str]
    cells: list[str] = field(default_factory=list)
    same_text: list[str] = field(default_factory=list)  # those of `cells` whose code is the same but for spaces
    tokens: int = 0  # in all of `cells`


@dataclass(frozen=True)
class Group:
    """Students each of whom has much in common with another one of them.

    cells: in which code is alike
    same_text: those of `cells` in which some have the same code but for spaces
    tokens: of the pair that has most in common
    """

    students: list[str]
    cells: list[str]
    same_text: list[str]
    tokens: int


@dataclass(frozen=True)
class Answer:
    """What a student added to one cell.

    tokens: of the code, with a space after each
    text: a checksum of the code, whatever its spaces are
    """

    tokens: str
    text: str

    @classmethod
    def of(cls, code: str) -> "Answer":
        """The answer that consists of some lines of code."""
        return cls("".join(f"{token} " for token in tokens(code)), checksum_of(" ".join(code.split()).encode()))


def answers_in(notebook, source: Source) -> dict[str, Answer]:
    """stub → what the student added to what was given."""
    return {name: Answer.of(code) for name, code in added_code(notebook, source).items()}


def added_code(notebook, source: Source) -> dict[str, str]:
    """grade_id → the lines that a student added to what was given."""
    return {
        name: _own_lines(cell.source, without(source.named_cells[name].source, SOLUTION))
        for cell in notebook.cells
        if is_stub(cell) and (name := grade_id(cell)) and name in source.named_cells
    }


def _own_lines(text: str, given: str) -> str:
    known = {line.strip() for line in given.splitlines()} | {"# YOUR CODE HERE", "raise NotImplementedError()"}
    return "\n".join(line for line in text.splitlines() if line.strip() not in known)


def pairs(answered: dict[str, dict[str, Answer]]) -> list[Pair]:
    """The pairs of students with much code in common that few others have, those with most first.

    answered: student → cell → answer
    """
    found: dict[tuple[str, str], Pair] = {}
    by_cell = defaultdict(dict)
    for student, cells in answered.items():
        for cell, answer in cells.items():
            by_cell[cell][student] = answer
    for cell, answers in by_cell.items():
        for one, other, tokens in _alike_in(answers):
            pair = found.setdefault((one, other), Pair((one, other)))
            pair.cells.append(cell)
            pair.tokens += tokens
            if answers[one].text == answers[other].text:
                pair.same_text.append(cell)
    enough = [pair for pair in found.values() if pair.tokens >= MIN_PAIR]
    return sorted(enough, key=lambda pair: (-pair.tokens, pair.students))


def groups(answered: dict[str, dict[str, Answer]]) -> list[Group]:
    """The pairs, joined where they share a student: six who are alike are one group, and not fifteen pairs.

    answered: as in `pairs`
    """
    found: list[tuple[set[str], list[Pair]]] = []
    for pair in pairs(answered):
        joined, made = set(pair.students), [pair]
        for group in [one for one in found if one[0] & joined]:
            found.remove(group)
            joined, made = group[0] | joined, [*group[1], *made]
        found.append((joined, made))
    return sorted((_group(*one) for one in found), key=lambda one: (-one.tokens, one.students))


def _group(students: set[str], made: list[Pair]) -> Group:
    cells = dict.fromkeys(cell for pair in made for cell in pair.cells)
    same = dict.fromkeys(cell for pair in made for cell in pair.same_text)
    return Group(sorted(students), list(cells), list(same), max(pair.tokens for pair in made))


def _alike_in(answers: dict[str, Answer]) -> list[tuple[str, str, int]]:
    """Pairs of students whose answers to one cell are alike and rare, with the number of tokens of the shorter.

    Each answer is compared once, however many students gave it.
    """
    letters: dict[str, str] = {}
    givers: dict[str, list[str]] = defaultdict(list)  # packed answer → students
    for student, answer in sorted(answers.items()):
        if len(packed := _packed(answer.tokens, letters)) >= MIN_ANSWER:
            givers[packed].append(student)
    if sum(map(len, givers.values())) < 2:
        return []
    alike = cdist(list(givers), list(givers), scorer=Indel.normalized_similarity, score_cutoff=ALIKE) >= ALIKE
    others = alike @ np.array([len(students) for students in givers.values()]) - 1
    rare = others <= max(2, COMMON * len(answers))
    packed, found = list(givers), []
    for i, j in np.argwhere(np.triu(alike & rare & rare[:, None])).tolist():
        there = combinations(givers[packed[i]], 2) if i == j else product(givers[packed[i]], givers[packed[j]])
        found += [(min(pair), max(pair), min(len(packed[i]), len(packed[j]))) for pair in there]
    return sorted(found)


def _packed(written: str, letters: dict[str, str]) -> str:
    """The tokens of an answer, one letter for each: rapidfuzz compares this form fastest."""
    return "".join(letters.setdefault(token, chr(0x100 + len(letters))) for token in written.split())


def tokens(text: str) -> list[str]:
    """The tokens of a program, without comments and spaces, and with one word for all names that people choose."""
    made: list[str] = []
    for kind, value in PythonLexer().get_tokens(text):
        if kind in Comment or kind in Text or not value.strip():
            continue
        if kind in Literal.String:
            value = "a-string"
        elif kind in Name and kind not in Name.Builtin and made[-1:] != ["."]:
            value = "a-name"
        if value != "a-string" or made[-1:] != ["a-string"]:  # pygments splits a string into parts
            made.append(value if kind is not Token.Error else "?")
    return made
