import gzip
import subprocess
import sys

import pytest

from tito import datasets, files


@pytest.fixture
def packed(home, monkeypatch):
    """Stand-ins for the files of MNIST: name and gzipped bytes."""
    return home.dataset(monkeypatch)


@pytest.fixture
def web(packed, monkeypatch):
    """A web that serves them; each address can be given other bytes or an exception. Lists what was asked for."""
    asked, answers = [], {}

    def download(self, url, output_file, pooch):
        asked.append(url)
        answer = answers.get(url, packed[url.rsplit("/", 1)[1]])
        if isinstance(answer, BaseException):
            raise answer
        with open(output_file, "wb") as file:
            file.write(answer)

    monkeypatch.setattr("pooch.HTTPDownloader.__call__", download)
    download.asked, download.answers = asked, answers
    return download


def folder(home):
    return home / "data/mnist"


def test_everything_is_fetched(home, web, packed):
    done = home.tito("data", "mnist")
    assert done.code == 0
    assert "MNIST: 4 files in data/mnist, verified, fetched from the internet." in done.out
    assert {path.name: path.read_bytes() for path in folder(home).iterdir()} == packed
    assert [url.split("/")[2] for url in web.asked] == ["one.invalid"] * 4


def test_again_fetches_nothing(home, web):
    home.tito("data", "mnist")
    web.asked.clear()
    done = home.tito("data", "mnist")
    assert "verified, there already" in done.out
    assert web.asked == []


def test_only_what_is_missing_or_damaged_is_fetched(home, web, packed):
    home.tito("data", "mnist")
    names = list(packed)
    web.asked.clear()
    (folder(home) / names[0]).unlink()
    (folder(home) / names[1]).write_bytes(packed[names[1]][:-9])
    assert home.tito("data", "mnist").code == 0
    assert [url.rsplit("/", 1)[1] for url in web.asked] == names[:2]
    assert {path.name: path.read_bytes() for path in folder(home).iterdir()} == packed


def test_the_same_content_packed_in_another_way_is_fine(home, web, packed):
    for name, content in packed.items():
        web.answers[f"http://one.invalid/{name}"] = gzip.compress(gzip.decompress(content), 1, mtime=7)
    assert home.tito("data", "mnist").code == 0


def test_the_second_mirror_where_the_first_fails(home, web, packed):
    import requests

    names = list(packed)
    web.answers[f"http://one.invalid/{names[0]}"] = requests.ConnectionError("no")
    web.answers[f"http://one.invalid/{names[1]}"] = b"<html>Please log in</html>"
    assert home.tito("data", "mnist").code == 0
    assert [url for url in web.asked if "two.invalid" in url] == [f"http://two.invalid/{name}" for name in names[:2]]


def test_offline(home, web, packed):
    import requests

    for name in packed:
        web.answers[f"http://one.invalid/{name}"] = requests.ConnectionError("no")
        web.answers[f"http://two.invalid/{name}"] = requests.ReadTimeout("slow")
    done = home.tito("data", "mnist")
    assert done.code == 2
    assert "train-images-idx3-ubyte.gz can't be downloaded" in done.err
    assert "http://one.invalid/: no connection\n" in done.err
    assert "http://two.invalid/: no connection in time" in done.err
    assert "TINYTORCH_DATA=that/folder python bin/tito.py data mnist" in done.err
    assert list(folder(home).iterdir()) == []


def test_wrong_content_everywhere(home, web, packed):
    name = next(iter(packed))
    for mirror in ("one", "two"):
        web.answers[f"http://{mirror}.invalid/{name}"] = gzip.compress(b"something else")
    done = home.tito("data", "mnist")
    assert done.code == 2
    assert done.err.count("another checksum than expected") == 2
    assert list(folder(home).iterdir()) == []


def test_a_full_disk(home, web, packed):
    name = list(packed)[1]
    web.answers[f"http://one.invalid/{name}"] = OSError(28, "No space left on device", "data/mnist/x")
    done = home.tito("data", "mnist")
    assert done.code == 3
    assert "No space left on device" in done.err
    assert [path.name for path in folder(home).iterdir()] == list(packed)[:1]


def test_ctrl_c_keeps_what_is_whole(home, web, packed):
    web.answers[f"http://one.invalid/{list(packed)[2]}"] = KeyboardInterrupt()
    done = home.tito("data", "mnist")
    assert done.code == 130
    assert "interrupted" in done.err
    assert sorted(path.name for path in folder(home).iterdir()) == sorted(list(packed)[:2])


def test_a_folder_that_can_not_be_made(home, web):
    (home / "data").write_text("a file")
    done = home.tito("data", "mnist")
    assert done.code == 3
    assert "Not a directory" in done.err or "File exists" in done.err


@pytest.mark.parametrize("inside", ["mnist", "."])
def test_from_a_local_folder(home, web, packed, tmp_path, monkeypatch, inside):
    local = tmp_path / "local" / inside
    local.mkdir(parents=True)
    for name, content in packed.items():
        (local / name).write_bytes(content)
    monkeypatch.setenv("TINYTORCH_DATA", str(tmp_path / "local"))
    done = home.tito("data", "mnist")
    assert done.code == 0
    assert f"fetched from {tmp_path / 'local'}" in done.out
    assert {path.name: path.read_bytes() for path in folder(home).iterdir()} == packed
    assert web.asked == []


def test_a_local_folder_without_the_files(home, web, tmp_path, monkeypatch):
    monkeypatch.setenv("TINYTORCH_DATA", str(tmp_path / "nowhere"))
    done = home.tito("data", "mnist")
    assert done.code == 2
    assert "TINYTORCH_DATA is" in done.err
    assert "nowhere/mnist/train-images-idx3-ubyte.gz" in done.err
    assert web.asked == []


def test_a_damaged_local_file(home, packed, tmp_path, monkeypatch):
    for name, content in packed.items():
        (tmp_path / name).write_bytes(content[:-3])
    monkeypatch.setenv("TINYTORCH_DATA", str(tmp_path))
    done = home.tito("data", "mnist")
    assert done.code == 2
    assert "train-images-idx3-ubyte.gz is damaged" in done.err
    assert not folder(home).exists() or list(folder(home).iterdir()) == []


def test_what_is_there(home, web):
    assert "MNIST     0 of 4 files" in " ".join(home.tito("data").out.split()).replace("MNIST 0", "MNIST     0")
    home.tito("data", "mnist")
    assert "4 of 4 files" in home.tito("data").out


def test_unknown_and_later_data_sets(home, monkeypatch):
    monkeypatch.delitem(datasets.DATASETS, "cifar10")
    done = home.tito("data", "cifar10")
    assert (done.code, "comes with module cnn, which is not released yet" in done.err) == (2, True)
    done = home.tito("data", "imagenet")
    assert done.code == 2
    assert "There is no data set 'imagenet'. The data sets: mnist." in done.err


def test_progress_is_reported(packed, tmp_path):
    seen = []
    bar = datasets._Bar("a.gz", lambda *progress: seen.append(progress))
    bar.total = 100
    bar.update(64)
    bar.update(64)
    bar.reset()
    bar.update(100)
    bar.close()
    assert seen == [("a.gz", 64, 100), ("a.gz", 100, 100), ("a.gz", 100, 100)]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("ProxyError", "no connection through the proxy"),
        ("SSLError", "no secure connection"),
        ("ReadTimeout", "no connection in time"),
        ("ConnectionError", "no connection\n"),
        ("InvalidSchema", "Missing dependencies for SOCKS support."),
    ],
)
def test_why_there_is_no_connection(home, web, packed, error, said):
    import requests

    for name in packed:
        for mirror in ("one", "two"):
            failure = getattr(requests.exceptions, error)("Missing dependencies for SOCKS support.")
            web.answers[f"http://{mirror}.invalid/{name}"] = failure
    assert f"http://one.invalid/: {said}" in home.tito("data", "mnist").err


def test_a_connection_that_ends_in_the_middle():
    import requests

    assert datasets._reason(requests.ConnectionError("reset"), 2_500_000) == "the connection ended after 2.5 MB"


def test_two_terminals_at_once(home, web):
    """Both would write into one unfinished file."""
    with files.locked(home / "course.yml"):
        program = "from tito.cli import main; main(['data', 'mnist'])"
        done = subprocess.run([sys.executable, "-c", program], cwd=home.root, capture_output=True, text=True)
    assert (done.returncode, "Another tito fetches a data set" in done.stderr) == (2, True), done.stderr
    assert not folder(home).exists()
    assert home.tito("data", "mnist").code == 0
