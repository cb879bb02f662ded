"""What a picture shows of several rounds: the median, and a word where the rounds differ too much."""

import re

from tito.draw.steady import fastest, in_turns, second_core, typical


def test_one_slow_round_does_not_count(capsys):
    assert typical([[1.0, 2.0], [1.1, 2.1], [50.0, 2.2]]) == [1.1, 2.1]
    assert capsys.readouterr().out == ""


def test_names_stay():
    assert typical([{"conv": 3.0}, {"conv": 1.0}, {"conv": 3.1}]) == {"conv": 3.0}


def test_a_busy_machine_is_named(capsys):
    typical([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
    assert "Your machine is busy" in capsys.readouterr().out
    typical([[1.0, 1.0, 1.0], [2.0, 1.01, 1.01], [3.0, 1.02, 1.02]])  # one value of many: an outlier
    assert capsys.readouterr().out == ""


def test_a_second_core_that_is_busy_is_named(capsys):
    second_core(1.94)
    assert capsys.readouterr().out == "At this moment, two threads of this machine compute 1.9 times as much as one.\n"
    second_core(1.1)
    assert "can't help" in capsys.readouterr().out
    second_core(3.6)
    assert capsys.readouterr().out.startswith("Your machine is busy: two threads seemed to compute 3.6 times")


def test_what_two_threads_compute_is_measured(capsys):
    second_core()
    assert re.search(r"two threads (of this machine|seemed to) compute \d+\.\d times", capsys.readouterr().out)


def test_the_fastest_of_each_counts_and_a_busy_machine_is_named(capsys):
    assert fastest([{"a": 3.0, "b": 5.0}, {"a": 1.0, "b": 9.0}, {"a": 2.9, "b": 8.9}]) == {"a": 1.0, "b": 5.0}
    said = capsys.readouterr().out
    assert "Your machine is busy" in said
    assert "Most of all: a." in said
    fastest([{("step", 4): 3.0}, {("step", 4): 1.0}, {("step", 4): 2.9}])
    assert "Most of all: step, 4." in capsys.readouterr().out


def test_functions_take_turns_after_a_call_that_does_not_count(capsys):
    called = []
    seconds = in_turns({name: lambda name=name: called.append(name) for name in "ab"}, rounds=3)
    assert called == [*"ab"] * 4
    assert list(seconds) == ["a", "b"]
    assert min(seconds.values()) >= 0
