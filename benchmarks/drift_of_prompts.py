"""How often `tito milestone gpt --serve` says that prompts have drifted: where they have not, and where they have.

    tito data shakespeare && python benchmarks/drift_of_prompts.py | tee benchmarks/drift_of_prompts.log

Claims: prompts out of the tenth of the text that the model never saw ring in less than one of 500 sessions of 200
prompts; prompts of each other kind ring in all sessions, before 40 of them have come. Last result:
drift_of_prompts.log.
"""

import os
import time
from pathlib import Path

import numpy as np

from tito import datasets
from tito.milestones import gpt_gpt, gpt_watched
from tito.workspace import Workspace

QUIET, PROMPTS, SESSIONS, WAITED = 500, 200, 50, 100
LETTERS = list("abcdefghijklmnopqrstuvwxyz ")
GERMAN = """Wer reitet so spaet durch Nacht und Wind? Es ist der Vater mit seinem Kind;
Er hat den Knaben wohl in dem Arm, er fasst ihn sicher, er haelt ihn warm.
Mein Sohn, was birgst du so bang dein Gesicht? Siehst, Vater, du den Erlkoenig nicht?
Den Erlenkoenig mit Kron und Schweif? Mein Sohn, es ist ein Nebelstreif.
Du liebes Kind, komm, geh mit mir! Gar schoene Spiele spiel ich mit dir;
Manch bunte Blumen sind an dem Strand, meine Mutter hat manch guelden Gewand.
"""


def cuts(text):
    """A function from a Generator and a number to so many prompts that are cut out of a text."""
    characters = "".join(sorted(set(text)))
    tokens = np.array([characters.index(character) for character in text])

    def draw(rng, number):
        return ["".join(characters[i] for i in one) for one in gpt_watched.cut(tokens, characters, number, rng)]

    return draw


def kinds(play):
    """What each kind of prompt is called: a function from a Generator and a number to prompts. play: Shakespeare's."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted(Path(gpt_gpt.__file__).parent.glob("*.py")))
    english = (Path(__file__).resolve().parents[1] / "docs/how-grading-works.md").read_text(encoding="utf-8")
    return {
        "all in capitals": lambda rng, number: [prompt.upper() for prompt in play(rng, number)],
        "Python": cuts(code),
        "a page of documentation": cuts(english),
        "German": cuts(GERMAN),
        "digits": lambda rng, number: list(map(str, rng.integers(10**8, 10**12, number))),
        "letters by chance": lambda rng, number: [
            "".join(rng.choice(LETTERS, length)) for length in rng.integers(5, 65, number)
        ],
    }


def until_it_rings(monitor, prompts):
    """How many prompts come until an alarm rings, and which one; (None, None) where none does."""
    monitor.monitor.seen.clear()
    alarms = gpt_watched.alarms()
    for number, prompt in enumerate(prompts, start=1):
        monitor.observe(monitor.tokens(prompt), 0, 0.0)
        if number % gpt_watched.EVERY == 0:
            for line, value in monitor.report().items():
                if line in alarms and alarms[line].update(value):
                    return number, line
    return None, None


def main():
    text = gpt_gpt.read(datasets.folder(Workspace.find(), "shakespeare"))
    characters = "".join(sorted(set(text)))
    tokens = np.array([characters.index(character) for character in text])
    start = time.process_time()
    monitor = gpt_watched.PromptMonitor(gpt_gpt.split(tokens)[0], characters)
    print(f"{os.uname().machine}; a monitor is made in {time.process_time() - start:.2f} s of CPU time")

    play, rang = cuts(text[len(text) * 9 // 10 :]), 0
    for seed in range(QUIET):
        rng = np.random.default_rng(seed)
        at, _ = until_it_rings(monitor, play(rng, PROMPTS))
        rang += at is not None
    print(f"out of the text that the model never saw: {rang} of {QUIET:,} sessions of {PROMPTS} prompts ring")

    for name, draw in kinds(play).items():
        found = []
        for seed in range(SESSIONS):
            rng = np.random.default_rng(seed)
            found.append(until_it_rings(monitor, draw(rng, WAITED)))
        at = sorted(number for number, _ in found if number)
        lines = sorted({line for _, line in found if line})
        print(f"{name}: {len(at)} of {SESSIONS} ring, after {at[0]} to {at[-1]} prompts, by {', '.join(lines)}")

    start = time.process_time()
    for _ in range(1000):
        monitor.report()
    print(f"a report takes {time.process_time() - start:.2f} ms of CPU time")


main()
