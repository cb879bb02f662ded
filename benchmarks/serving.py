"""Requests a second that module 12's server answers with an MNIST MLP 784-128-10, one image each, over loopback.

    apt-get install wrk && python benchmarks/serving.py        # a minute; writes serving.log next to this script

Claims: at least 1,000 requests a second, sustained, on two cores, of which the client takes its share; malformed
requests get a status from 400 to 499 with a reason; SIGTERM under load drops no request that was accepted.

The load comes from wrk, a client written in C. The server is one process with one BLAS thread, listens on 127.0.0.1
only, and is told to stop before this script ends, however it ends.
"""

import contextlib
import http.client
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
SECONDS, CONNECTIONS = 10, 64
BYTES, JSON = "application/octet-stream", "application/json"


def pack(folder):
    """Train the MLP on module 2's digits for a few seconds, and pack it; its test images, and what it says to them."""
    from tinytorch.core.mlops import load_bundle, save_bundle
    from tinytorch.core.mlp import CrossEntropyLoss, Linear, ReLU, Sequential, train_epoch

    digits, rng = np.load(HERE.parent / "source" / "mlp" / "mnist_subset.npz"), np.random.default_rng(0)
    model = Sequential(Linear(784, 128, rng), ReLU(), Linear(128, 10, rng))
    images = digits["train_images"].reshape(-1, 784).astype(np.float32) / 255
    for _ in range(8):
        train_epoch(model, CrossEntropyLoss(), images, digits["train_labels"], 0.1, 32, rng)
    spec = {"shape": [784], "low": 0, "high": 255}
    save_bundle(folder, model, "mnist", "1.0", spec, list("0123456789"))
    test = digits["test_images"].reshape(-1, 784)
    return test, digits["test_labels"], load_bundle(folder).predict(test).argmax(axis=1)


def serve(folder, port, max_batch, watched):
    """What the server's process does: it counts what it takes on and what it has answered, and says so at its end."""
    from tinytorch.core.mlops import Deployment, Monitor, create_app, load_bundle, make_server, usual_alarms

    bundle, options = load_bundle(folder), {"max_batch": max_batch}
    if watched:
        images = np.random.default_rng(0).integers(0, 256, (500, 784))
        monitor = Monitor(images, bundle.predict(images).argmax(axis=1), 10)
        options |= {"monitor": monitor, "alarms": usual_alarms(), "every": 1000}
    app, counts = create_app(Deployment(bundle), **options), {"accepted": 0, "answered": 0}

    async def counted(scope, receive, send):
        predicts = scope["type"] == "http" and scope["path"] == "/predict"
        counts["accepted"] += predicts
        await app(scope, receive, send)
        counts["answered"] += predicts

    counted.state = app.state
    signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn raises it once more when it has ended: then go on here
    make_server(counted, port, backlog=2048).run()
    print(json.dumps(counts), flush=True)


@contextlib.contextmanager
def server(folder, max_batch=32, watched=True):
    """A server's process and its port, once it is ready."""
    port = free_port()
    command = [
        sys.executable,
        str(Path(__file__)),
        "--serve",
        str(folder),
        str(port),
        str(max_batch),
        str(int(watched)),
    ]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                if ask(port, "GET", "/ready")[0] == 200:
                    break
            time.sleep(0.1)
        else:
            raise RuntimeError("the server did not start")
        yield process, port
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def free_port():
    import socket

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def ask(port, method, path, body=None, kind=None, connection=None):
    connection = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body, {"content-type": kind} if kind else {})
    response = connection.getresponse()
    return response.status, response.read()


def load(port, script, seconds):
    """What wrk measures: requests a second, median and 99th percentile in ms, answers that were not 2xx."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", script]
    said = subprocess.run(
        [*command, f"http://127.0.0.1:{port}/predict"], capture_output=True, text=True, check=True
    ).stdout
    rate = float(re.search(r"Requests/sec:\s*([\d.]+)", said)[1])
    p50, p99 = (milliseconds(re.search(rf"(?m)^\s+{q}%\s+(\S+)$", said)[1]) for q in (50, 99))
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    errors = re.search(r"Socket errors: (.*)", said)
    return rate, p50, p99, (f"{bad[1]} not 2xx" if bad else "all 2xx") + (f", {errors[1]}" if errors else "")


def milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 1e-3, "ms": 1.0, "s": 1e3}[unit]


def lua(folder, name, body, kind):
    """A script for wrk that posts always the same body."""
    quoted = "".join(f"\\{byte:03d}" for byte in body)
    path = Path(folder) / f"{name}.lua"
    path.write_text(f'wrk.method = "POST"\nwrk.headers["Content-Type"] = "{kind}"\nwrk.body = "{quoted}"\n')
    return path


def malformed(port):
    """Requests that nobody should send, and what came of them."""
    image = {"image": [0] * 784}
    bodies = [(b"{", JSON), (b"[" * 50_000, JSON), (b"\xff\xfe", JSON), (b"{}", JSON), (b"\0" * 783, BYTES)]
    bodies += [(b"\0" * 1_000_000, BYTES), (json.dumps(image).encode(), "text/plain"), (b"", None)]
    for pixel in (-1, 256, float("nan"), "7", None, True, [0], 10**400):
        bodies.append((json.dumps({"image": [0] * 783 + [pixel]}).encode(), JSON))
    rows = []
    for body, kind in bodies:
        status, answer = ask(port, "POST", "/predict", body, kind)
        rows.append((status, json.loads(answer).get("error", "")))
    return rows


def stop_under_load(folder, clients=32):
    """SIGTERM while many ask: what the server accepted and answered, and how many whole answers the clients have."""
    whole, broken, refused = [0] * clients, [0] * clients, [0] * clients

    with server(folder) as (process, port):

        def client(i):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            while True:
                response = None
                try:
                    connection.request("POST", "/predict", bytes(784), {"content-type": BYTES})
                    response = connection.getresponse()
                    assert json.loads(response.read())["label"]
                    whole[i] += response.status == 200
                except (OSError, http.client.HTTPException):
                    (refused if response is None else broken)[i] += 1
                    return

        threads = [threading.Thread(target=client, args=(i,)) for i in range(clients)]
        for thread in threads:
            thread.start()
        time.sleep(2)
        process.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join()
        said = json.loads(process.communicate(timeout=20)[0].splitlines()[-1])
    return {
        **said,
        "whole": sum(whole),
        "broken": sum(broken),
        "refused": sum(refused),
        "exit code": process.returncode,
    }


def main(say):
    if not shutil.which("wrk"):
        sys.exit("wrk is missing: apt-get install wrk")
    say(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}")
    say(f"one server process, one wrk thread with {CONNECTIONS} connections; ms from wrk's --latency")
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "1.0"
        images, labels, answers = pack(bundle)
        bodies = {"bytes": (images[0].tobytes(), BYTES)}
        bodies["JSON"] = (json.dumps({"image": images[0].tolist()}).encode(), JSON)
        scripts = {name: lua(folder, name, *body) for name, body in bodies.items()}
        with server(bundle) as (_, port):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            said = []
            for image in images[:500]:
                _, answer = ask(port, "POST", "/predict", image.tobytes(), BYTES, connection)
                said.append(int(json.loads(answer)["label"]))
            connection.close()
            right, same = np.mean(said == labels[:500]), np.mean(said == answers[:500])
            say(
                f"500 test images: {right:.1%} right, {same:.1%} of the answers are those of the model without a server"
            )
        say(f"{'':28}requests/s   p50 ms   p99 ms   mean batch")
        for name, max_batch, watched, seconds in (
            *[("bytes", 32, True, SECONDS), ("JSON", 32, True, SECONDS)],
            *[("bytes", 1, True, SECONDS // 2), ("bytes", 32, False, SECONDS // 2)],
        ):
            with server(bundle, max_batch, watched) as (_, port):
                load(port, scripts[name], 1)  # warm
                rate, p50, p99, how = load(port, scripts[name], seconds)
                mean = json.loads(ask(port, "GET", "/state")[1])["mean batch"]
            what = f"{name}, max_batch {max_batch}{'' if watched else ', no monitor'}"
            say(f"{what:28}{rate:10,.0f} {p50:8.1f} {p99:8.1f} {mean:12.1f}   {how}, {seconds} s")
        with server(bundle) as (_, port):
            for status, reason in malformed(port):
                say(f"malformed: {status} {reason}")
        say(f"SIGTERM under load: {stop_under_load(bundle)}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(sys.argv[2], *map(int, sys.argv[3:6]))
    else:
        with open(HERE / "serving.log", "w", encoding="utf-8") as log:

            def say(line):
                print(line, flush=True)
                print(line, file=log)

            main(say)
