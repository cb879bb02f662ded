# why: forgets the bias of the convolution

# %% fold_batch_norm.fold_batch_norm
def fold_batch_norm(weight, bias, norm):
    scale = norm.weight.data / np.sqrt(norm.running_var.data + norm.eps)
    new_bias = -norm.running_mean.data * scale + norm.bias.data
    return weight * scale[:, None, None, None], new_bias
