"""One problem, two stacks: hand-written backwards and automatic gradients lead the same way, step by step."""

import numpy as np
import pytest
from tinytorch.core.autograd import no_grad
from tinytorch.core.cnn import BatchNorm2d, Conv2d, Flatten, MaxPool2d
from tinytorch.core.mlp import CrossEntropyLoss, Linear, ReLU, Sequential, Sigmoid, sgd_step
from tinytorch.core.tensor import Tensor


def mlp(rng):
    return Sequential(Flatten(), Linear(64, 12, rng), ReLU(), Linear(12, 8, rng), Sigmoid(), Linear(8, 4, rng))


def cnn(rng):
    return Sequential(
        *[Conv2d(1, 4, 3, padding=1, rng=rng), BatchNorm2d(4), ReLU(), MaxPool2d(2)],
        *[Conv2d(4, 6, 3, stride=2, padding=1, rng=rng), ReLU()],
        *[Flatten(), Linear(6 * 2 * 2, 4, rng)],
    )


def problem(seed=0):
    """A bright square in one of four corners, under noise."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 4, 48)
    images = rng.standard_normal((48, 1, 8, 8)).astype(np.float32)
    for image, label in zip(images[:, 0], labels, strict=True):
        row, column = 4 * (label // 2), 4 * (label % 2)
        image[row : row + 4, column : column + 4] += 2
    return images, labels


def train(build, backward, steps=20):
    """Losses and parameters of plain gradient descent, with batches of 16."""
    model, loss_fn, losses = build(np.random.default_rng(1)), CrossEntropyLoss(), []
    images, labels = problem()
    for step in range(steps):
        batch = slice(16 * (step % 3), 16 * (step % 3) + 16)
        model.zero_grad()
        loss = loss_fn(model(Tensor(images[batch])), labels[batch])
        losses.append(loss.item())
        backward(model, loss_fn, loss)
        sgd_step(model.parameters(), 0.1)
    return losses, [parameter.data for parameter in model.parameters()]


@pytest.mark.parametrize("build", [mlp, cnn])
def test_manual_and_automatic_gradients_lead_the_same_way(build):
    by_hand, manual = train(build, lambda model, loss_fn, loss: model.backward(loss_fn.backward()))
    by_itself, automatic = train(build, lambda model, loss_fn, loss: loss.backward())
    assert by_hand[-1] < by_hand[0], "it does not learn"
    for step, (one, two) in enumerate(zip(by_hand, by_itself, strict=True), 1):
        assert abs(one - two) < 1e-4 * abs(one), f"step {step}: loss {one} by hand, {two} with autograd"
    for one, two in zip(manual, automatic, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-3, atol=1e-5)


def test_all_gradients_of_one_step():
    """In float64, where both stacks must agree to nearly all digits."""
    found = []
    for automatic in (False, True):
        model, loss_fn = cnn(np.random.default_rng(1)), CrossEntropyLoss()
        images, labels = problem()
        for parameter in model.parameters():
            parameter.data = parameter.data.astype(np.float64)
        loss = loss_fn(model(Tensor(images.astype(np.float64))), labels)
        if automatic:
            loss.backward()
        else:
            model.backward(loss_fn.backward())
        found.append([parameter.grad.data for parameter in model.parameters()])
    for i, (one, two) in enumerate(zip(*found, strict=True)):
        np.testing.assert_allclose(one, two, rtol=1e-8, atol=1e-12, err_msg=f"gradient of parameter {i}")


def test_without_recording_the_numbers_are_the_same():
    model, (images, _) = cnn(np.random.default_rng(0)), problem()
    model.eval()
    with no_grad():
        quiet = model(Tensor(images))
    assert not quiet.requires_grad
    np.testing.assert_array_equal(quiet.data, model(Tensor(images)).data)
