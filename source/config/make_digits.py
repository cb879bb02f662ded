"""Take the digits of Config from those of Training: fewer, so that many trainings fit into a minute.

    python make_digits.py

Writes digits.npz, next to this script, all uint8: train_images (1000, 1, 14, 14), train_labels (1000,),
val_images (400, 1, 14, 14), val_labels (400,).
"""

from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
COUNTS = {"train": 1000, "val": 400}

if __name__ == "__main__":
    digits = np.load(HERE.parent / "training" / "digits.npz")
    names = [(part, f"{part}_{what}") for part in COUNTS for what in ("images", "labels")]
    np.savez_compressed(HERE / "digits.npz", **{name: digits[name][: COUNTS[part]] for part, name in names})
