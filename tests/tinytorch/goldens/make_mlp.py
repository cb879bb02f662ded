"""Values and gradients of MLP's functions as PyTorch computes them: writes mlp.npz next to this script.

    python make_mlp.py        # needs torch; made with torch 2.13.0 (CPU), everything in float64

Names are <case>.<what>; tests/tinytorch/test_mlp.py reads them.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(2)
golden = {}


def save(case, **arrays):
    for what, array in arrays.items():
        golden[f"{case}.{what}"] = array.detach().numpy() if isinstance(array, torch.Tensor) else np.asarray(array)


def leaf(*shape, scale=1.0):
    return torch.tensor(scale * rng.standard_normal(shape), requires_grad=True)


def classes(n, c):
    return torch.tensor(rng.integers(0, c, n))


for n, inside, outside in [(6, 4, 3), (1, 4, 3), (5, 5, 5)]:
    x, weight, bias = leaf(n, inside), leaf(outside, inside), leaf(outside)
    out, grad = F.linear(x, weight, bias), leaf(n, outside)
    out.backward(grad)
    arrays = {"x": x, "weight": weight, "bias": bias, "out": out, "grad": grad}
    save(f"linear{n}", **arrays, dx=x.grad, dweight=weight.grad, dbias=bias.grad)

for name, function in [("relu", F.relu), ("sigmoid", torch.sigmoid)]:
    numbers = np.concatenate([3 * rng.standard_normal(20), [0.0, 0.0, 30.0, -30.0, 1000.0, -1000.0]]).reshape(2, 13)
    x = torch.tensor(numbers, requires_grad=True)
    out, grad = function(x), leaf(2, 13)
    out.backward(grad)
    save(name, x=x, out=out, grad=grad, dx=x.grad)

for name, scale in [("small", 1.0), ("large", 400.0)]:
    logits, labels = leaf(7, 5, scale=scale), classes(7, 5)
    out, grad = F.cross_entropy(logits, labels), leaf()
    out.backward(grad)
    save(f"{name}_logits", logits=logits, labels=labels, log_softmax=F.log_softmax(logits, dim=1), out=out, grad=grad)
    save(f"{name}_logits", dlogits=logits.grad)

x, labels = leaf(8, 6), classes(8, 4)
model = torch.nn.Sequential(torch.nn.Linear(6, 5), torch.nn.ReLU(), torch.nn.Linear(5, 4)).double()
with torch.no_grad():
    for parameter in model.parameters():
        parameter.copy_(torch.tensor(rng.standard_normal(parameter.shape)))
optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
save("mlp", x=x, labels=labels, lr=0.3, **{f"p{i}": p.detach().clone() for i, p in enumerate(model.parameters())})
losses = []
for step in range(3):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x.detach()), labels)
    loss.backward()
    losses.append(loss.item())
    if step == 0:
        save("mlp", **{f"dp{i}": p.grad.clone() for i, p in enumerate(model.parameters())})
    optimizer.step()
save("mlp", losses=losses, **{f"after{i}": p for i, p in enumerate(model.parameters())})

x, labels = torch.tensor([[1.0, 0.5], [-1.0, 2.0], [0.25, -1.5]]).double(), torch.tensor([1, 0, 1])
tiny = [
    torch.tensor(values, dtype=torch.float64, requires_grad=True)
    for values in (
        [[0.5, -1.0], [1.0, 0.5], [-0.5, 0.75]],
        [0.1, 0.2, -0.3],
        [[1.0, -0.5, 0.25], [-1.0, 0.5, 1.0]],
        [0.0, 0.1],
    )
]
loss = F.cross_entropy(F.linear(F.relu(F.linear(x, tiny[0], tiny[1])), tiny[2], tiny[3]), labels)
loss.backward()
save("tiny", x=x, labels=labels, loss=loss, **{name: p for name, p in zip(["w1", "b1", "w2", "b2"], tiny, strict=True)})
save("tiny", **{f"d{name}": p.grad for name, p in zip(["w1", "b1", "w2", "b2"], tiny, strict=True)})

rng = np.random.default_rng(22)  # what came later has numbers of its own: those above stay as they are
x = torch.tensor(np.concatenate([2 * rng.standard_normal(10), [0.0, 400.0, -400.0]]), requires_grad=True)
out, grad = torch.tanh(x), leaf(13)
out.backward(grad)
save("tanh", x=x, out=out, grad=grad, dx=x.grad)

prediction, target, grad = leaf(4, 3), leaf(4, 3), leaf()
out = F.mse_loss(prediction, target)
out.backward(grad)
save("mse", prediction=prediction, target=target, out=out, grad=grad, dprediction=prediction.grad, dtarget=target.grad)

path = Path(__file__).with_name("mlp.npz")
np.savez_compressed(path, **golden)
print(f"{path.name}: {len(golden)} arrays, {path.stat().st_size:,} bytes, torch {torch.__version__}")
