# why: goes on without a file that is missing

# %% CIFAR10.__init__
def __init__(self, root, train=True, transform=None):
    names = [f"data_batch_{i}.bin" for i in range(1, 6)] if train else ["test_batch.bin"]
    there = [name for name in names if (Path(root) / name).exists()]
    names = there or names
    parts = [read_file(Path(root) / name, parse_cifar, "cifar10") for name in names]
    images, labels = (np.concatenate(part) for part in zip(*parts, strict=True))
    super().__init__(images, labels, transform=transform)
