"""What a picture shows of several rounds: the median, and a word where the rounds differ too much."""

from tito.draw.steady import typical


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
