"""Draw the small digits of Training from the canonical IDX files of MNIST, shrunk to 14x14.

    python make_digits.py FOLDER      # FOLDER holds t10k-images-idx3-ubyte.gz and train-… , images and labels

Writes, next to this script:
digits.npz          what students work with, all uint8: train_images (2000, 1, 14, 14), train_labels (2000,),
                    val_images (500, 1, 14, 14), val_labels (500,), exam_images (400, 1, 14, 14)
_exam_labels.npy    (400,) uint8: labels of exam_images, which only the judge has

Every digit is drawn about equally often, without replacement, with a fixed seed. The exam comes from MNIST's test
images, without those that students have in MLP: there they could look a label up.
"""

import gzip
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
SEED = 20240906


def read_idx(path):
    """The array in a gzipped IDX file: two zero bytes, 8 (for uint8), the number of axes, their lengths, the data."""
    raw = gzip.decompress(path.read_bytes())
    axes = raw[3]
    shape = np.frombuffer(raw, ">u4", count=axes, offset=4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * axes).reshape(shape)


def draw(labels, each, rng):
    """Indices of `each` samples of every digit, in random order."""
    of_digit = [rng.permutation(np.flatnonzero(labels == digit))[:each] for digit in range(10)]
    return rng.permutation(np.concatenate(of_digit))


def shrink(images):
    """(N, 28, 28) -> (N, 1, 14, 14): the mean of each 2x2 square."""
    small = images.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)).round()
    return small.astype(np.uint8)[:, None]


def main(folder):
    rng = np.random.default_rng(SEED)
    images, labels = read_idx(folder / "train-images-idx3-ubyte.gz"), read_idx(folder / "train-labels-idx1-ubyte.gz")
    chosen = draw(labels, 250, rng)
    train, val = chosen[:2000], chosen[2000:]
    parts = {"train_images": shrink(images[train]), "train_labels": labels[train]}
    parts |= {"val_images": shrink(images[val]), "val_labels": labels[val]}

    images, labels = read_idx(folder / "t10k-images-idx3-ubyte.gz"), read_idx(folder / "t10k-labels-idx1-ubyte.gz")
    module2 = np.load(HERE.parent / "mlp" / "mnist_subset.npz")
    seen = {image.tobytes() for name in ("test_images", "exam_images") for image in module2[name]}
    fresh = np.flatnonzero([image.tobytes() not in seen for image in images])
    exam = fresh[draw(labels[fresh], 40, rng)]
    parts["exam_images"] = shrink(images[exam])

    np.savez_compressed(HERE / "digits.npz", **parts)
    np.save(HERE / "_exam_labels.npy", labels[exam])
    for name, part in parts.items():
        print(f"{name:14} {part.shape}  mean {part.mean():.2f}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
