"""tinytorch.core.setup as a package: what Setup promises, tried from outside the notebook."""

import numpy as np
import pytest
from tinytorch.core.setup import (
    format_bytes,
    hello_tinytorch,
    nbytes,
    parse_version,
    system_report,
    time_call,
    version_at_least,
)


@pytest.mark.parametrize(
    ("name", "who"),
    [("Ada", "Ada"), ("  Ada\t\n", "Ada"), ("Grace  Hopper", "Grace  Hopper"), ("", "world"), (" \n ", "world")],
)
def test_greeting(name, who):
    assert hello_tinytorch(name) == f"Hello {who}, welcome to TinyTorch!"


def test_greeting_without_a_name():
    assert hello_tinytorch() == "Hello world, welcome to TinyTorch!"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("2.4.6", (2, 4, 6)),
        ("3", (3,)),
        ("3.11.0rc1", (3, 11, 0)),
        ("1.2.dev5", (1, 2)),
        ("2.1+cpu.7", (2, 1)),
        ("10.", (10,)),
        ("1..2", (1,)),
        ("2024.10.31-7", (2024, 10, 31)),
    ],
)
def test_parse_version(text, numbers):
    assert parse_version(text) == numbers


@pytest.mark.parametrize("text", ["", "v2.0", ".5", "rc1", "-1.2", " 1.2"])
def test_parse_version_names_the_text_that_is_no_version(text):
    with pytest.raises(ValueError) as caught:
        parse_version(text)
    assert text in str(caught.value), f"the message should contain {text!r}"


@pytest.mark.parametrize(
    ("found", "needed", "enough"),
    [
        ("3.11", "3.11", True),
        ("3.9", "3.11", False),
        ("3.11", "3.9", True),
        ("2.4", "2.4.0", True),
        ("2.4.0.0", "2.4", True),
        ("2.4", "2.4.0.1", False),
        ("10.0", "9.9.9", True),
        ("0.9", "1", False),
        ("1.0.150", "1.1.0", False),
    ],
)
def test_version_at_least(found, needed, enough):
    assert version_at_least(found, needed) is enough


@pytest.mark.parametrize(("found", "needed"), [("", "1.0"), ("1.0", "latest")])
def test_version_at_least_refuses_what_is_no_version(found, needed):
    with pytest.raises(ValueError):
        version_at_least(found, needed)


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1280, "1.2 KiB"),
        (1536, "1.5 KiB"),
        (1101107, "1.1 MiB"),
        (1024**2 - 1, "1024.0 KiB"),
        (1024**2, "1.0 MiB"),
        (16646123520, "15.5 GiB"),
        (3 * 1024**4, "3.0 TiB"),
        (2**53, "8192.0 TiB"),
    ],
)
def test_format_bytes(n, text):
    assert format_bytes(n) == text


def test_report_of_this_computer():
    report = system_report()
    assert set(report) == {"python", "numpy", "platform", "cores", "memory_bytes"}
    assert report["numpy"] == np.__version__
    assert version_at_least(report["python"], "3.11")


def test_report_survives_probes_that_fail():
    def no_answer():
        raise OSError("no answer")

    report = system_report({"before": lambda: 1, "bad": no_answer, "after": lambda: "two"})
    assert report == {"before": 1, "bad": None, "after": "two"}


def test_report_keeps_answers_that_count_as_false():
    report = system_report({"zero": lambda: 0, "no": lambda: False, "empty": lambda: ""})
    assert report == {"zero": 0, "no": False, "empty": ""}


@pytest.mark.parametrize("shape", [(), (7,), (2, 3), (4, 0, 5), (64, 3, 32, 32)])
@pytest.mark.parametrize("dtype", [np.bool_, np.float32, np.float64])
def test_nbytes_counts_as_numpy_does(shape, dtype):
    array = np.zeros(shape, dtype)
    assert nbytes(shape, array.itemsize) == array.nbytes


def test_nbytes_is_exact_however_large():
    assert nbytes((10**6,) * 4, 4) == 4 * 10**24


@pytest.mark.parametrize(
    ("durations", "median"),
    [([2.0], 2.0), ([50.0, 1.0, 3.0], 3.0), ([8.0, 1.0, 4.0, 2.0], 3.0), ([0.0, 3.0, 0.0], 0.0)],
)
def test_time_call_is_the_median_by_the_clock_it_is_given(durations, median):
    now, calls = [1000.0], []

    def work():
        now[0] += durations[len(calls) % len(durations)]
        calls.append("one more")

    seconds = time_call(work, repeats=len(durations), clock=lambda: now[0])
    assert len(calls) == len(durations), "f is called exactly `repeats` times"
    assert seconds == pytest.approx(median)


def test_time_call_measures_five_calls_by_default():
    calls = []
    assert time_call(lambda: calls.append("one more")) >= 0
    assert len(calls) == 5
