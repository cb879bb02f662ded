"""What other modules say of a GPT: profiling of its steps, benchmarking of its cache, compression of it in int8."""

import numpy as np
import pytest
from tinytorch.core import benchmarking, profiling
from tinytorch.core.compression import QuantizedLinear
from tinytorch.core.gpt import GPT, Vocabulary, learn
from tinytorch.core.mlp import Linear
from tinytorch.core.training import save_arrays

from tito.milestones import gpt_compared, gpt_gpt

TEXT = "the rain in spain falls on the plain again.\n" * 40


@pytest.fixture(scope="module")
def known():
    """A model that has learned a little, its vocabulary and its tokens."""
    vocabulary = Vocabulary(TEXT)
    tokens, model = vocabulary.encode(TEXT), GPT(len(vocabulary), 16, 16, 2, 2, np.random.default_rng(0))
    learn(model, tokens, 40, batch=8, rng=np.random.default_rng(1))
    return model, vocabulary, tokens


def test_linear_layers_become_whole_numbers_and_the_loss_hardly_changes(known):
    model, _, tokens = known
    small = gpt_compared.in_int8(model, tokens)
    kinds = [type(module) for module in small.modules()]
    assert kinds.count(QuantizedLinear) == 2 * 6 + 1
    assert not any(isinstance(module, Linear) for module in small.modules())
    assert sum(isinstance(module, Linear) for module in model.modules()) == 13, "the model itself stays as it was"
    found = gpt_compared.whole_numbers(model, tokens, tokens[:800], gpt_gpt.loss_on)
    assert found.int8_loss == pytest.approx(found.loss, abs=0.05)
    assert 0 < found.int8_nbytes < 0.6 * found.nbytes
    assert str(found).endswith(f"validation loss {found.loss:.4f} and {found.int8_loss:.4f} on 800 characters")


def test_other_modules_are_asked_about_a_kept_model(known, tmp_path, monkeypatch):
    asked, real = [], profiling.totals
    monkeypatch.setattr(benchmarking, "warm_up", lambda *given: None)  # how long it takes is not what is tested
    monkeypatch.setattr(gpt_compared, "ROUNDS", 3)
    model, vocabulary, _ = known
    save_arrays(tmp_path / "model.npz", gpt_gpt.kept(model, vocabulary))
    (tmp_path / "input.txt").write_text(TEXT, encoding="utf-8")
    monkeypatch.setattr(profiling, "totals", lambda events: asked.extend(events) or real(events))
    found = {name: compare() for name, compare in gpt_gpt.comparisons(tmp_path / "model.npz", tmp_path).items()}
    shares = found["profiling"].shares
    assert [event.name for event in asked].count("causal_softmax_backward") == 3 * 2, "three steps, two blocks"
    assert len(shares) == 4
    assert list(shares.values()) == sorted(shares.values(), reverse=True)
    assert 0 < sum(shares.values()) < 1
    gain, whole = found["benchmarking"], found["compression"]
    assert gain.same_text
    assert min(gain.again, gain.cached) > 0
    assert gain.low <= gain.ratio <= gain.high
    assert whole.characters == len(TEXT) - len(TEXT) * 9 // 10
