# why: all arrays become float32

# %% state_dict.state_dict
def state_dict(module):
    return {name: tensor.data.astype(np.float32) for name, tensor in named_tensors(module)}
