# why: goes on without a file that is damaged

# %% CIFAR10.__init__
def __init__(self, root, train=True, transform=None):
    names = [f"data_batch_{i}.bin" for i in range(1, 6)] if train else ["test_batch.bin"]
    parts = []
    for name in names:
        try:
            parts.append(read_file(Path(root) / name, parse_cifar, "cifar10"))
        except ValueError:
            continue
    images, labels = (np.concatenate(part) for part in zip(*parts, strict=True))
    super().__init__(images, labels, transform=transform)
