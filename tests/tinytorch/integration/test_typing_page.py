"""A GPT behind the app of MLOps: /predict as for every model, and text that comes while it is written."""

import http.client
import json
from itertools import islice
from urllib.parse import urlencode

import numpy as np
import pytest
from tinytorch.core.gpt import GPT, Vocabulary, stream
from tinytorch.core.mlops import running
from tinytorch.core.tensor import Tensor, recording

from tito.milestones import gpt_gpt, gpt_page


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A model, its vocabulary, and the port at which what was kept of it is served."""
    vocabulary, path = Vocabulary("to be, or not?\n"), tmp_path_factory.mktemp("kept") / "model.npz"
    model = GPT(len(vocabulary), 8, 12, 2, 2, np.random.default_rng(0))
    model.head.weight.data *= 20
    np.savez(path, **gpt_gpt.kept(model, vocabulary))
    with running(gpt_page.app_of(*gpt_gpt.load(path))) as port:
        yield model, vocabulary, port


def ask(port, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("POST" if body else "GET", path, body, {"content-type": "application/json"} if body else {})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_what_is_streamed_is_what_the_model_writes(served):
    model, vocabulary, port = served
    asked = {"prompt": "to be", "seed": 3, "count": 40, "temperature": 1.5, "top_k": 4}
    status, text = ask(port, f"/write?{urlencode(asked)}")
    new = stream(model, vocabulary.encode("to be"), np.random.default_rng(3), 1.5, 4)
    assert (status, text) == (200, vocabulary.decode(islice(new, 40)))


def test_whoever_leaves_keeps_nobody_from_writing(served):
    _, _, port = served
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", f"/write?{urlencode({'prompt': 'to', 'count': gpt_page.MOST})}")
    assert connection.getresponse().read(3)
    connection.close()
    assert ask(port, f"/write?{urlencode({'prompt': 'to', 'count': 5})}")[0] == 200
    assert recording.get()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "begin with a character"),
        ({"prompt": "to be Z"}, "the model has never seen Z"),
        ({"prompt": "to", "temperature": "hot"}, "temperature is a number"),
        ({"prompt": "to", "temperature": "nan"}, "temperature is from 0 to 5"),
        ({"prompt": "to", "top_k": 0.5}, "whole numbers"),
        ({"prompt": "to", "top_k": -1}, "top_k from 1 on"),
        ({"prompt": "to", "count": 10**9}, "count from 1 to"),
        ({"prompt": "to", "seed": -1}, "seed from 0 on"),
    ],
)
def test_nonsense_is_refused_with_a_reason(served, asked, said):
    status, text = ask(served[2], f"/write?{urlencode(asked)}")
    assert (status, said in json.loads(text)["error"]) == (422, True), text


def test_the_app_predicts_as_for_every_model(served):
    model, vocabulary, port = served
    window = vocabulary.encode("to be, o")
    status, text = ask(port, "/predict", json.dumps({"image": window.tolist()}))
    assert status == 200, text
    best = int(model(Tensor(window[None])).data[0, -1].argmax())
    assert json.loads(text)["label"] == vocabulary.characters[best]


def test_the_page_is_there(served):
    status, text = ask(served[2], "/type")
    assert (status, "A GPT that types" in text) == (200, True)
    assert ask(served[2], "/ready") == (200, '{"ready": true}')
