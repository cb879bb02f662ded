# why: shares the arrays with the model

# %% state_dict.state_dict
def state_dict(module):
    return {name: tensor.data for name, tensor in named_tensors(module)}
