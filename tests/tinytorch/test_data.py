"""Data: the exported readers, data sets, transforms and loader, by what they promise, and under stress."""

import gzip
import threading
import time

import numpy as np
import pytest
from tinytorch.core.data import (
    CIFAR10,
    MNIST,
    ArrayDataset,
    Compose,
    DataLoader,
    Dataset,
    Normalize,
    RandomCrop,
    RandomHorizontalFlip,
    batch_indices,
    collate,
    load_batch,
    parse_cifar,
    parse_idx,
    prefetched,
    read_file,
    rng_of,
)
from tinytorch.core.tensor import Tensor


def idx(array):
    """The bytes of an IDX file that holds a uint8 array."""
    return bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes()


def cifar(images, labels):
    """The bytes of a CIFAR-10 file."""
    return np.hstack([labels[:, None], images.reshape(len(labels), -1)]).astype(np.uint8).tobytes()


def random_images(rng, n, shape=(3, 32, 32)):
    return rng.integers(0, 256, (n, *shape), dtype=np.uint8), rng.integers(0, 10, n, dtype=np.uint8)


@pytest.fixture(autouse=True)
def _no_thread_is_left():
    before = set(threading.enumerate())
    yield
    left = set(threading.enumerate()) - before
    assert not left, f"threads that are still alive: {left}"


class Items(Dataset):
    """index -> (index, a random number); item `broken` raises; notes which items were asked for."""

    def __init__(self, n, broken=-1, seconds=0.0):
        self.n, self.broken, self.seconds, self.asked = n, broken, seconds, []

    def __len__(self):
        return self.n

    def sample(self, index, rng):
        self.asked.append(index)
        time.sleep(self.seconds)
        if index == self.broken:
            raise OSError("a bad disk")
        return index, rng.random()


def numbers(batches):
    """The numbers of all batches of pairs, as plain lists."""
    return [[part.data.tolist() for part in batch] for batch in batches]


# --- reading --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_idx_gives_back_what_was_written(seed):
    rng = np.random.default_rng(seed)
    array = rng.integers(0, 256, rng.integers(0, 6, seed % 5), dtype=np.uint8)
    read = parse_idx(idx(array))
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, array)


def test_idx_lengths_have_four_bytes():
    array = np.zeros((70_000, 3), np.uint8)
    array[66_000] = 1, 2, 3
    np.testing.assert_array_equal(parse_idx(idx(array)), array)


@pytest.mark.parametrize("raw", [b"", b"\0\0", b"\0\0\x08", b"\0\0\x0d\x01\0\0\0\0", b"\x08\0\0\x01\0\0\0\x01\x05"])
def test_idx_refuses_what_is_no_idx(raw):
    with pytest.raises(ValueError):
        parse_idx(raw)


def test_idx_says_how_many_bytes_there_are_and_should_be():
    raw = idx(np.zeros((4, 5), np.uint8))
    for damaged in (raw[:-7], raw + b"123"):
        with pytest.raises(ValueError, match=str(len(damaged))) as caught:
            parse_idx(damaged)
        assert str(len(raw)) in str(caught.value)


@pytest.mark.parametrize("n", [1, 2, 17])
def test_cifar_gives_back_what_was_written(n):
    images, labels = random_images(np.random.default_rng(n), n)
    read_images, read_labels = parse_cifar(cifar(images, labels))
    assert (read_images.dtype, read_labels.dtype) == (np.uint8, np.uint8)
    np.testing.assert_array_equal(read_images, images)
    np.testing.assert_array_equal(read_labels, labels)


@pytest.mark.parametrize(
    "raw", [b"", bytes(3072), bytes(3074), bytes([10]) + bytes(3072), bytes([0]) * 3073 + b"\x0b" * 3073]
)
def test_cifar_refuses_what_is_no_cifar(raw):
    with pytest.raises(ValueError):
        parse_cifar(raw)


def write_mnist(folder, rng):
    parts = {part: random_images(rng, n, (28, 28)) for part, n in (("train", 5), ("t10k", 3))}
    for part, (images, labels) in parts.items():
        for name, array in (("images-idx3", images), ("labels-idx1", labels)):
            (folder / f"{part}-{name}-ubyte.gz").write_bytes(gzip.compress(idx(array)))
    return parts


def test_mnist(tmp_path):
    parts = write_mnist(tmp_path, np.random.default_rng(0))
    for part, train in (("train", True), ("t10k", False)):
        images, labels = parts[part]
        dataset = MNIST(tmp_path, train=train)
        assert len(dataset) == len(labels)
        for i, (image, label) in enumerate(dataset):
            assert (image.shape, image.dtype, type(label)) == ((1, 28, 28), np.float32, int)
            np.testing.assert_allclose(image[0], images[i] / 255, rtol=1e-6)
            assert label == labels[i]


def test_cifar10(tmp_path):
    rng = np.random.default_rng(1)
    parts = [random_images(rng, n) for n in (2, 1, 3, 1, 2, 4)]
    for number, part in enumerate(parts, start=1):
        (tmp_path / ("test_batch.bin" if number == 6 else f"data_batch_{number}.bin")).write_bytes(cifar(*part))
    train, test = CIFAR10(str(tmp_path)), CIFAR10(tmp_path, train=False)
    assert [label for _, label in train] == np.concatenate([labels for _, labels in parts[:5]]).tolist()
    np.testing.assert_allclose(train[4][0], parts[2][0][1] / 255, rtol=1e-6)
    assert (train[0][0].shape, train[0][0].dtype) == ((3, 32, 32), np.float32)
    assert [label for _, label in test] == parts[5][1].tolist()
    inverted = CIFAR10(tmp_path, transform=lambda image, rng: 1 - image)
    np.testing.assert_allclose(inverted[0][0], 1 - train[0][0], rtol=1e-6)
    assert sum(array.nbytes for array in train.arrays) == 9 * 3073, "images are to be kept as bytes"


def test_missing_and_damaged_files_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"data_batch_1\.bin.*bin/tito\.py data cifar10"):
        CIFAR10(tmp_path)
    write_mnist(tmp_path, np.random.default_rng(2))
    path = tmp_path / "train-labels-idx1-ubyte.gz"
    whole = path.read_bytes()
    for damaged in (
        whole[:-9],
        b"not gzip at all",
        whole[:12] + b"\xff\xff\xff" + whole[15:],
        whole[:10] + b"\xff" + whole[11:],  # this one zlib complains about, not gzip
        gzip.compress(b"\0\0\x08"),
    ):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"train-labels-idx1-ubyte\.gz is damaged.*bin/tito\.py data mnist"):
            MNIST(tmp_path)


def test_read_file_unpacks_only_gz(tmp_path):
    (tmp_path / "a.bin").write_bytes(b"abc")
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"abc"))
    assert [read_file(tmp_path / name, bytes, "mnist") for name in ("a.bin", "a.gz")] == [b"abc", b"abc"]


# --- data sets ------------------------------------------------------------------------------------


def test_dataset_says_what_is_missing():
    for use in (len, lambda dataset: dataset[0]):
        with pytest.raises(NotImplementedError, match="Dataset"):
            use(Dataset())


def test_dataset_sample_is_its_item():
    class Doubles(Dataset):
        def __getitem__(self, index):
            return 2 * index

    assert Doubles().sample(4, None) == 8


def test_array_dataset():
    images = np.array([[[[0, 51]]], [[[102, 255]]]], np.uint8)
    labels, weights = np.array([3, 1], np.uint8), np.array([0.5, 2.5])
    dataset = ArrayDataset(images, labels, weights, images)
    image, label, weight, mask = dataset[1]
    np.testing.assert_allclose(image, [[[0.4, 1.0]]], rtol=1e-6)
    assert image.dtype == np.float32
    assert (label, weight, type(label), type(weight)) == (1, 2.5, int, float)
    assert mask.dtype == np.uint8, "only the first array holds images"
    np.testing.assert_array_equal(mask, images[1])
    assert len(dataset) == 2
    assert len(list(dataset)) == 2
    np.testing.assert_array_equal(dataset[-1][0], image)
    with pytest.raises(IndexError):
        dataset[2]


def test_array_dataset_leaves_floats_as_they_are():
    images = np.random.default_rng(0).standard_normal((3, 1, 2, 2))
    (image,) = ArrayDataset(images)[2]
    assert image.dtype == np.float64
    np.testing.assert_array_equal(image, images[2])


def test_array_dataset_names_lengths_that_differ():
    with pytest.raises(ValueError, match=r"4.*3|3.*4"):
        ArrayDataset(np.zeros((4, 1)), np.zeros(3))
    with pytest.raises(ValueError, match=r"5"):
        ArrayDataset(np.zeros((4, 1)), np.zeros(4), np.zeros(5))


def test_transform_gets_floats_and_the_rng():
    seen = []
    dataset = ArrayDataset(np.full((2, 1, 1, 1), 255, np.uint8), transform=lambda *args: seen.append(args) or "done")
    rng = np.random.default_rng(0)
    assert dataset.sample(1, rng) == ("done",)
    ((image, got),) = seen
    assert image.dtype == np.float32
    assert image == 1
    assert got is rng


def test_rng_of_depends_on_all_three():
    numbers = 0, 1, 2, 3, 10, 100, 1000
    keys = [(seed, epoch, index) for seed in numbers for epoch in numbers for index in (-1, *numbers)]
    first = {key: rng_of(*key).random() for key in keys}
    assert len(set(first.values())) == len(keys)
    assert all(rng_of(*key).random() == value for key, value in first.items())
    assert rng_of(3, 2).random() == first[3, 2, -1]


# --- transforms -----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(3, 4, 5), (3, 3, 3), (1, 2, 2)])
def test_normalize(shape):
    rng = np.random.default_rng(3)
    image, mean, std = rng.random(shape).astype(np.float32), rng.random(shape[0]), rng.uniform(0.1, 1, shape[0])
    before = image.copy()
    out = Normalize(mean, std)(image, None)
    assert out.dtype == np.float32
    for channel in range(shape[0]):
        np.testing.assert_allclose(out[channel], (image[channel] - mean[channel]) / std[channel], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(Normalize(0.5, 0.25)(image, None), (image - 0.5) / 0.25, rtol=1e-6)
    np.testing.assert_array_equal(image, before)


def test_compose_goes_in_order_with_one_rng():
    seen = []

    def note(image, rng):
        seen.append(rng)
        return image + 1

    rng = np.random.default_rng(0)
    inner = Compose(note, lambda image, rng: image * 3)
    out = Compose(note, lambda image, rng: image * 10, inner)(np.array([1.0]), rng)
    np.testing.assert_array_equal(out, [63.0])
    assert seen == [rng, rng]
    assert Compose()(5, rng) == 5


def test_flip():
    image = np.arange(12.0).reshape(2, 2, 3)
    rng = np.random.default_rng(0)
    for _ in range(20):
        np.testing.assert_array_equal(RandomHorizontalFlip(1)(image, rng), image[:, :, [2, 1, 0]])
        np.testing.assert_array_equal(RandomHorizontalFlip(0)(image, rng), image)
    np.testing.assert_array_equal(image, np.arange(12.0).reshape(2, 2, 3))


@pytest.mark.parametrize("p", [None, 0.2, 0.7])
def test_flip_as_often_as_asked(p):
    flip = RandomHorizontalFlip() if p is None else RandomHorizontalFlip(p)
    p = 0.5 if p is None else p
    image = np.array([[[0, 1]]])
    share = np.mean([flip(image, np.random.default_rng(i))[0, 0, 0] for i in range(2000)])
    assert abs(share - p) < 6 * np.sqrt(p * (1 - p) / 2000)


@pytest.mark.parametrize(("shape", "padding"), [((3, 3, 5), 1), ((1, 5, 4), 2), ((2, 1, 1), 1), ((1, 4, 4), 0)])
def test_crop_gives_every_window_and_no_other(shape, padding):
    image = np.arange(1, 1 + np.prod(shape), dtype=np.float32).reshape(shape)
    padded = np.pad(image, ((0, 0), (padding, padding), (padding, padding)))
    _, height, width = shape
    places = [(top, left) for top in range(2 * padding + 1) for left in range(2 * padding + 1)]
    windows = {padded[:, top : top + height, left : left + width].tobytes() for top, left in places}
    crop = RandomCrop(padding)
    crops = [crop(image, np.random.default_rng(i)) for i in range(800)]
    assert {(out.shape, out.dtype) for out in crops} == {(shape, image.dtype)}
    assert {out.tobytes() for out in crops} == windows


def test_chance_comes_from_the_rng_alone():
    image = np.random.default_rng(0).random((3, 8, 8)).astype(np.float32)
    transform = Compose(RandomHorizontalFlip(), RandomCrop(2))
    for seed in range(30):
        one, two = (transform(image, np.random.default_rng(seed)) for _ in range(2))
        np.testing.assert_array_equal(one, two)


# --- batches --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_batch_indices(seed):
    rng = np.random.default_rng(seed)
    n, batch_size, drop_last = int(rng.integers(0, 50)), int(rng.integers(1, 12)), bool(rng.integers(2))
    for order in (None, rng):
        batches = batch_indices(n, batch_size, order, drop_last)
        kept = n - n % batch_size if drop_last else n
        assert [len(batch) for batch in batches] == [min(batch_size, kept - i) for i in range(0, kept, batch_size)]
        flat = [int(index) for batch in batches for index in batch]
        assert len(set(flat)) == kept
        assert set(flat) <= set(range(n))
        if order is None:
            assert flat == list(range(kept))


def test_orders_differ_and_can_be_repeated():
    def order(seed):
        return np.concatenate(batch_indices(100, 8, np.random.default_rng(seed))).tolist()

    assert len({tuple(order(seed)) for seed in range(20)}) == 20
    assert order(3) == order(3)
    dropped = {
        frozenset(range(9)) - {int(i) for b in batch_indices(9, 4, rng_of(0, e), True) for i in b} for e in range(60)
    }
    assert len(dropped) == 9, "now this item should be dropped, now that"


def test_collate():
    images = np.random.default_rng(0).standard_normal((3, 2, 4, 5))
    samples = list(zip(images, [7, 8, 9], [0.5, 1.5, 2.5], np.array([1, 2, 3], np.uint8), strict=True))
    batch = collate(samples)
    assert type(batch) is tuple
    assert all(isinstance(part, Tensor) for part in batch)
    assert [part.dtype for part in batch] == [np.float32, np.int64, np.float32, np.int64]
    np.testing.assert_allclose(batch[0].data, images, rtol=1e-6)
    assert [part.data.tolist() for part in batch[1:]] == [[7, 8, 9], [0.5, 1.5, 2.5], [1, 2, 3]]


def test_collate_copies():
    image = np.zeros((1, 2, 2), np.float32)
    (block,) = collate([(image,)])
    image[:] = 1
    assert not block.data.any()


def test_collate_refuses_shapes_that_differ():
    with pytest.raises(ValueError):
        collate([(np.zeros((1, 2, 2)), 0), (np.zeros((1, 2, 3)), 0)])


def test_load_batch():
    dataset = Items(100)
    indices, dice = load_batch(dataset, np.array([5, 99, 5, 0]), seed=3, epoch=2)
    assert dataset.asked == [5, 99, 5, 0]
    assert {type(index) for index in dataset.asked} == {int}
    assert indices.data.tolist() == [5, 99, 5, 0]
    np.testing.assert_allclose(dice.data, [rng_of(3, 2, i).random() for i in (5, 99, 5, 0)], rtol=1e-6)
    assert load_batch(dataset, [1, 2, 3], collate_fn=len) == 3


@pytest.mark.parametrize("broken", [0, 17, 64])
def test_a_broken_item_is_named(broken):
    with pytest.raises(OSError, match="a bad disk") as caught:
        load_batch(Items(100, broken), [33, broken, 91])
    notes = " ".join(caught.value.__notes__)
    assert str(broken) in notes
    assert not any(str(other) in notes for other in (33, 91))


# --- working ahead --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
def test_prefetched_keeps_the_order(seed):
    rng = np.random.default_rng(seed)
    n, workers, ahead = (int(rng.integers(low, high)) for low, high in ((0, 30), (1, 9), (1, 12)))
    delays = rng.uniform(0, 0.004, n)
    results = prefetched(lambda i: time.sleep(delays[i]) or i, range(n), workers, ahead)
    assert list(results) == list(range(n))


def test_prefetched_works_at_the_same_time_and_ahead():
    together = threading.Barrier(4, timeout=30)
    assert sorted(prefetched(lambda _: together.wait(), range(4), 4, 4)) == [0, 1, 2, 3]
    begun = [threading.Event() for _ in range(3)]
    results = prefetched(lambda i: begun[i].set(), range(3), 1, 1)
    next(results)
    assert begun[1].wait(30), "the second call should run while the caller has the first result"
    results.close()


@pytest.mark.parametrize(("workers", "ahead"), [(1, 1), (2, 5), (6, 2)])
def test_prefetched_does_not_run_away(workers, ahead):
    begun, taken = [], []

    def tasks():
        for i in range(50):
            taken.append(i)
            yield i

    for done, _ in enumerate(prefetched(begun.append, tasks(), workers, ahead), start=1):
        time.sleep(0.002)
        assert len(begun) <= done + ahead
        assert len(taken) <= done + ahead + 1


def test_prefetched_starts_nothing_before_it_is_asked():
    begun, before = [], set(threading.enumerate())
    results = prefetched(begun.append, range(9), 3, 3)
    time.sleep(0.01)
    assert not begun
    assert not set(threading.enumerate()) - before
    results.close()


@pytest.mark.parametrize("broken", [0, 5, 19])
def test_prefetched_raises_errors_in_their_place(broken):
    def work(i):
        time.sleep(0 if i == broken else 0.002)
        return 1 / (i != broken) and i

    got = []
    with pytest.raises(ZeroDivisionError):
        got.extend(prefetched(work, range(20), 4, 6))  # keeps what came before the error
    assert got == list(range(broken))


def test_prefetched_passes_on_errors_of_the_tasks():
    def tasks():
        yield from range(5)
        raise LookupError

    with pytest.raises(LookupError):
        list(prefetched(lambda i: time.sleep(0.001), tasks(), 2, 2))


def test_prefetched_drops_what_has_not_begun_and_waits_for_what_has():
    begun, ended = [], []

    def work(i):
        begun.append(i)
        time.sleep(0.02)
        ended.append(i)

    for _ in prefetched(work, range(500), 2, 400):
        break
    count = len(begun)
    assert count < 390, "401 calls were handed over, some of them should have been dropped"
    assert len(ended) == count, "calls that run should have been waited for"
    time.sleep(0.05)
    assert len(begun) == count


# --- the loader -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(30))
def test_length_is_the_number_of_batches(seed):
    rng = np.random.default_rng(seed)
    n, batch_size, workers = int(rng.integers(0, 40)), int(rng.integers(1, 9)), int(rng.integers(3))
    for drop_last in (False, True):
        dataset = Items(n)
        loader = DataLoader(dataset, batch_size, shuffle=True, drop_last=drop_last, num_workers=workers)
        assert len(loader) == (n // batch_size if drop_last else -(-n // batch_size))
        assert not dataset.asked
        batches = list(loader)
        assert len(batches) == len(loader)
        assert all(len(items) == batch_size for items, _ in batches[: len(batches) if drop_last else -1])


def test_the_same_with_any_number_of_workers():
    transform = Compose(RandomHorizontalFlip(), RandomCrop(3), Normalize(0.5, 0.25))
    dataset = ArrayDataset(*random_images(np.random.default_rng(0), 50, (3, 8, 8)), transform=transform)
    loaders = [
        DataLoader(dataset, 7, shuffle=True, seed=5, num_workers=workers, prefetch=prefetch)
        for workers, prefetch in ((0, 1), (1, 1), (3, 2), (8, 4))
    ]
    epochs = [[list(loader) for _ in range(3)] for loader in loaders]
    for other in epochs[1:]:
        for batches, expected in zip(other, epochs[0], strict=True):
            for (images, labels), (want_images, want_labels) in zip(batches, expected, strict=True):
                np.testing.assert_array_equal(images.data, want_images.data)
                np.testing.assert_array_equal(labels.data, want_labels.data)
    first, second = (np.concatenate([images.data for images, _ in batches]) for batches in epochs[0][:2])
    assert not np.array_equal(np.sort(first, axis=None), np.sort(second, axis=None)), "each epoch has dice of its own"


@pytest.mark.parametrize("workers", [0, 2])
def test_every_epoch_visits_each_item_once_in_an_order_of_its_own(workers):
    def orders(seed):
        loader = DataLoader(Items(30), 7, True, seed, num_workers=workers)
        return [[int(i) for items, _ in loader for i in items.data] for _ in range(10)]

    assert all(sorted(order) == list(range(30)) for order in orders(4))
    assert len({tuple(order) for seed in (4, 5) for order in orders(seed)}) == 20
    assert orders(4) == orders(4)


def test_without_shuffling_in_order_with_dice_of_seed_epoch_and_index():
    loader = DataLoader(Items(10), 4, seed=9)
    for epoch in range(3):
        assert loader.epoch == epoch
        batches = list(loader)
        assert [items.data.tolist() for items, _ in batches] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
        dice = np.concatenate([part.data for _, part in batches])
        np.testing.assert_allclose(dice, [rng_of(9, epoch, i).random() for i in range(10)], rtol=1e-6)


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_are_collated_as_asked_for(workers):
    assert list(DataLoader(Items(10), 4, collate_fn=len, num_workers=workers)) == [4, 4, 2]


@pytest.mark.parametrize("workers", [0, 3])
def test_an_epoch_begins_with_iter(workers):
    loader = DataLoader(Items(20), 4, True, num_workers=workers)
    one, two = iter(loader), iter(loader)
    assert loader.epoch == 2
    second, first = numbers(two), numbers(one)
    again = DataLoader(Items(20), 4, True)
    assert [numbers(again), numbers(again)] == [first, second]


@pytest.mark.parametrize("workers", [0, 3])
def test_resumes_where_it_stopped(workers):
    old = DataLoader(Items(20), 6, True, seed=2, num_workers=workers)
    list(old)
    for _ in old:
        break
    state = old.state_dict()
    assert state == {"epoch": 2}
    new = DataLoader(Items(20), 6, True, seed=2)
    new.load_state_dict(state)
    assert numbers(new) == numbers(old)
    assert new.epoch == 3


@pytest.mark.parametrize("wrong", [{"batch_size": 0}, {"num_workers": -1}, {"prefetch": 0}])
def test_refuses_what_makes_no_sense(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        DataLoader(Items(3), **wrong)


@pytest.mark.parametrize("workers", [0, 1, 4])
def test_a_broken_item_reaches_the_loop(workers):
    got = []
    with pytest.raises(OSError, match="a bad disk") as caught:
        got.extend(items.data.tolist() for items, _ in DataLoader(Items(40, broken=23), 5, num_workers=workers))
    assert got == np.arange(20).reshape(4, 5).tolist()
    assert "23" in " ".join(caught.value.__notes__)


def test_loads_so_far_ahead_and_no_further():
    dataset = Items(500)
    batches = iter(DataLoader(dataset, 3, num_workers=2, prefetch=4))
    next(batches)
    deadline = time.monotonic() + 30
    while len(dataset.asked) < 3 * 9 and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(0.03)
    assert len(dataset.asked) == 3 * 9  # the batch that the caller has, and 2 x 4 more
    batches.close()


# --- under stress ---------------------------------------------------------------------------------


def test_early_breaks_leave_nothing_behind():
    """Leaving after 0 to 9 batches, by break, by an error in the loop, or because an item is broken; 8 threads."""
    before, rng = set(threading.enumerate()), np.random.default_rng(0)
    endings = {"break": 0, "error": 0, "broken item": 0}
    for _ in range(300):
        stop, broken = int(rng.integers(0, 10)), int(rng.integers(0, 120))
        loader = DataLoader(Items(60, broken), 4, shuffle=True, seed=broken, num_workers=8, prefetch=1 + broken % 3)
        try:
            for count, _ in enumerate(loader):
                if count == stop and stop % 3 == 0:
                    raise KeyError
                if count == stop:
                    endings["break"] += 1
                    break
        except KeyError:
            endings["error"] += 1
        except OSError:
            endings["broken item"] += 1
        assert not set(threading.enumerate()) - before
    assert min(endings.values()) > 15, f"meant to try every ending: {endings}"


def test_two_loops_in_two_threads():
    """A loader of its own in each of four threads, each with threads: nobody gets the other's batches."""
    results = {}

    def run(seed):
        loader = DataLoader(Items(50), 4, shuffle=True, seed=seed, num_workers=3)
        results[seed] = [numbers(loader) for _ in range(5)]

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed in range(4):
        alone = DataLoader(Items(50), 4, shuffle=True, seed=seed)
        assert results[seed] == [numbers(alone) for _ in range(5)]


class Stopping(Dataset):
    """Its item 3 raises StopIteration, as next() of what is used up does."""

    def __len__(self):
        return 8

    def sample(self, index, rng):
        return next(iter([] if index == 3 else [(index,)]))


@pytest.mark.parametrize("num_workers", [0, 1, 3])
def test_a_data_set_that_stops_early_ends_no_epoch(num_workers):
    seen = []
    with pytest.raises(RuntimeError, match="StopIteration") as caught:  # noqa: PT012
        for (items,) in DataLoader(Stopping(), batch_size=2, num_workers=num_workers):
            seen += items.data.tolist()
    assert seen == [0, 1]
    assert "3" in " ".join(caught.value.__cause__.__notes__)
