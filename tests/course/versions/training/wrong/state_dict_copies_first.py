# why: copies until it finds a problem

# %% state_dict.load_state_dict
def load_state_dict(module, state):
    tensors = dict(named_tensors(module))
    for name, tensor in tensors.items():
        if name not in state:
            raise ValueError(f"{name} is missing")
        if tensor.shape != np.shape(state[name]):
            raise ValueError(f"{name}: {tensor.shape} and {np.shape(state[name])}")
        tensor.data[...] = state[name]
    for name in state:
        if name not in tensors:
            raise ValueError(f"{name} is not in this model")
