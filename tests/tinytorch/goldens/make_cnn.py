"""Values and gradients of CNN's functions as PyTorch computes them: writes cnn.npz next to this script.

    python make_cnn.py        # needs torch; made with torch 2.13.0 (CPU), everything in float64

Names are <case>.<what>; tests/tinytorch/test_cnn.py reads them. Random numbers are multiples of 1/16: sums of their
products are exact, and the file is small.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(3)
golden = {}


def save(case, **arrays):
    for what, array in arrays.items():
        golden[f"{case}.{what}"] = array.detach().numpy() if isinstance(array, torch.Tensor) else np.asarray(array)


def normal(*shape):
    return np.round(16 * rng.standard_normal(shape)) / 16


def leaf(*shape):
    return torch.tensor(normal(*shape), requires_grad=True)


convolutions = {  # shape of x, shape of weight, stride, padding
    "plain": ((1, 2, 4, 5), (2, 2, 3, 3), 1, 0),
    "padded": ((2, 3, 4, 4), (2, 3, 3, 3), 1, 1),
    "stride": ((2, 2, 6, 5), (3, 2, 3, 3), 2, 1),
    "rest": ((2, 2, 6, 6), (2, 2, 3, 3), 2, 0),  # the last row and column are under no window
    "oblong": ((3, 2, 4, 7), (2, 2, 3, 2), 2, 1),
    "pixel": ((2, 4, 3, 5), (3, 4, 1, 1), 1, 0),
    "pixel_stride": ((2, 3, 5, 4), (3, 3, 1, 1), 2, 0),
    "wide": ((2, 1, 3, 4), (2, 1, 2, 3), 3, 3),  # padding beyond kernel - 1: some windows see only zeros
    "whole": ((2, 2, 4, 3), (3, 2, 4, 3), 1, 0),
    "channels": ((2, 9, 3, 4), (2, 9, 2, 3), 2, 1),  # 27 numbers side by side in a patch; above at most 12
    "sixteen": ((1, 8, 3, 4), (2, 8, 3, 2), 1, 1),
}
for name, (x_shape, weight_shape, stride, padding) in convolutions.items():
    x, weight, bias = leaf(*x_shape), leaf(*weight_shape), leaf(weight_shape[0])
    out = F.conv2d(x, weight, bias, stride, padding)
    grad = leaf(*out.shape)
    out.backward(grad)
    save(f"conv_{name}", x=x, weight=weight, bias=bias, options=(stride, padding), out=out, grad=grad)
    save(f"conv_{name}", dx=x.grad, dweight=weight.grad, dbias=bias.grad)

pools = {  # shape of x, kernel_size, stride
    "halves": ((2, 3, 4, 6), 2, 2),
    "overlapping": ((2, 2, 7, 7), 3, 2),
    "rest": ((1, 2, 5, 8), 3, 3),
    "gaps": ((2, 2, 7, 5), 2, 3),
    "ties": ((3, 2, 6, 6), 3, 1),
}
for name, (shape, kernel_size, stride) in pools.items():
    numbers = rng.integers(-2, 1, shape).astype(float) if name == "ties" else normal(*shape) - 1
    x = torch.tensor(numbers, requires_grad=True)
    out = F.max_pool2d(x, kernel_size, stride)
    grad = leaf(*out.shape)
    out.backward(grad)
    save(f"pool_{name}", x=x, options=(kernel_size, stride), out=out, grad=grad, dx=x.grad)

for name, training in [("training", True), ("eval", False)]:
    x, weight, bias = leaf(3, 3, 2, 4), leaf(3), leaf(3)
    mean, var = torch.tensor(normal(3)), torch.tensor(rng.uniform(0.5, 2, 3))
    save(f"norm_{name}", mean_before=mean.clone(), var_before=var.clone())
    out = F.batch_norm(x, mean, var, weight, bias, training, 0.3, 1e-3)  # moves mean and var if training
    grad = leaf(*out.shape)
    out.backward(grad)
    save(f"norm_{name}", x=x, weight=weight, bias=bias, out=out, grad=grad, mean_after=mean, var_after=var)
    save(f"norm_{name}", dx=x.grad, dweight=weight.grad, dbias=bias.grad)

nn = torch.nn
model = nn.Sequential(
    *(nn.Conv2d(2, 3, 3, padding=1), nn.MaxPool2d(2), nn.BatchNorm2d(3), nn.ReLU()),
    *(nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.BatchNorm2d(4), nn.ReLU()),
    *(nn.Flatten(), nn.Linear(16, 3)),
).double()
with torch.no_grad():
    for parameter in model.parameters():
        parameter.copy_(torch.tensor(normal(*parameter.shape)))
x, labels, lr = torch.tensor(normal(6, 2, 8, 8)), torch.tensor(rng.integers(0, 3, 6)), 0.1
save("cnn", x=x, labels=labels, lr=lr, **{f"p{i}": p.detach().clone() for i, p in enumerate(model.parameters())})
optimizer, losses = torch.optim.SGD(model.parameters(), lr=lr), []
for step in range(3):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), labels)
    loss.backward()
    losses.append(loss.item())
    if step == 0:
        save("cnn", **{f"dp{i}": p.grad.clone() for i, p in enumerate(model.parameters())})
    optimizer.step()
running = [layer.get_buffer(name) for layer in (model[2], model[5]) for name in ("running_mean", "running_var")]
save("cnn", losses=losses, **{f"running{i}": statistic.clone() for i, statistic in enumerate(running)})
save("cnn", logits=model.eval()(x))

rng = np.random.default_rng(33)  # what came later has numbers of its own: those above stay as they are
for name, (shape, kernel_size, stride) in {**pools, "one": ((2, 2, 3, 4), 1, 1)}.items():
    x = leaf(*shape)
    out = F.avg_pool2d(x, kernel_size, stride)
    grad = leaf(*out.shape)
    out.backward(grad)
    save(f"mean_{name}", x=x, options=(kernel_size, stride), out=out, grad=grad, dx=x.grad)

path = Path(__file__).with_name("cnn.npz")
np.savez_compressed(path, **golden)
print(f"{path.name}: {len(golden)} arrays, {path.stat().st_size:,} bytes, torch {torch.__version__}")
