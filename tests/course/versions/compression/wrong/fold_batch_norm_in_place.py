# why: changes the given arrays

# %% fold_batch_norm.fold_batch_norm
def fold_batch_norm(weight, bias, norm):
    scale = norm.weight.data / np.sqrt(norm.running_var.data + norm.eps)
    new_bias = (bias - norm.running_mean.data) * scale + norm.bias.data
    weight *= scale[:, None, None, None]
    bias[...] = new_bias
    return weight, bias
