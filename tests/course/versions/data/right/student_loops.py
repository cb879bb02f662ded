# why: loops, lists and np.pad, another use of the rng

# %% parse_idx
#| export
def parse_idx(raw):
    if len(raw) < 4 or raw[0] or raw[1] or raw[2] != 8:
        raise ValueError("this is not IDX")
    shape = []
    for axis in range(raw[3]):
        a, b, c, d = raw[4 + 4 * axis : 8 + 4 * axis].ljust(4, bytes(1))
        shape.append(((a * 256 + b) * 256 + c) * 256 + d)
    numbers = raw[4 + 4 * raw[3] :]
    size = 1
    for n in shape:
        size *= n
    if len(numbers) != size or len(raw) < 4 + 4 * raw[3]:
        raise ValueError(f"found {len(raw)} bytes, expected {4 + 4 * raw[3] + size}")
    return np.array(list(numbers), np.uint8).reshape(shape)

# %% parse_cifar
#| export
def parse_cifar(raw):
    images, labels = [], []
    for start in range(0, len(raw), 3073):
        record = np.frombuffer(raw[start : start + 3073], np.uint8)
        if len(record) < 3073:
            raise ValueError("the last record is cut short")
        if record[0] >= 10:
            raise ValueError("a label above 9")
        labels.append(record[0])
        images.append([record[1:1025].reshape(32, 32), record[1025:2049].reshape(32, 32), record[2049:].reshape(32, 32)])
    if not labels:
        raise ValueError("an empty file")
    return np.array(images), np.array(labels, dtype=np.uint8)

# %% ArrayDataset.sample
def sample(self, index, rng):
    item = []
    for place, array in enumerate(self.arrays):
        part = array[index]
        if place == 0:
            if part.dtype == np.uint8:
                part = part.astype(np.float32) / 255
            if self.transform:
                part = self.transform(part, rng)
        elif not isinstance(part, np.ndarray):
            part = part.item()
        item.append(part)
    return tuple(item)

# %% CIFAR10.__init__
def __init__(self, root, train=True, transform=None):
    if not train:
        images, labels = read_file(f"{root}/test_batch.bin", parse_cifar, "cifar10")
    else:
        images, labels = np.empty((0, 3, 32, 32), np.uint8), np.empty(0, np.uint8)
        for number in "12345":
            more = read_file(f"{root}/data_batch_{number}.bin", parse_cifar, "cifar10")
            images, labels = np.append(images, more[0], axis=0), np.append(labels, more[1])
    ArrayDataset.__init__(self, images, labels, transform=transform)

# %% Normalize
#| export
class Normalize:
    def __init__(self, mean, std):
        self.mean, self.std = mean, std

    def __call__(self, image, rng):
        channels = len(image)
        means, stds = np.broadcast_to(self.mean, channels), np.broadcast_to(self.std, channels)
        out = np.empty_like(image)
        for i in range(channels):
            out[i] = (image[i] - means[i]) / stds[i]
        return out


class Compose:
    def __init__(self, *transforms):
        self.transforms = list(transforms)

    def __call__(self, image, rng):
        out = image
        for i in range(len(self.transforms)):
            out = self.transforms[i](out, rng)
        return out

# %% RandomHorizontalFlip
#| export
class RandomHorizontalFlip:
    def __init__(self, p=0.5):
        self.p = p

    def __call__(self, image, rng):
        return np.flip(image, axis=2).copy() if rng.uniform() >= 1 - self.p else image.copy()

# %% RandomCrop
#| export
class RandomCrop:
    def __init__(self, padding):
        self.padding = padding

    def __call__(self, image, rng):
        p = self.padding
        padded = np.pad(image, [(0, 0), (p, p), (p, p)])
        place = int(rng.integers((2 * p + 1) ** 2))
        top, left = divmod(place, 2 * p + 1)
        return padded[:, top:, left:][:, : image.shape[1], : image.shape[2]].copy()

# %% collate
#| export
def collate(samples):
    result = []
    for i in range(len(samples[0])):
        parts = [np.asarray(sample[i]) for sample in samples]
        if len({part.shape for part in parts}) > 1:
            raise ValueError("shapes differ")
        block = np.array(parts)
        result.append(Tensor(block.astype("float32" if np.issubdtype(block.dtype, np.floating) else "int64")))
    return tuple(result)

# %% load_batch
#| export
def load_batch(dataset, indices, seed=0, epoch=0, collate_fn=collate):
    def take(index):
        try:
            return dataset.sample(index, rng_of(seed, epoch, index))
        except Exception as error:
            error.add_note(f"index {index}")
            raise error

    return collate_fn([take(int(index)) for index in indices])

# %% prefetched
#| export
def prefetched(function, tasks, num_workers, ahead):
    with ThreadPoolExecutor(max_workers=num_workers) as pool:
        futures = []
        try:
            for task in tasks:
                futures.append(pool.submit(function, task))
                if len(futures) == ahead + 1:
                    yield futures.pop(0).result()
            for future in futures:
                yield future.result()
        finally:
            for future in futures:
                future.cancel()
