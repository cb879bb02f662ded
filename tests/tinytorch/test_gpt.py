"""GPT: the parts and a whole model against PyTorch's, streams against reading again, and what refuses to be wrong."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from tinytorch.core import autograd, gpt, kernels
from tinytorch.core.autograd import gradcheck
from tinytorch.core.tensor import Tensor, apply, listeners, recording

GOLDEN = np.load(Path(__file__).parent / "goldens" / "gpt.npz")


def golden(name, *parts):
    return [GOLDEN[f"{name}.{part}"] for part in parts]


def inputs_of(name):
    count = sum(key.startswith(f"{name}.in") for key in GOLDEN.files)
    return [GOLDEN[f"{name}.in{i}"] for i in range(count)]


def same(got, want, rtol=1e-6):
    np.testing.assert_allclose(got, want, rtol=rtol, atol=1e-10)


def small(seed=0, context=6, **options):
    """A model of random float64 numbers whose opinions are strong."""
    rng = np.random.default_rng(seed)
    model = gpt.GPT(7, context, width=8, heads=2, layers=2, rng=rng, **options)
    for parameter in model.parameters():
        parameter.data = rng.standard_normal(parameter.shape)
    return model


# --- text ----------------------------------------------------------------------------------------


def test_a_text_comes_back():
    text = "to be, or not to be\n"
    vocabulary = gpt.Vocabulary(text)
    assert vocabulary.characters == "".join(sorted(set(text)))
    tokens = vocabulary.encode(text)
    assert tokens.dtype == np.int64
    assert vocabulary.encode("").dtype == np.int64
    assert vocabulary.decode(tokens) == vocabulary.decode(tokens.tolist()) == text
    for unknown in "XY":
        with pytest.raises(ValueError, match=unknown):
            vocabulary.encode("to X or Y")


def test_windows():
    tokens = np.arange(20, dtype=np.uint8)
    inputs, targets = gpt.windows(tokens, [3, 0, 11], 8)
    same(inputs, [range(3, 11), range(8), range(11, 19)])
    same(targets, inputs + 1)
    assert inputs.dtype == targets.dtype == np.uint8
    for starts in ([12], [0, 12], [12, 0], [-1], [0, -1], [-1, 0]):
        with pytest.raises(ValueError):
            gpt.windows(tokens, starts, 8)


# --- parts, as PyTorch has them -------------------------------------------------------------------


def test_embedding():
    tokens, out, grad, want = golden("embedding", "tokens", "out", "grad", "grad0")
    table = inputs_of("embedding")[0]
    same(gpt.embedding(table, tokens), out)
    dtable, nothing = gpt.embedding_backward(grad, out, table, tokens)
    same(dtable, want)
    assert nothing is None
    assert gpt.embedding_backward(np.float32(grad), np.float32(out), np.float32(table), tokens)[0].dtype == np.float32


@pytest.mark.parametrize("name", ["square", "wide"])
def test_causal_softmax(name):
    scores, out, grad, want = golden(name, "in0", "out", "grad", "grad0")
    same(gpt.causal_softmax(scores), out)
    same(gpt.causal_softmax_backward(grad, out, scores)[0], want)
    assert gpt.causal_softmax(np.float32(scores)).dtype == np.float32


def test_causal_softmax_of_large_scores():
    with np.errstate(all="raise", under="ignore"):
        same(gpt.causal_softmax(np.array([[0.0, 1e30], [1e4, -1e4]])), [[1, 0], [1, 0]])


def test_layer_norm():
    inputs, (out, grad) = inputs_of("layer_norm"), golden("layer_norm", "out", "grad")
    same(gpt.layer_norm(*inputs), out)
    for i, got in enumerate(gpt.layer_norm_backward(grad, out, *inputs)):
        same(got, *golden("layer_norm", f"grad{i}"))


def test_heads_are_views_and_come_back():
    x = Tensor(np.random.default_rng(0).standard_normal((2, 5, 12)), requires_grad=True)
    heads = gpt.split_heads(x, 3)
    assert heads.shape == (2, 3, 5, 4)
    assert np.shares_memory(heads.data, x.data)
    same(heads.data[1, 2, 3], x.data[1, 3, 8:])
    same(gpt.merge_heads(heads).data, x.data)
    assert gradcheck(lambda x: gpt.merge_heads(gpt.split_heads(x, 3)) * x, x) < 1e-6


# --- the model -----------------------------------------------------------------------------------


def test_a_model_as_pytorch_computes_it():
    model = small()
    for parameter, array in zip(model.parameters(), inputs_of("gpt"), strict=True):
        assert parameter.shape == array.shape
        parameter.data = array.copy()
    tokens, out, grad = golden("gpt", "tokens", "out", "grad")
    logits = model(Tensor(tokens))
    same(logits.data, out)
    logits.backward(grad)
    for i, parameter in enumerate(model.parameters()):
        same(parameter.grad.data, *golden("gpt", f"grad{i}"))


def test_the_future_changes_nothing():
    model, tokens = small(), np.array([[1, 5, 2, 6, 0, 3]])
    changed = tokens.copy()
    changed[:, 4:] = 1
    before, after = model(Tensor(tokens)).data, model(Tensor(changed)).data
    same(after[:, :4], before[:, :4])
    assert np.abs(after[:, 4:] - before[:, 4:]).max() > 1e-3


@pytest.mark.parametrize("cuts", [(1,), (3,), (2, 3), (1, 2, 3, 4, 5)])
def test_in_pieces(cuts):
    model, tokens = small(), np.array([[1, 5, 2, 6, 0, 3], [0, 0, 4, 4, 1, 2]])
    caches = [gpt.Cache() for _ in model.blocks]
    pieces = [model(Tensor(piece), caches).data for piece in np.split(tokens, cuts, axis=1)]
    same(np.concatenate(pieces, axis=1), model(Tensor(tokens)).data)
    assert [cache.length for cache in caches] == [6, 6]
    with pytest.raises(ValueError, match="6"):
        model(Tensor(tokens[:, :1]), caches)
    assert [cache.length for cache in caches] == [6, 6], "what is refused is not read"


def test_a_fresh_model_finds_all_characters_alike():
    model = gpt.GPT(65, 32, rng=np.random.default_rng(0))
    tokens = np.random.default_rng(1).integers(0, 65, (4, 33))
    assert gpt.next_token_loss(model, tokens[:, :-1], tokens[:, 1:]).item() == pytest.approx(np.log(65), rel=0.02)


def test_a_width_that_heads_cannot_share():
    with pytest.raises(ValueError, match="10"):
        gpt.Attention(10, 4)


def test_it_learns_a_line_by_heart():
    vocabulary = gpt.Vocabulary("one two three four ")
    tokens, losses = vocabulary.encode("one two three four " * 20), []
    model = gpt.GPT(len(vocabulary), 16, width=16, heads=2, layers=1, rng=np.random.default_rng(0))
    gpt.learn(model, tokens, 150, 8, 1e-2, np.random.default_rng(1), lambda step, loss: losses.append(loss))
    assert len(losses) == 150
    assert losses[-1] < 0.3 < losses[0]
    written = gpt.generate(model, vocabulary.encode("one two"), 12, np.random.default_rng(0), temperature=0)
    assert vocabulary.decode(written) == "one two three four "


# --- writing --------------------------------------------------------------------------------------


def test_probabilities():
    logits = np.log([1.0, 2.0, 2.0, 5.0])
    same(gpt.token_probabilities(logits), [0.1, 0.2, 0.2, 0.5])
    same(gpt.token_probabilities(logits, 0.5), np.array([1, 4, 4, 25]) / 34)
    same(gpt.token_probabilities(logits, 0), [0, 0, 0, 1])
    same(gpt.token_probabilities(logits, top_k=2), np.array([0, 2, 2, 5]) / 9)
    same(gpt.token_probabilities(logits, top_k=9), [0.1, 0.2, 0.2, 0.5])
    same(gpt.token_probabilities(np.float32([1e6, -1e6]), 0.1), [1, 0])
    assert gpt.token_probabilities(np.float32(logits)).dtype == np.float64
    same(logits, np.log([1.0, 2.0, 2.0, 5.0]))
    for options in ({"temperature": -1}, {"top_k": 0}, {"top_k": -3}):
        with pytest.raises(ValueError):
            gpt.token_probabilities(logits, **options)


def test_a_stream_writes_what_reading_again_writes():
    model = small(context=12)
    for seed in range(5):
        rngs = [np.random.default_rng(seed) for _ in range(2)]
        streamed = list(islice(gpt.stream(model, [1, 2, 3], rngs[0], 0.8, 5), 9))
        assert [1, 2, 3, *streamed] == gpt.generate(model, [1, 2, 3], 9, rngs[1], 0.8, 5)


def test_a_stream_reads_each_token_once_and_goes_on_when_the_context_is_full():
    model, read = small(), []

    def listen(function, inputs, options, out, seconds):
        if function is gpt.embedding and inputs[0] is model.tokens.table:
            read.append(inputs[1].data[0].tolist())

    listeners.append(listen)
    try:
        prompt = [3, 1, 4, 1, 5, 0, 2, 6]
        written = list(islice(gpt.stream(model, np.array(prompt), np.random.default_rng(0)), 9))
        short = list(islice(gpt.stream(model, [3, 1], np.random.default_rng(0)), 6))
    finally:
        listeners.remove(listen)
    whole = prompt + written
    restarts = [whole[6:9], *[[token] for token in whole[9:12]], whole[10:13], *[[token] for token in whole[13:16]]]
    assert read[:9] == [whole[2:8], *restarts]
    whole = [3, 1, *short]
    assert read[9:] == [[3, 1], *[[token] for token in short[:4]], whole[4:7]]


def test_whoever_listens_to_a_stream_still_records():
    new = gpt.stream(small(), [1], np.random.default_rng(0))
    next(new)
    assert recording.get()
    x = Tensor([1.0], requires_grad=True)
    assert (x * 2).creator


def test_attention_maps():
    model = small()
    maps = gpt.attention_maps(model, [1, 2, 3, 4])
    assert [found.shape for found in maps] == [(2, 4, 4)] * 2
    for found in maps:
        same(found.sum(axis=-1), np.ones((2, 4)))
        same(np.triu(found, 1), np.zeros_like(found))


def test_it_computes_on_our_own_kernels_what_it_computes_on_numpys(monkeypatch):
    used = set()

    def counted(name, kernel):
        def work(*inputs, **options):
            used.add(name)
            return kernel(*inputs, **options)

        return work

    def step():
        model.zero_grad()
        loss = gpt.next_token_loss(model, *gpt.windows(tokens, [0, 9, 30], 6))
        loss.backward()
        return [loss.data, *(parameter.grad.data for parameter in model.parameters())]

    monkeypatch.setattr(kernels, "KERNELS", {name: counted(name, kernel) for name, kernel in kernels.KERNELS.items()})
    tokens = np.random.default_rng(1).integers(0, 7, 200)
    model = gpt.GPT(7, 6, width=8, heads=2, layers=2, rng=np.random.default_rng(0))
    numpys = step()
    assert used == set()
    with kernels.use():
        own = step()
    assert used == {"matmul", "matmul_backward", "linear", "linear_backward", "causal_softmax", "layer_norm"}
    for mine, theirs in zip(own, numpys, strict=True):
        assert mine.dtype == theirs.dtype == np.float32
        np.testing.assert_allclose(mine, theirs, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("function", [gpt.causal_softmax, gpt.layer_norm, autograd.matmul_backward])
def test_our_own_kernels_can_stand_in_for_it(function):
    assert hasattr(function, "__wrapped__"), f"@replaceable is missing above {function.__name__}"


def test_operations_are_in_the_table_of_gradients():
    tokens = np.array([2, 0, 2])
    rng = np.random.default_rng(0)
    assert gradcheck(lambda table: apply(gpt.embedding, table, Tensor(tokens)), rng.standard_normal((3, 2))) < 1e-6
    assert gradcheck(lambda scores: apply(gpt.causal_softmax, scores), rng.standard_normal((2, 3, 3))) < 1e-6
    inputs = rng.standard_normal((2, 4)), rng.standard_normal(4), rng.standard_normal(4)
    assert gradcheck(lambda *parts: apply(gpt.layer_norm, *parts), *inputs) < 1e-6
