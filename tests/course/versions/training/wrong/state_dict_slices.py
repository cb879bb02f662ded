# why: [:] does not work for a single number

# %% state_dict.load_state_dict
def load_state_dict(module, state):
    tensors = dict(named_tensors(module))
    problems = [f"{name} is missing" for name in tensors if name not in state]
    problems += [f"{name} is not in this model" for name in state if name not in tensors]
    for name in [name for name in tensors if name in state]:
        if tensors[name].shape != np.shape(state[name]):
            problems.append(f"{name} has shape {tensors[name].shape}, the saved one {np.shape(state[name])}")
    if problems:
        raise ValueError("this state belongs to another model: " + "; ".join(problems))
    for name, tensor in tensors.items():
        tensor.data[:] = state[name]
