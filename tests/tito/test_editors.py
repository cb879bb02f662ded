"""Jupyter servers of the same user are asked what they have open; one that is gone or locked is no obstacle."""

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tito import editors


class Server(BaseHTTPRequestHandler):
    """What a Jupyter server answers, to who has its token."""

    def do_GET(self):
        fits = (self.path, self.headers.get("Authorization")) == ("/here/api/sessions", "token secret")
        self.send_response(200 if fits else 403)
        self.end_headers()
        self.wfile.write(json.dumps([{"path": "modules/setup/setup_dev.ipynb", "type": "notebook"}]).encode())

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def jupyter(home, tmp_path, monkeypatch):
    """Writes what a running server tells about itself. Arguments replace what is told."""
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(runtime))
    monkeypatch.setattr(editors, "ANSWER_SECONDS", 300)  # the server below always answers
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # nobody is there
    server = HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    def tell(**other):
        told = {"url": f"http://127.0.0.1:{server.server_port}/here/", "token": "secret", "root_dir": str(home.root)}
        (runtime / f"jpserver-{len(other)}.json").write_text(json.dumps(told | other), encoding="utf-8")

    yield tell
    server.shutdown()
    server.server_close()


def test_a_notebook_with_a_kernel_is_open(home, jupyter):
    jupyter()
    assert editors.open_in_jupyter() == {home.path("setup").resolve()}
    home.solve("setup")
    out = home.tito("reset", "--module", "setup").out
    assert "modules/setup/setup_dev.ipynb is open in Jupyter" in out


@pytest.mark.parametrize("other", [{"token": ""}, {"url": "http://127.0.0.1:9/"}, {"url": 3}, {"root_dir": None}])
def test_a_server_that_tells_nothing(jupyter, other):
    jupyter(**other)
    assert editors.open_in_jupyter() == set()


def test_a_notebook_that_was_saved_lately_may_be_open(home, jupyter):
    path = home.path("setup")
    (said,) = editors.advice(home.workspace, {path: time.time() - 60})
    assert "saved a few minutes ago" in said
    assert editors.advice(home.workspace, {path: time.time() - 3600}) == []


def test_another_program_where_a_server_was(home, jupyter):
    """A server that was killed leaves its file, and its port is given to somebody else."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        threading.Thread(target=lambda: other.accept()[0].sendall(b"* OK IMAP4 ready\r\n"), daemon=True).start()
        jupyter(url=f"http://127.0.0.1:{other.getsockname()[1]}/")
        home.solve("setup")
        assert home.tito("reset", "--module", "setup").code == 0
