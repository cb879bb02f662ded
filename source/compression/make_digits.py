"""Take the digits of Compression from those of Training: the same images, without the exam.

    python make_digits.py

Writes digits.npz next to this script, all uint8: train_images (2000, 1, 14, 14), train_labels (2000,),
val_images (500, 1, 14, 14), val_labels (500,).
"""

from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
PARTS = ("train_images", "train_labels", "val_images", "val_labels")

if __name__ == "__main__":
    digits = np.load(HERE.parent / "training" / "digits.npz")
    np.savez_compressed(HERE / "digits.npz", **{name: digits[name] for name in PARTS})
