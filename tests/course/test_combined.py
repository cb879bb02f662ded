"""Several mistakes at once, and half-done notebooks, lose exactly their own questions: a sample of combined.py."""

from combined import cases


def test_each_loses_its_own_questions(pytestconfig):
    for case in cases(60 if pytestconfig.getoption("thorough") else 2):
        assert not case.wrong(case.lost()), f"{case.module}, seed {case.seed}: {case.name}"
