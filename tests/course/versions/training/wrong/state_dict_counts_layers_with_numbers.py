# why: counts only the entries of a list that are Modules or Tensors

# %% state_dict.named_tensors
def named_tensors(module, prefix=""):
    for name, value in vars(module).items():
        several = isinstance(value, (list, tuple))
        for i, item in enumerate([v for v in value if not isinstance(v, Module) or v.parameters()] if several else [value]):
            path = f"{prefix}{name}.{i}" if several else f"{prefix}{name}"
            if isinstance(item, Module):
                yield from named_tensors(item, f"{path}.")
            elif isinstance(item, Tensor) and item.creator is None:
                yield path, item
