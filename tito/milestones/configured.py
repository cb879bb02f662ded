"""A milestone as a run of a config file, read and fingerprinted by the user's own config module.

A finished training leaves `run.yml` beside its picture: the numbers of its recipe (its SETTINGS), the fingerprint of
these, and that of the trained weights. Whoever gets the file trains the same with `--config`, and hears whether the
same came out, bit for bit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, make_dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from tito import files

RUN = "run.yml"


@dataclass(frozen=True)
class Found:
    """What a run found: the fingerprint of its recipe, that of its weights, and the accuracy or the loss."""

    config: str = ""
    weights: str = ""
    measured: float = 0.0


def schema(recipe: ModuleType) -> type:
    """The dataclass of a run: of which milestone and module, the numbers of the recipe, and what was found."""
    from tinytorch.core.config import at_least, checked

    numbers = {name.lower(): getattr(recipe, name) for name in recipe.SETTINGS}
    lows = {name: 0 if isinstance(n, float) or name in ("seed", "shift") else 1 for name, n in numbers.items()}
    options = [(name, type(n), field(**checked(n, at_least(lows[name])))) for name, n in numbers.items()]
    settings: Any = make_dataclass("Recipe", options, frozen=True)
    module, _, milestone = recipe.__name__.rpartition(".")[2].partition("_")
    parts = [("milestone", milestone), ("module", module), ("own_kernels", False)]
    sections = [("recipe", settings()), ("found", Found())]
    return make_dataclass("Run", [(name, type(value), value) for name, value in parts + sections], frozen=True)


def read(recipe: ModuleType, path: Path) -> Any:
    """The run in a file. Raises what the user's `load_config` raises, and ValueError for a run of something else."""
    from tinytorch.core.config import load_config

    own = schema(recipe)
    run = load_config(path, schema=own)
    if (run.milestone, run.module) != (own().milestone, own().module):
        raise ValueError(f"{path} is a run of the milestone {run.milestone} of module {run.module}")
    return run


def of_recipe(recipe: ModuleType, epochs: int | None, own_kernels: bool) -> Any:
    """The run that the recipe itself describes."""
    run = schema(recipe)()
    numbers = replace(run.recipe, epochs=epochs) if epochs else run.recipe
    return replace(run, recipe=numbers, own_kernels=own_kernels)


@contextmanager
def with_numbers(recipe: ModuleType, numbers: Any) -> Iterator[None]:
    """As long as the block runs, the recipe has the numbers of a run."""
    before = {name: getattr(recipe, name) for name in recipe.SETTINGS}
    try:
        for name in recipe.SETTINGS:
            setattr(recipe, name, getattr(numbers, name.lower()))
        yield
    finally:
        for name, value in before.items():
            setattr(recipe, name, value)


def keep(run: Any, weights: dict, measured: float, path: Path) -> Any:
    """Write a finished run to `path`, and return it, with what it found."""
    from tinytorch.core.config import digest, fingerprint

    found = Found(fingerprint(run.recipe), digest(weights), measured)
    run = replace(run, found=found)
    text = yaml.safe_dump(asdict(run), sort_keys=False)
    files.write(
        path, f"# python bin/tito.py milestone {run.milestone} --config FILE repeats this run.\n{text}".encode()
    )
    return run


def compared(own: Any, other: Any) -> tuple[bool, str]:
    """Whether a run found the same as another one, bit for bit; and that in words."""
    mine, theirs = own.found, other.found
    if theirs.config != mine.config:
        return False, f"Another config: its fingerprint is {mine.config}, and {theirs.config} is what the file says."
    if theirs.weights == mine.weights:
        return True, f"The same run, bit for bit: weights {mine.weights}"
    both = (
        f"weights {mine.weights} and {mine.measured:.4f} here, {theirs.weights} and {theirs.measured:.4f} in the file"
    )
    return False, f"The same config, and another result: {both}"
