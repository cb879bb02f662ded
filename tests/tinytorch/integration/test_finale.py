"""The finale, small: a GPT learns from a file of text, is kept and taken up again, and writes for whoever listens."""

import threading
from itertools import islice

import numpy as np
import pytest
from tinytorch.core.autograd import no_grad
from tinytorch.core.gpt import GPT, Vocabulary, next_token_loss, stream, windows
from tinytorch.core.tensor import Tensor
from tinytorch.core.training import load_arrays, load_state_dict, save_arrays, state_dict

from tito.milestones import gpt_gpt

TEXT = "KING RICHARD:\nthe rain in spain falls on the plain again.\n\n" * 60


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What the recipe of the milestone makes of a small text, and the steps that it reported."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"CONTEXT": 32, "WIDTH": 24, "HEADS": 2, "LAYERS": 1, "BATCH": 8, "SAMPLE": 80}.items():
            patch.setattr(gpt_gpt, name, value)
        folder, seen = tmp_path_factory.mktemp("text"), []
        (folder / "input.txt").write_text(TEXT, encoding="utf-8")
        return gpt_gpt.run(folder, seen.append, epochs=16), seen


def test_the_recipe_learns(told):
    result, seen = told
    assert result.loss < 0.5
    assert result.reached
    assert result.curves[0]["val_loss"] > result.curves[-1]["val_loss"]
    assert result.sample.startswith("KING RICHARD:\n")
    assert len(result.sample) == len("KING RICHARD:\n") + 80
    assert "the rain in spain" in result.sample
    assert [progress.step for progress in seen] == list(range(1, seen[-1].steps + 1))
    assert (seen[0].epoch, seen[-1].epoch, seen[-1].accuracy) == (1, 16, None)


def test_the_loss_is_that_of_all_characters():
    """As many windows as fit, side by side: the same as asking about each of them alone."""
    vocabulary = Vocabulary(TEXT)
    model, tokens = GPT(len(vocabulary), 16, 12, 2, 1, np.random.default_rng(0)), vocabulary.encode(TEXT[:330])
    starts = range(0, 330 - 16, 16)
    alone = [next_token_loss(model, *windows(tokens, [start], 16)).item() for start in starts]
    assert gpt_gpt.loss_on(model, tokens) == pytest.approx(np.mean(alone), rel=1e-5)


def test_it_is_kept_and_taken_up_again(tmp_path):
    model, other = (GPT(9, 8, 12, 3, 2, np.random.default_rng(seed)) for seed in (0, 1))
    save_arrays(tmp_path / "gpt.npz", state_dict(model))
    load_state_dict(other, load_arrays(tmp_path / "gpt.npz"))
    tokens = Tensor(np.arange(8)[None])
    with no_grad():
        np.testing.assert_array_equal(model(tokens).data, other(tokens).data)


def test_two_listeners_do_not_disturb_one_another():
    model, heard = GPT(9, 8, 12, 3, 2, np.random.default_rng(0)), {}

    def listen(name):
        heard[name] = list(islice(stream(model, [name], np.random.default_rng(name)), 40))

    threads = [threading.Thread(target=listen, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    both = dict(heard)
    for name in range(4):
        listen(name)
    assert heard == both
