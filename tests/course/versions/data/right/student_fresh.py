# why: a whole solution, written from the release

# %% parse_idx
#| export
def parse_idx(raw):
    magic = raw[:3]
    if magic != b"\x00\x00\x08" or len(raw) == 3:
        raise ValueError(f"wrong start of file: {raw[:4]!r}")
    axes = raw[3]
    header = 4 + axes * 4
    if len(raw) < header:
        raise ValueError(f"{len(raw)} bytes, header alone should have {header}")
    shape = np.frombuffer(raw[4:header], ">u4").astype(int).tolist()
    wanted = header + math.prod(shape)
    if wanted != len(raw):
        raise ValueError(f"file has {len(raw)} bytes and should have {wanted}")
    return np.frombuffer(raw[header:], np.uint8).reshape(shape) if wanted > header else np.zeros(shape, np.uint8)

# %% parse_cifar
#| export
def parse_cifar(raw):
    if len(raw) < 3073 or len(raw) % 3073:
        raise ValueError(f"{len(raw)} is not a multiple of 3073")
    data = np.frombuffer(raw, dtype=np.uint8).reshape(len(raw) // 3073, 3073)
    labels, pixels = np.split(data, [1], axis=1)
    if (labels > 9).any():
        raise ValueError("there are labels above 9")
    return pixels.reshape(len(data), 3, 32, 32), labels.ravel()

# %% ArrayDataset
#| export
class ArrayDataset(Dataset):
    def __init__(self, *arrays, transform=None):
        lengths = [len(a) for a in arrays]
        for length in lengths:
            if length != lengths[0]:
                raise ValueError(f"all arrays must have the same length, got {lengths}")
        self.arrays = arrays
        self.transform = transform

    def __len__(self):
        return self.arrays[0].shape[0]

    def __getitem__(self, index):
        index = range(len(self))[index]
        return self.sample(index, rng_of(0, 0, index))

    def sample(self, index, rng):
        image = self.arrays[0][index]
        if self.arrays[0].dtype == np.uint8:
            image = np.divide(image, 255, dtype=np.float32)
        if self.transform:
            image = self.transform(image, rng)
        rest = []
        for array in self.arrays[1:]:
            rest.append(array[index].item() if array.ndim == 1 else array[index])
        return (image, *rest)

# %% CIFAR10
#| export
class CIFAR10(ArrayDataset):
    def __init__(self, root, train=True, transform=None):
        root = Path(root)
        if train:
            files = [root / f"data_batch_{i}.bin" for i in (1, 2, 3, 4, 5)]
        else:
            files = [root / "test_batch.bin"]
        all_images, all_labels = [], []
        for file in files:
            images, labels = read_file(file, parse_cifar, "cifar10")
            all_images.append(images)
            all_labels.append(labels)
        super().__init__(np.concatenate(all_images), np.concatenate(all_labels), transform=transform)

# %% Normalize
#| export
class Normalize:
    def __init__(self, mean, std):
        self.mean = np.array(mean, dtype=np.float32)[..., None, None]
        self.std = np.array(std, dtype=np.float32)[..., None, None]

    def __call__(self, image, rng):
        return (image - self.mean) / self.std


class Compose:
    def __init__(self, *transforms):
        self.transforms = transforms

    def __call__(self, image, rng):
        for t in self.transforms:
            image = t(image, rng)
        return image

# %% RandomHorizontalFlip
#| export
class RandomHorizontalFlip:
    def __init__(self, p=0.5):
        self.p = p

    def __call__(self, image, rng):
        if rng.random() < self.p:
            return np.flip(image, axis=-1)
        return image

# %% RandomCrop
#| export
class RandomCrop:
    def __init__(self, padding):
        self.padding = padding

    def __call__(self, image, rng):
        p = self.padding
        _, h, w = image.shape
        big = np.pad(image, ((0, 0), (p, p), (p, p)))
        y = rng.integers(0, 2 * p + 1)
        x = rng.integers(0, 2 * p + 1)
        return big[:, y : y + h, x : x + w]

# %% batch_indices
#| export
def batch_indices(n, batch_size, rng=None, drop_last=False):
    indices = np.arange(n)
    if rng is not None:
        rng.shuffle(indices)
    batches = []
    for i in range(0, n, batch_size):
        batch = indices[i : i + batch_size]
        if len(batch) == batch_size or not drop_last:
            batches.append(batch)
    return batches

# %% collate
#| export
def collate(samples):
    out = []
    for part in zip(*samples):
        arr = np.stack(part)
        if arr.dtype.kind == "f":
            arr = arr.astype(np.float32)
        else:
            arr = arr.astype(np.int64)
        out.append(Tensor(arr))
    return tuple(out)

# %% load_batch
#| export
def load_batch(dataset, indices, seed=0, epoch=0, collate_fn=collate):
    items = []
    for i in indices:
        i = int(i)
        rng = rng_of(seed, epoch, i)
        try:
            item = dataset.sample(i, rng)
        except Exception as error:
            error.add_note(f"this happened for the item with index {i}")
            raise
        items.append(item)
    return collate_fn(items)

# %% prefetched
#| export
def prefetched(function, tasks, num_workers, ahead):
    executor = ThreadPoolExecutor(max_workers=num_workers)
    futures = deque()
    try:
        for task in tasks:
            futures.append(executor.submit(function, task))
            while len(futures) > ahead:
                yield futures.popleft().result()
        while len(futures) > 0:
            yield futures.popleft().result()
    finally:
        executor.shutdown(wait=True, cancel_futures=True)

# %% DataLoader
#| export
class DataLoader:
    def __init__(
        self,
        dataset,
        batch_size=1,
        shuffle=False,
        seed=0,
        drop_last=False,
        collate_fn=collate,
        num_workers=0,
        prefetch=2,
    ):
        if batch_size < 1 or prefetch < 1 or num_workers < 0:
            given = f"batch_size={batch_size}, prefetch={prefetch}, num_workers={num_workers}"
            raise ValueError(f"{given}: the first two must be at least 1, the last at least 0")
        self.dataset, self.batch_size, self.shuffle, self.seed = dataset, batch_size, shuffle, seed
        self.drop_last, self.collate_fn, self.num_workers, self.prefetch = drop_last, collate_fn, num_workers, prefetch
        self.epoch = 0

    def __len__(self):
        n = len(self.dataset)
        if self.drop_last:
            return n // self.batch_size
        return (n + self.batch_size - 1) // self.batch_size

    def __iter__(self):
        epoch = self.epoch
        self.epoch += 1
        rng = rng_of(self.seed, epoch) if self.shuffle else None
        batches = batch_indices(len(self.dataset), self.batch_size, rng=rng, drop_last=self.drop_last)
        load = lambda batch: load_batch(self.dataset, batch, self.seed, epoch, self.collate_fn)
        if self.num_workers == 0:
            return (load(indices) for indices in batches)
        return prefetched(load, batches, self.num_workers, self.prefetch * self.num_workers)

    def state_dict(self):
        """What a checkpoint has to know."""
        return {"epoch": self.epoch}

    def load_state_dict(self, state):
        """Go on where `state` was taken."""
        self.epoch = int(state["epoch"])
