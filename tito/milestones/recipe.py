"""What every recipe of a milestone reports while it runs, and what it returns."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np


@dataclass(frozen=True)
class Progress:
    """Where the training is. loss and accuracy are means over the last steps, on the batches it trains on."""

    epoch: int  # from 1
    epochs: int
    step: int  # from 1, over all epochs
    steps: int
    loss: float
    accuracy: float | None  # None where nobody counts right answers
    seconds: float  # since training began
    seconds_left: float


@dataclass(frozen=True)
class Result:
    """What came out, on test images that training never saw."""

    measure: ClassVar[str] = "accuracy"
    pictured: ClassVar[str] = "Curves, confusions and mistakes"

    accuracy: float
    target: float
    seconds: float  # of training, without reading the data
    epochs: int
    parameters: int
    finished: bool = True  # False: stopped on the way, its state is saved
    curves: tuple[dict, ...] = ()  # one an epoch: epoch, loss, accuracy (both while training), test_accuracy, seconds
    guesses: np.ndarray | None = None  # uint8 (n,), the class taken for each test image
    labels: np.ndarray | None = None  # uint8 (n,), its true class
    confidences: np.ndarray | None = None  # float32 (n,), how probable the network thought its guess
    weights: dict[str, np.ndarray] | None = None  # all that training has changed

    @property
    def reached(self) -> bool:
        return self.finished and self.accuracy > self.target

    @property
    def found(self) -> str:
        return f"Test accuracy {self.accuracy:.2%}"

    @property
    def on_the_way(self) -> str:
        accuracies = ", ".join(f"{point['test_accuracy']:.1%}" for point in self.curves)
        return f"Test accuracy after each epoch: {accuracies}"

    def figure(self, title: str, dataset, folder: Path):
        """The picture of this result; None without answers. dataset: a tito.datasets.Dataset that lies in `folder`."""
        if self.guesses is None or self.labels is None:
            return None
        from tito.draw import milestone

        title = f"{title}: {self.accuracy:.2%} of {len(self.labels):,} test images"
        answers = self.guesses, self.labels, self.confidences
        return milestone.result(title, self.curves, *answers, dataset.test_images(folder), dataset.classes)


@dataclass(frozen=True)
class Written:
    """What came out of a model that writes: its loss on text that training never saw, where less is better."""

    measure: ClassVar[str] = "loss"
    pictured: ClassVar[str] = "Curve and sample"

    loss: float  # in nats for a character
    target: float
    seconds: float  # of training, without reading the data
    epochs: int
    parameters: int
    finished: bool = True
    curves: tuple[dict, ...] = ()  # some steps: step, loss (while training), val_loss (of a part), seconds
    sample: str = ""  # what the model writes
    kept: dict[str, np.ndarray] | None = None  # all that is needed to load the model again

    @property
    def reached(self) -> bool:
        return self.finished and self.loss < self.target

    @property
    def weights(self) -> dict[str, np.ndarray] | None:
        return self.kept

    @property
    def found(self) -> str:
        return f"Validation loss {self.loss:.3f}"

    @property
    def on_the_way(self) -> str:
        losses = ", ".join(f"{point['val_loss']:.2f}" for point in self.curves)
        return f"Validation loss on the way: {losses}"

    def figure(self, title: str, dataset, folder: Path):
        """The picture of this result. dataset, folder: as for Result.figure, and not needed."""
        from tito.draw import milestone

        return milestone.written(f"{title}: {self.found[0].lower()}{self.found[1:]}", self.curves, self.sample)
