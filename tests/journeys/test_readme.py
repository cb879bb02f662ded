"""The README's example prints what the README says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

NUMBER = re.compile(r"[0-9.]+")
ROOT = Path(__file__).resolve().parents[2]


def test_the_example_prints_what_stands_below_it():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    code, printed = re.findall(r"```python\n(.*?)```\n\n```\n(.*?)```", text, re.DOTALL)[0]
    paths = f"import sys; import tinytorch_ref as tinytorch; sys.modules['tinytorch'] = tinytorch\n{code}"
    done = subprocess.run([sys.executable, "-c", paths], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.stderr == ""
    assert NUMBER.sub("#", done.stdout) == NUMBER.sub("#", printed)
    # Another processor adds in another order: after 500 steps that may show.
    assert numbers(done.stdout) == pytest.approx(numbers(printed), rel=0.02)


def numbers(text: str) -> list[float]:
    return list(map(float, NUMBER.findall(text)))
