"""Masks, int8 numbers, folded layers and distillation as PyTorch has them: writes compression.npz next to this script.

    python make_compression.py        # needs torch; made with torch 2.13.0 (CPU)

Names are <case>.<what>; tests/tinytorch/test_compression.py reads them.
"""

import warnings
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch.ao.quantization import MinMaxObserver, PerChannelMinMaxObserver
from torch.nn.utils import prune
from torch.nn.utils.fusion import fuse_conv_bn_weights

warnings.simplefilter("ignore")
rng = np.random.default_rng(9)
golden = {}

# pruning: arrays of one, two and four axes, with four amounts
shapes, AMOUNTS = [(7,), (5, 6), (4, 3, 3, 3)], (0.0, 0.25, 0.5, 0.9)
for i, shape in enumerate(shapes):
    golden[f"prune.weight{i}"] = weight = rng.standard_normal(shape)
    for amount in AMOUNTS:
        pick = prune.L1Unstructured(amount)
        golden[f"prune.l1.{i}.{amount}"] = pick.compute_mask(torch.tensor(weight), torch.ones(shape)).numpy() == 1
        if len(shape) > 1:
            mask = prune.LnStructured(amount, n=2, dim=0).compute_mask(torch.tensor(weight), torch.ones(shape))
            golden[f"prune.units.{i}.{amount}"] = mask.numpy().reshape(len(weight), -1)[:, 0] == 1
for amount in AMOUNTS:
    modules = [torch.nn.Module() for _ in shapes]
    for i, module in enumerate(modules):
        module.weight = torch.nn.Parameter(torch.tensor(golden[f"prune.weight{i}"]))
    pairs = [(module, "weight") for module in modules]
    prune.global_unstructured(pairs, pruning_method=prune.L1Unstructured, amount=amount)
    for i, module in enumerate(modules):
        golden[f"prune.global.{i}.{amount}"] = module.weight_mask.numpy() == 1

# int8: float32 arrays, observed and quantized as a whole and by channel
cases = {
    "both": rng.standard_normal((6, 8)),
    "positive": rng.uniform(1, 3, (5, 4)),
    "negative": -rng.uniform(1, 3, (3, 7)),
}
cases |= {"filters": rng.standard_normal((4, 3, 3, 3)) * np.array([0.1, 1, 2, 5])[:, None, None, None]}
cases |= {"zeros": np.zeros((2, 3))}
for name, array in cases.items():
    golden[f"int8.{name}"] = array = array.astype(np.float32)
    x = torch.tensor(array)
    for word in ("affine", "symmetric"):
        options = {"dtype": torch.qint8, "quant_min": -128, "quant_max": 127}
        whole = MinMaxObserver(qscheme=getattr(torch, f"per_tensor_{word}"), **options)
        whole(x)
        scale, zero_point = whole.calculate_qparams()
        q = torch.quantize_per_tensor(x, scale.item(), zero_point.item(), torch.qint8)
        rows = PerChannelMinMaxObserver(ch_axis=0, qscheme=getattr(torch, f"per_channel_{word}"), **options)
        rows(x)
        scales, zero_points = rows.calculate_qparams()
        qs = torch.quantize_per_channel(x, scales, zero_points, 0, torch.qint8)
        for what, pair, quantized in (("tensor", (scale, zero_point), q), ("channel", (scales, zero_points), qs)):
            golden[f"int8.{name}.{word}.{what}.scale"] = pair[0].numpy().squeeze()
            golden[f"int8.{name}.{word}.{what}.zero_point"] = pair[1].numpy().squeeze()
            golden[f"int8.{name}.{word}.{what}.q"] = quantized.int_repr().numpy()
            golden[f"int8.{name}.{word}.{what}.back"] = quantized.dequantize().numpy()

# layers in int8, computed with the float64 numbers that the int8 ones stand for
for name, x_shape, w_shape in (("linear", (5, 9), (4, 9)), ("conv", (2, 3, 6, 7), (4, 3, 3, 3))):
    x, bias = rng.standard_normal(x_shape), rng.standard_normal(4)
    qw, scales = rng.integers(-128, 128, w_shape).astype(np.int8), rng.uniform(0.01, 0.1, 4)
    points, x_scale, x_point = rng.integers(-50, 50, 4), 0.02, 17
    seen = (np.clip(np.round(x / x_scale) + x_point, -128, 127) - x_point) * x_scale
    along = (-1,) + (1,) * (len(w_shape) - 1)
    weight = (qw - points.reshape(along)) * scales.reshape(along)
    if name == "linear":
        out = F.linear(torch.tensor(seen), torch.tensor(weight), torch.tensor(bias))
    else:
        out = F.conv2d(torch.tensor(seen), torch.tensor(weight), torch.tensor(bias), stride=2, padding=1)
    golden |= {f"{name}.x": x, f"{name}.weight": qw, f"{name}.bias": bias, f"{name}.scales": scales}
    golden |= {f"{name}.points": points.astype(np.int32), f"{name}.out": out.numpy()}

# batch norm, folded into a convolution
conv, norm = torch.nn.Conv2d(3, 5, 2).double(), torch.nn.BatchNorm2d(5, eps=0.01).double().eval()
with torch.no_grad():
    for i, tensor in enumerate((norm.weight, norm.bias, norm.running_mean, norm.running_var)):
        tensor.copy_(torch.tensor(rng.uniform(0.2 if i == 3 else -2, 2, 5)))
arrays = [t.detach() for t in (conv.weight, conv.bias, norm.running_mean, norm.running_var, norm.weight, norm.bias)]
golden |= {f"fold.{i}": array.numpy().copy() for i, array in enumerate(arrays)}
weight, bias = fuse_conv_bn_weights(*arrays[:4], 0.01, *arrays[4:])
golden |= {"fold.weight": weight.detach().numpy(), "fold.bias": bias.detach().numpy()}

# distillation
logits, teacher, labels = 3 * rng.standard_normal((6, 5)), 3 * rng.standard_normal((6, 5)), rng.integers(0, 5, 6)
golden |= {"distil.logits": logits, "distil.teacher": teacher, "distil.labels": labels}
for T, alpha in ((1.0, 1.0), (4.0, 0.5), (2.5, 0.9), (3.0, 0.0)):
    x = torch.tensor(logits, requires_grad=True)
    log_p, log_q = F.log_softmax(torch.tensor(teacher) / T, dim=1), F.log_softmax(x / T, dim=1)
    soft = F.kl_div(log_q, log_p, reduction="batchmean", log_target=True)
    loss = alpha * T**2 * soft + (1 - alpha) * F.cross_entropy(x, torch.tensor(labels))
    loss.backward()
    golden |= {f"distil.{T}.{alpha}.loss": loss.detach().numpy(), f"distil.{T}.{alpha}.grad": x.grad.numpy()}

path = Path(__file__).with_name("compression.npz")
np.savez_compressed(path, **golden)
print(f"{path.name}: {len(golden)} arrays, {path.stat().st_size:,} bytes, torch {torch.__version__}")
