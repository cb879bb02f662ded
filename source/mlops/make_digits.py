"""Draw the digits of MLOps from those of Training: real ones of MNIST, shrunk to 14x14.

    python make_digits.py

Writes digits.npz next to this script, all uint8: images (1000, 1, 14, 14) and labels (1000,), on which the model
learns, and which the monitor takes as its reference; traffic (500, 1, 14, 14) and traffic_labels (500,), which play
the part of the customers.
"""

from pathlib import Path

import numpy as np

HERE = Path(__file__).parent

if __name__ == "__main__":
    digits = np.load(HERE.parent / "training" / "digits.npz")
    parts = {"images": digits["train_images"][:1000], "labels": digits["train_labels"][:1000]}
    parts |= {"traffic": digits["val_images"], "traffic_labels": digits["val_labels"]}
    np.savez_compressed(HERE / "digits.npz", **parts)
    for name, part in parts.items():
        print(f"{name:14} {part.shape}  mean {part.mean():.2f}")
