# why: forgets what nobody learns: batch norm's running means

# %% state_dict.named_tensors
def named_tensors(module, prefix=""):
    for name, value in vars(module).items():
        several = isinstance(value, (list, tuple))
        for i, item in enumerate(value if several else [value]):
            path = f"{prefix}{name}.{i}" if several else f"{prefix}{name}"
            if isinstance(item, Module):
                yield from named_tensors(item, f"{path}.")
            elif isinstance(item, Tensor) and item.requires_grad and item.creator is None:
                yield path, item
