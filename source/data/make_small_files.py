"""Cut the small files of Data out of the full sets, byte for byte in the formats of their publishers.

    python make_small_files.py MNIST CIFAR10    # the folders that hold the full sets

Writes, next to this script:
mnist/      the four files of MNIST, with 300 images to learn from and 1,000 to test on, 30 and 100 of every digit
cifar-10/   the six files of CIFAR-10: five with 40 records each, and test_batch.bin with 50; 20 and 5 of every class

The pixels of CIFAR-10 here come from a copy of the set that was once stored as JPEG: they look the same, and
differ from the published ones by a little noise.
"""

import gzip
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
SEED = 20240902
RECORD = 1 + 3 * 32 * 32


def chosen(labels, each, rng):
    """Indices of `each` samples of every class, in random order."""
    of_class = [rng.permutation(np.flatnonzero(labels == label))[:each] for label in range(10)]
    return rng.permutation(np.concatenate(of_class))


def idx(array):
    """The bytes of an IDX file of uint8: two zeros, 8, the number of axes, their lengths, the data."""
    lengths = b"".join(length.to_bytes(4, "big") for length in array.shape)
    return bytes([0, 0, 8, array.ndim]) + lengths + array.tobytes()


def cut_mnist(folder, part, each, rng):
    raw = gzip.decompress((folder / f"{part}-images-idx3-ubyte.gz").read_bytes())
    images = np.frombuffer(raw, np.uint8, offset=16).reshape(-1, 28, 28)
    labels = np.frombuffer(gzip.decompress((folder / f"{part}-labels-idx1-ubyte.gz").read_bytes()), np.uint8, offset=8)
    picked = chosen(labels, each, rng)
    for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
        packed = gzip.compress(idx(array[picked]), mtime=0)  # without the time, the same bytes whenever it runs
        write(HERE / "mnist" / f"{part}-{kind}-ubyte.gz", packed)


def cut_cifar(folder, names, each, rng):
    raw = b"".join((folder / name).read_bytes() for name in names)
    records = np.frombuffer(raw, np.uint8).reshape(-1, RECORD)
    picked = np.split(chosen(records[:, 0], each, rng), len(names))
    for name, indices in zip(names, picked, strict=True):
        write(HERE / "cifar-10" / name, records[indices].tobytes())


def write(path, content):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    print(f"{path.relative_to(HERE)}  {len(content):,} bytes")


def main(mnist, cifar):
    rng = np.random.default_rng(SEED)
    cut_mnist(mnist, "train", 30, rng)
    cut_mnist(mnist, "t10k", 100, rng)
    cut_cifar(cifar, [f"data_batch_{i}.bin" for i in range(1, 6)], 20, rng)
    cut_cifar(cifar, ["test_batch.bin"], 5, rng)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
