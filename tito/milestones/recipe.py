"""What every recipe of a milestone reports while it runs, and what it returns."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Progress:
    """Where the training is. loss and accuracy are means over the last steps, on the batches it trains on."""

    epoch: int  # from 1
    epochs: int
    step: int  # from 1, over all epochs
    steps: int
    loss: float
    accuracy: float
    seconds: float  # since training began
    seconds_left: float


@dataclass(frozen=True)
class Result:
    """What came out, on test images that training never saw."""

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

    @property
    def reached(self) -> bool:
        return self.finished and self.accuracy > self.target
