"""Sensible subsets of the modules, each a course of its own."""

from pathlib import Path

import yaml

from autograder.template.answers import Questionnaire, term_of
from tito.workspace import Course

SUBSETS = {
    "to mlp": ["setup", "tensor", "mlp"],
    "to cnn": ["setup", "tensor", "mlp", "cnn"],
    "to cnn, and kernels": ["setup", "tensor", "mlp", "cnn", "kernels"],
    "autograd with cnn given": ["setup", "tensor", "mlp", "autograd"],
    "to training, compression, mlops": [
        *("setup", "tensor", "mlp", "cnn", "autograd", "data", "training", "compression", "mlops"),
    ],
    "all": "all",
    "all, and gpt": [
        *("setup", "tensor", "mlp", "cnn", "autograd", "data", "training", "config", "profiling", "compression"),
        *("kernels", "benchmarking", "mlops", "gpt"),
    ],
}


def teach(root: Path, modules: list[str] | str) -> None:
    """Make the course in `root` one that teaches `modules`, as `tito new` would."""
    (root / "term.yml").unlink(missing_ok=True)
    term = term_of(Questionnaire("a", "A", "UTC", modules=modules), Course.read(root / "course.yml"))
    (root / "term.yml").write_text(yaml.safe_dump(term), encoding="utf-8")
