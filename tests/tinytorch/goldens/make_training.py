"""Ways of optimizers and learning rates of schedules as PyTorch computes them: writes training.npz next to this script.

    python make_training.py        # needs torch; made with torch 2.13.0 (CPU), everything in float64

Names are <case>.<what>; tests/tinytorch/test_training.py reads them.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(6)
golden = {}
SHAPES = [(3, 4), (5,), ()]
STEPS = 8

starts = [rng.standard_normal(shape) for shape in SHAPES]
gradients = [[rng.standard_normal(shape) for shape in SHAPES] for _ in range(STEPS)]
golden |= {f"start.{i}": start for i, start in enumerate(starts)}
golden |= {f"gradients.{i}": np.stack([row[i] for row in gradients]) for i in range(len(SHAPES))}

# name: (PyTorch's class, its options); the second parameter has a gradient in every other step only
OPTIMIZERS = {
    "sgd": (torch.optim.SGD, {"lr": 0.1}),
    "sgd_decay": (torch.optim.SGD, {"lr": 0.1, "weight_decay": 0.3}),
    "sgd_momentum": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
    "sgd_momentum_decay": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.3}),
    "sgd_nesterov": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    "sgd_nesterov_decay": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.3}),
    "adam": (torch.optim.Adam, {}),
    "adam_options": (torch.optim.Adam, {"lr": 0.1, "betas": (0.8, 0.95), "eps": 0.01}),
    "adam_decay": (torch.optim.Adam, {"lr": 0.1, "weight_decay": 0.3}),
    "adamw": (torch.optim.AdamW, {}),
    "adamw_options": (torch.optim.AdamW, {"lr": 0.1, "betas": (0.8, 0.95), "eps": 0.01, "weight_decay": 0.3}),
}
for name, (kind, options) in OPTIMIZERS.items():
    parameters = [torch.nn.Parameter(torch.tensor(start)) for start in starts]
    optimizer, ways = kind(parameters, **options), [[] for _ in SHAPES]
    for step, row in enumerate(gradients):
        for i, parameter in enumerate(parameters):
            parameter.grad = None if i == 1 and step % 2 else torch.tensor(row[i])
        optimizer.step()
        for way, parameter in zip(ways, parameters, strict=True):
            way.append(parameter.detach().numpy().copy())
    golden |= {f"{name}.{i}": np.stack(way) for i, way in enumerate(ways)}

# name: (PyTorch's class, its options, steps)
schedule = torch.optim.lr_scheduler
SCHEDULES = {
    "step_lr": (schedule.StepLR, {"step_size": 7}, 30),
    "step_lr_gamma": (schedule.StepLR, {"step_size": 4, "gamma": 0.5}, 30),
    "cosine": (schedule.CosineAnnealingLR, {"T_max": 25}, 26),
    "cosine_rest": (schedule.CosineAnnealingLR, {"T_max": 10, "eta_min": 0.05}, 35),
    "one_cycle": (schedule.OneCycleLR, {"max_lr": 0.8, "total_steps": 40}, 40),
    "one_cycle_odd": (schedule.OneCycleLR, {"max_lr": 0.8, "total_steps": 33, "pct_start": 0.25}, 33),
    "one_cycle_linear": (schedule.OneCycleLR, {"max_lr": 0.8, "total_steps": 40, "anneal_strategy": "linear"}, 40),
    "one_cycle_options": (
        schedule.OneCycleLR,
        {"max_lr": 2.0, "total_steps": 37, "pct_start": 0.4, "div_factor": 10, "final_div_factor": 50},
        37,
    ),
    "one_cycle_short": (schedule.OneCycleLR, {"max_lr": 1.0, "total_steps": 2, "pct_start": 0.9}, 2),
}
for name, (kind, options, steps) in SCHEDULES.items():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.4, momentum=0.9)
    rates, more = [], {"cycle_momentum": False} if kind is schedule.OneCycleLR else {}
    scheduler = kind(optimizer, **options, **more)
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    golden[f"{name}.rates"] = np.array(rates)

# a small network, trained with everything at once: 12 steps over 4 batches, AdamW and one cycle
x, labels = rng.standard_normal((20, 6)), rng.integers(0, 4, 20)
model = torch.nn.Sequential(torch.nn.Linear(6, 5), torch.nn.ReLU(), torch.nn.Linear(5, 4)).double()
with torch.no_grad():
    for parameter in model.parameters():
        parameter.copy_(torch.tensor(0.5 * rng.standard_normal(parameter.shape)))
golden |= {"network.x": x, "network.labels": labels}
golden |= {f"network.p{i}": p.detach().numpy().copy() for i, p in enumerate(model.parameters())}
optimizer = torch.optim.AdamW(model.parameters(), lr=0.1, weight_decay=0.1)
scheduler = schedule.OneCycleLR(optimizer, max_lr=0.1, total_steps=12, cycle_momentum=False)
losses = []
for step in range(12):
    batch = slice(5 * (step % 4), 5 * (step % 4) + 5)
    optimizer.zero_grad()
    loss = F.cross_entropy(model(torch.tensor(x[batch])), torch.tensor(labels[batch]))
    loss.backward()
    optimizer.step()
    scheduler.step()
    losses.append(loss.item())
golden["network.losses"] = np.array(losses)
golden |= {f"network.after{i}": p.detach().numpy() for i, p in enumerate(model.parameters())}

golden["clip.most"] = np.array([0.5, 3.0, 100.0])
norms, clipped = [], [[] for _ in SHAPES]
for most in golden["clip.most"]:
    parameters = [torch.nn.Parameter(torch.tensor(start)) for start in starts]
    for i, parameter in enumerate(parameters):
        parameter.grad = torch.tensor(gradients[0][i])
    norms.append(torch.nn.utils.clip_grad_norm_(parameters, float(most)).item())
    for i, parameter in enumerate(parameters):
        clipped[i].append(parameter.grad.numpy())
golden["clip.norm"] = np.array(norms)
golden |= {f"clip.{i}": np.stack(arrays) for i, arrays in enumerate(clipped)}

path = Path(__file__).with_name("training.npz")
np.savez_compressed(path, **golden)
print(f"{path.name}: {len(golden)} arrays, {path.stat().st_size:,} bytes, torch {torch.__version__}")
