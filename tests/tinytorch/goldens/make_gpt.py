"""A small GPT and its parts, with all gradients, as PyTorch computes them: writes gpt.npz next to this.

    python make_gpt.py        # needs torch; made with torch 2.13.0 (CPU), everything in float64

Parameters are numbered in the order of `parameters()`. tests/tinytorch/test_gpt.py reads them.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(13)
golden = {}
VOCABULARY, CONTEXT, WIDTH, HEADS, LAYERS, TEXTS = 7, 6, 8, 2, 2, 3


def leaf(*shape):
    return torch.tensor(0.5 * rng.standard_normal(shape), requires_grad=True)


def keep(name, out, inputs):
    """Note inputs, result, a random gradient of the result, and what comes back to the inputs."""
    grad = torch.tensor(rng.standard_normal(tuple(out.shape)))
    grads = torch.autograd.grad(out, inputs, grad)
    arrays = {"out": out, "grad": grad} | {f"in{i}": x for i, x in enumerate(inputs)}
    arrays |= {f"grad{i}": g for i, g in enumerate(grads)}
    golden.update({f"{name}.{key}": array.detach().numpy() for key, array in arrays.items()})


def masked(scores):
    rows, columns = scores.shape[-2:]
    seen = torch.ones(rows, columns, dtype=torch.bool).tril(columns - rows)
    return scores.masked_fill(~seen, -torch.inf).softmax(dim=-1)


scores = leaf(2, 3, 5, 5)
keep("square", masked(scores), [scores])
scores = leaf(2, 3, 6)
keep("wide", masked(scores), [scores])

x, weight, bias = leaf(2, 4, 5), leaf(5), leaf(5)
keep("layer_norm", F.layer_norm(x, (5,), weight, bias), [x, weight, bias])

table, tokens = leaf(6, 3), torch.tensor(rng.integers(0, 6, (4, 5)))
golden["embedding.tokens"] = tokens.numpy()
keep("embedding", F.embedding(tokens, table), [table])


def linear(width, out):
    return [leaf(out, width), leaf(out)]


def block():
    attention = [part for _ in range(4) for part in linear(WIDTH, WIDTH)]
    norms = [[leaf(WIDTH), leaf(WIDTH)] for _ in range(2)]
    return [*norms[0], *attention, *norms[1], *linear(WIDTH, 4 * WIDTH), *linear(4 * WIDTH, WIDTH)]


def through(x, p):
    """A block; p: its 16 parameters."""
    h = F.layer_norm(x, (WIDTH,), p[0], p[1])
    q, k, v = (F.linear(h, p[i], p[i + 1]).unflatten(-1, (HEADS, -1)).transpose(1, 2) for i in (2, 4, 6))
    heard = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
    x = x + F.linear(heard, p[8], p[9])
    h = F.layer_norm(x, (WIDTH,), p[10], p[11])
    return x + F.linear(F.relu(F.linear(h, p[12], p[13])), p[14], p[15])


tables, blocks = [leaf(VOCABULARY, WIDTH), leaf(CONTEXT, WIDTH)], [block() for _ in range(LAYERS)]
last = [leaf(WIDTH), leaf(WIDTH), *linear(WIDTH, VOCABULARY)]
tokens = torch.tensor(rng.integers(0, VOCABULARY, (TEXTS, CONTEXT)))
x = tables[0][tokens] + tables[1]
for parameters in blocks:
    x = through(x, parameters)
logits = F.linear(F.layer_norm(x, (WIDTH,), last[0], last[1]), last[2], last[3])
golden["gpt.tokens"] = tokens.numpy()
keep("gpt", logits, [*tables, *[p for parameters in blocks for p in parameters], *last])

np.savez_compressed(Path(__file__).with_name("gpt.npz"), **golden)
