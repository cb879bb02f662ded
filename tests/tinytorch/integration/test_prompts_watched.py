"""Prompts are watched by the user's own Monitor and Alarms: those of another kind ring, those like the text do not."""

import http.client
import json
import pickle
from urllib.parse import urlencode

import numpy as np
import pytest
from tinytorch.core import mlops
from tinytorch.core.gpt import GPT, Vocabulary
from tinytorch.core.mlops import running

from tito.milestones import gpt_page, gpt_watched

WORDS = """the king of all my good lords shall never see what his heart would speak and yet this night we come with
swords from France to take her crown where no man dares stand long because their queen has bid them pray for peace"""
SPEAKERS = ["KING HENRY:", "QUEEN:", "First Lord:", "GLOUCESTER:"]


def written(seed, lines=1500):
    """A play that somebody might have written: every fourth line says who speaks."""
    rng, words, play = np.random.default_rng(seed), WORDS.split(), []
    for number in range(lines):
        line = " ".join(rng.choice(words, rng.integers(5, 10))).capitalize() + rng.choice([",", ".", "?", ";"])
        play.append(f"\n{rng.choice(SPEAKERS)}" if number % 4 == 0 else line)
    return "\n".join(play)


VOCABULARY = Vocabulary(written(0) + WORDS.upper())


@pytest.fixture(scope="module")
def made():
    return gpt_watched.PromptMonitor(VOCABULARY.encode(written(0)), VOCABULARY.characters)


@pytest.fixture
def monitor(made):
    made.monitor.seen.clear()
    made.hashes.clear()
    return made


def like_the_text(rng, count):
    tokens = VOCABULARY.encode(written(1))
    return [VOCABULARY.decode(one) for one in gpt_watched.cut(tokens, VOCABULARY.characters, count, rng)]


KINDS = {
    "capitals": lambda rng, count: [prompt.upper() for prompt in like_the_text(rng, count)],
    "digits": lambda rng, count: list(map(str, rng.integers(10**7, 10**12, count))),
    "Python": lambda rng, count: [f"def f_{i}(x, y={i}): return [x[{i}] ** y for _ in x]" for i in range(count)],
    "keys": lambda rng, count: ["".join(rng.choice(list(WORDS.replace("\n", "")), 30)) for _ in range(count)],
}


def ringing(monitor, prompts):
    alarms, rang = gpt_watched.alarms(), set()
    for number, prompt in enumerate(prompts, start=1):
        monitor.observe(monitor.tokens(prompt), 0, 0.01)
        if number % gpt_watched.EVERY == 0:
            report = monitor.report()
            rang |= {line for line in report if line in alarms and alarms[line].update(report[line])}
    return rang


@pytest.mark.parametrize("seed", range(3))
def test_prompts_like_the_text_do_not_ring(monitor, seed):
    assert not ringing(monitor, like_the_text(np.random.default_rng(seed), 100))


@pytest.mark.parametrize("kind", KINDS)
def test_prompts_of_another_kind_ring(monitor, kind):
    rng = np.random.default_rng(0)
    assert not ringing(monitor, like_the_text(rng, 20))
    assert "psi surprise" in ringing(monitor, KINDS[kind](rng, 30))


def test_the_report_is_the_users(monitor):
    """All its lines are those of the user's Monitor, and every alarm belongs to one of them."""
    assert monitor.report() == {}
    assert ringing(monitor, KINDS["digits"](np.random.default_rng(0), 20)) == set()
    report = monitor.report()
    assert set(report) == set(gpt_watched.LINES.values())
    assert set(gpt_watched.alarms()) <= set(report)
    assert report["psi surprise"] == monitor.monitor.report()["psi brightness"]
    assert report["latency p50"] == 0.01


def test_surprise_is_minus_the_log_of_the_share():
    """Of "abab" and of half a time more for each pair: after a came b twice, after b came a once."""
    found = gpt_watched.surprise_after(np.array([0, 1, 0, 1]), 2)
    np.testing.assert_allclose(np.exp(-found), [[0.5 / 3.5, 2.5 / 3.5, 0.5 / 3.5], [0.6, 0.2, 0.2], [1 / 3] * 3])


@pytest.mark.parametrize("text", ["a", "aaaa", "\n", "Ω", "the king " * 50])
def test_a_prompt_of_any_length_is_a_row(monitor, text):
    monitor.observe(monitor.tokens(text), 0, 0.0)
    row, refused, _ = monitor.monitor.seen[0]
    assert (row.shape, bool(np.isfinite(row).all()), refused) == ((gpt_watched.LONGEST,), True, int(text == "Ω"))


def test_nothing_of_a_prompt_is_kept_but_numbers(monitor):
    assert monitor.is_new("my secret sorrow")
    monitor.observe(monitor.tokens("my secret sorrow"), 0, 0.0)
    assert {type(part) for part in monitor.monitor.seen[0]} == {np.ndarray, int, float}
    assert b"sorrow" not in pickle.dumps(vars(monitor))


def test_what_fails_in_the_users_report_fails_at_the_start(monkeypatch):
    def report(self):
        raise NotImplementedError

    monkeypatch.setattr(mlops.Monitor, "report", report)
    with pytest.raises(NotImplementedError):
        gpt_watched.PromptMonitor(VOCABULARY.encode(written(0)), VOCABULARY.characters)


@pytest.fixture
def ask(monitor):
    """A function that asks the page for a path: the status, and the text that it answers."""
    model = GPT(len(VOCABULARY), 8, 12, 2, 1, np.random.default_rng(0))
    with running(gpt_page.app_of(model, VOCABULARY, monitor)) as port:

        def ask(path, body=None, **asked):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            headers = {"content-type": "application/json"} if body else {}
            connection.request("POST" if body else "GET", f"{path}?{urlencode(asked)}", body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

        yield ask


def test_the_page_says_that_prompts_have_drifted(ask):
    for prompt in like_the_text(np.random.default_rng(0), 20):
        assert ask("/write", prompt=prompt, count=1)[0] == 200
    state = json.loads(ask("/state")[1])
    assert (state["ringing"], set(state["report"])) == ([], set(gpt_watched.LINES.values()))
    assert 'alarm{line="psi surprise"} 0.0' in ask("/metrics")[1]
    for prompt in KINDS["digits"](np.random.default_rng(0), 20):
        assert ask("/write", prompt=prompt)[0] == 422, "refused, and noted"
    state = json.loads(ask("/state")[1])
    assert {"psi surprise", "psi refused"} <= set(state["ringing"])
    assert 'alarm{line="psi surprise"} 1.0' in ask("/metrics")[1]
    assert "Prompts have drifted" in ask("/type")[1]


def test_the_same_prompt_again_and_again_is_one(ask, monitor):
    for _ in range(5):
        assert ask("/write", prompt="KING HENRY:\n", count=1)[0] == 200
    assert ask("/write", prompt="", count=1)[0] == 422
    assert len(monitor.monitor.seen) == 1
    for prompt in ("12", "21"):
        assert ask("/write", prompt=prompt)[0] == 422
    assert len(monitor.monitor.seen) == 3, "two prompts of characters that the model has never seen"


def test_a_prompt_for_predict_is_watched_too(ask, monitor):
    window = VOCABULARY.encode("the king")
    assert ask("/predict", json.dumps({"image": window.tolist()}))[0] == 200
    assert len(monitor.monitor.seen) == 1
