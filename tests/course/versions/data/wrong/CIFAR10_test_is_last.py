# why: takes the fifth file to test on

# %% CIFAR10.__init__
def __init__(self, root, train=True, transform=None):
    names = [f"data_batch_{i}.bin" for i in range(1, 6)] if train else ["data_batch_5.bin"]
    parts = [read_file(Path(root) / name, parse_cifar, "cifar10") for name in names]
    images, labels = (np.concatenate(part) for part in zip(*parts, strict=True))
    super().__init__(images, labels, transform=transform)
