# why: works on the Tensors that it was given

# %% gradcheck
#| export
def gradcheck(f, *inputs, eps=1e-6, rtol=1e-6):
    tensors, worst = [x if isinstance(x, Tensor) else y for x, y in zip(inputs, float64_leaves(inputs), strict=True)], 0.0
    out = f(*tensors)
    weights = np.random.default_rng(0).standard_normal(out.shape)
    backward(out, weights)
    for i, x in enumerate(tensors):
        if x.requires_grad:
            error, words = worst_entry(x.grad, numeric_input_gradient(f, tensors, i, weights, eps))
            if not error <= rtol:
                raise ValueError(f"input {i}, {words}")
            worst = max(worst, error)
    return worst
