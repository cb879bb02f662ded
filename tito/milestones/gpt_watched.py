"""What `tito milestone gpt --serve` notices of its prompts: the user's own Monitor compares them with prompts that are
cut out of the text from which the model learned, and the user's own Alarms ring.

Nothing of a prompt is kept but a number for each character, and one number that tells this prompt from others.
benchmarks/drift_of_prompts.py counts false alarms.
"""

from collections import deque

import numpy as np

WINDOW, EVERY = 20, 5  # prompts in a report; prompts from one report to the next
PATIENCE = 2  # bad reports until an alarm rings
CUT, SHORTEST, LONGEST = 1000, 5, 64  # prompts that are cut out of the text, and their characters
LINES = {
    "psi brightness": "psi surprise",
    "ks brightness": "ks surprise",
    "psi contrast": "psi spread",
    "ks contrast": "ks spread",
    "psi prediction": "psi refused",
    "latency p50": "latency p50",
    "latency p99": "latency p99",
}  # of the Monitor's report, and what each of them is called for prompts


class PromptMonitor:
    """The user's Monitor for prompts. A prompt is an image of one row for it: a pixel for each character, as bright as
    this character is surprising after the one before it. Its class is 1 where the model has never seen one of them.

    tokens: int array, what the model learned from; characters: str, its vocabulary; window: as for Monitor
    """

    def __init__(self, tokens, characters, window=WINDOW):
        from tinytorch.core.mlops import Monitor

        self.characters = characters
        self.surprise = surprise_after(tokens, len(characters))
        rows = [self._row(prompt) for prompt in cut(tokens, characters, CUT, np.random.default_rng(0))]
        self.monitor = Monitor(np.array(rows), np.zeros(CUT, dtype=int), 2, window)
        self.hashes = deque(maxlen=window)
        self._try(rows[:window])

    def _try(self, rows):
        """What fails in the user's report fails now, and not when the window is full of prompts."""
        for row in rows:
            self.monitor.observe(row, 0, 0.0)
        self.report()
        self.monitor.seen.clear()

    def tokens(self, text: str) -> np.ndarray:
        """The number of each character; -1 for one that is not in the vocabulary."""
        return np.array([self.characters.find(character) for character in text])

    def is_new(self, text: str) -> bool:
        """Whether none of the last prompts that were asked about here is this one."""
        new = hash(text) not in self.hashes
        if new:
            self.hashes.append(hash(text))
        return new

    def observe(self, image, label, seconds):
        """Note a prompt. image: its tokens; label: what the model makes of it, which nobody needs here."""
        tokens = np.asarray(image, dtype=int).ravel()
        self.monitor.observe(self._row(tokens), int((tokens < 0).any()), seconds)

    def report(self) -> dict[str, float]:
        """What the Monitor reports, in the words for prompts."""
        return {LINES[line]: value for line, value in self.monitor.report().items() if line in LINES}

    def _row(self, tokens):
        """The surprise of the last LONGEST characters; that of fewer ones is repeated until the row is full."""
        before = np.concatenate([[self.characters.find("\n")], tokens[:-1]])
        return np.resize(self.surprise[before, tokens][-LONGEST:], LONGEST)


def surprise_after(tokens: np.ndarray, count: int) -> np.ndarray:
    """How surprising each character is after each other one, in nats: an array (count + 1, count + 1).

    The last row and the last column are for all characters that are not in the vocabulary. Every pair counts as if it
    had been seen half a time more: the user's `shares` add that.
    """
    from tinytorch.core.mlops import shares

    before, after, edges = tokens[:-1], tokens[1:], np.arange(1, count + 1)
    return -np.log([shares(after[before == token], edges) for token in range(count + 1)])


def cut(tokens: np.ndarray, characters: str, count: int, rng) -> list[np.ndarray]:
    """Prompts out of a text: each begins where a line begins, and has a length that is drawn at random."""
    begins = np.concatenate([[0], np.flatnonzero(tokens[:-1] == characters.find("\n")) + 1])
    lengths = rng.integers(SHORTEST, LONGEST + 1, count)
    return [tokens[start : start + length] for start, length in zip(rng.choice(begins, count), lengths, strict=True)]


def alarms() -> dict:
    """The user's Alarms for a PromptMonitor's report.

    By chance alone, psi of ten bins is about 0.4 for 20 prompts: its limit lies above that of large windows.
    """
    from tinytorch.core.mlops import Alarm

    psi, ks = ("psi surprise", "psi spread", "psi refused"), ("ks surprise", "ks spread")
    return {line: Alarm(1.5, PATIENCE) for line in psi} | {line: Alarm(1e-6, PATIENCE, below=True) for line in ks}


def note(service, text: str, seconds: float):
    """Tell the monitor of the user's Service of a prompt.

    A prompt that came a moment ago says nothing new: psi and ks take prompts that do not depend on each other.
    """
    if service.monitor and text and service.monitor.is_new(text):
        service.note(service.monitor.tokens(text), 0, seconds)
