# why: ignores eps

# %% gradcheck
#| export
def gradcheck(f, *inputs, eps=1e-6, rtol=1e-6):
    tensors, worst = float64_leaves(inputs), 0.0
    out = f(*tensors)
    weights = np.random.default_rng(0).standard_normal(out.shape)
    backward(out, weights)
    for i, x in enumerate(tensors):
        if x.requires_grad:
            error, words = worst_entry(x.grad, numeric_input_gradient(f, tensors, i, weights, 1e-6))
            if not error <= rtol:
                raise ValueError(f"input {i}, {words}")
            worst = max(worst, error)
    return worst
