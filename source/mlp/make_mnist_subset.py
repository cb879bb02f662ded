"""Draw the small MNIST of MLP from the four canonical IDX files.

    python make_mnist_subset.py FOLDER      # FOLDER holds train-images-idx3-ubyte.gz and the other three

Writes, next to this script:
mnist_subset.npz    what students work with, all uint8: train_images (10000, 28, 28), train_labels (10000,),
                    test_images (2000, 28, 28), test_labels (2000,), exam_images (500, 28, 28)
_exam_labels.npy    (500,) uint8: labels of exam_images, which only the judge has

Every digit is drawn equally often, without replacement, with a fixed seed; train comes from MNIST's
60,000 training images, test and exam (disjoint) from its 10,000 test images.
"""

import gzip
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
SEED = 20240901


def read_idx(path):
    """The array in a gzipped IDX file: two zero bytes, 8 (for uint8), the number of axes, their lengths, the data."""
    raw = gzip.decompress(path.read_bytes())
    if raw[:3] != b"\0\0\x08":
        raise ValueError(f"{path} is not an IDX file of bytes")
    axes = raw[3]
    shape = np.frombuffer(raw, ">u4", count=axes, offset=4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * axes).reshape(shape)


def draw(labels, each, rng):
    """Indices of `each` samples of every digit, in random order."""
    of_digit = [rng.permutation(np.flatnonzero(labels == digit))[:each] for digit in range(10)]
    return rng.permutation(np.concatenate(of_digit))


def main(folder):
    rng = np.random.default_rng(SEED)
    images, labels = read_idx(folder / "train-images-idx3-ubyte.gz"), read_idx(folder / "train-labels-idx1-ubyte.gz")
    train = draw(labels, 1000, rng)
    parts = {"train_images": images[train], "train_labels": labels[train]}

    images, labels = read_idx(folder / "t10k-images-idx3-ubyte.gz"), read_idx(folder / "t10k-labels-idx1-ubyte.gz")
    test = draw(labels, 200, rng)
    rest = np.setdiff1d(np.arange(len(labels)), test)
    exam = rest[draw(labels[rest], 50, rng)]
    parts |= {"test_images": images[test], "test_labels": labels[test], "exam_images": images[exam]}

    np.savez_compressed(HERE / "mnist_subset.npz", **parts)
    np.save(HERE / "_exam_labels.npy", labels[exam])
    for name, part in parts.items():
        print(f"{name:14} {part.shape}  mean {part.mean():.2f}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
