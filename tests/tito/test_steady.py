"""What a picture shows of several rounds: the median, and a word where the rounds differ too much."""

import re

from tito.draw.steady import second_core, typical


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


def test_what_two_threads_compute_is_measured(capsys):
    second_core()
    assert re.match(r"At this moment, two threads of this machine compute \d+\.\d times", capsys.readouterr().out)
