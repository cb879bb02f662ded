"""Draw the small CIFAR-10 of CNN from the six binary files of the full one.

    python make_cifar10_subset.py FOLDER      # FOLDER holds data_batch_1.bin … data_batch_5.bin and test_batch.bin

Writes, next to this script:
cifar10_subset.npz  what students work with, all uint8: train_images (900, 3, 32, 32), train_labels (900,),
                    test_images (200, 3, 32, 32), test_labels (200,), exam_images (200, 3, 32, 32)
_exam_labels.npy    (200,) uint8: labels of exam_images, which only the judge has

Every class is drawn equally often, without replacement, with a fixed seed; train comes from CIFAR-10's 50,000
training images, test and exam (disjoint) from its 10,000 test images. The committed files were drawn from a copy
of CIFAR-10 whose pixels had been through JPEG: figures measured on them are not quite those of the original pixels.
"""

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
SEED = 20240902


def read_batch(path):
    """Images (n, 3, 32, 32) and labels (n,) in a file of records: 1 byte label, 1024 bytes each of red, green, blue."""
    records = np.frombuffer(path.read_bytes(), np.uint8).reshape(-1, 1 + 3 * 32 * 32)
    return records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0]


def draw(labels, each, rng):
    """Indices of `each` samples of every class, in random order."""
    of_class = [rng.permutation(np.flatnonzero(labels == one))[:each] for one in range(10)]
    return rng.permutation(np.concatenate(of_class))


def main(folder):
    rng = np.random.default_rng(SEED)
    batches = [read_batch(folder / f"data_batch_{number}.bin") for number in range(1, 6)]
    images, labels = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    train = draw(labels, 90, rng)
    parts = {"train_images": images[train], "train_labels": labels[train]}

    images, labels = read_batch(folder / "test_batch.bin")
    test = draw(labels, 20, rng)
    rest = np.setdiff1d(np.arange(len(labels)), test)
    exam = rest[draw(labels[rest], 20, rng)]
    parts |= {"test_images": images[test], "test_labels": labels[test], "exam_images": images[exam]}

    np.savez_compressed(HERE / "cifar10_subset.npz", **parts)
    np.save(HERE / "_exam_labels.npy", labels[exam])
    for name, part in parts.items():
        print(f"{name:14} {part.shape}  mean {part.mean():.2f}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
