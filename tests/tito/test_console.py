"""What a terminal would obey is shown instead, wherever it comes from."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from tito.console import console, escape, say, table

WORDS = st.lists(st.one_of(st.text(), st.sampled_from(["\x1b[2J", "\x9b1m", "[bold]", "\u202e", "\r", "\\"])))


@given(WORDS.map("".join))
def test_no_control_character_gets_through_and_all_else_is_as_it_was(text):
    shown = Text.from_markup(f"[bold]{escape(text)}[/]").plain
    assert not [letter for letter in shown if unicodedata.category(letter) == "Cc" and letter not in "\n\t"]
    assert not {"\u202e", "\u2066", "\u2028"} & set(shown)
    if text.isprintable():  # Rich's markup has no way to say how many backslashes stand before a bracket
        assert shown.replace("\\", "") == text.replace("\\", "")


def test_it_stays_readable():
    assert escape("a\x1b[31mb\tc\nd\u202ee") == "a\\x1b[31mb\tc\nd\\u202ee"


@pytest.mark.parametrize("width", range(1, 81, 3))
def test_no_word_of_a_table_is_lost(capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    console.cache_clear()
    shown = table("data set", "whole", "folder", "")
    shown.add_row("CIFAR-10", "0 of 6 files", "data/cifar10", "python bin/tito.py data cifar10")
    say(shown)
    console.cache_clear()
    assert {"CIFAR-10", "files", "data/cifar10", "bin/tito.py", "cifar10"} <= set(capsys.readouterr().out.split())
