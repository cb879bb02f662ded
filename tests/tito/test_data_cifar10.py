import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tito import datasets, files

NOT_PUBLISHED = "not the published pixels of CIFAR-10"


class Web:
    """A server on this machine that answers with what `answers` holds for a path, and lists what was asked for."""

    def __init__(self):
        self.asked, self.answers = [], {}
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                web.asked.append(self.path)
                content, promised = web.answers.get(self.path, (b"", 0))
                self.send_response(200 if content else 404)
                self.send_header("Content-Length", str(promised))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *arguments):
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def serve(self, content, promised=None):
        self.answers["/cifar-10-binary.tar.gz"] = content, len(content) if promised is None else promised


@pytest.fixture
def web():
    made = Web()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def packed(home, web, monkeypatch):
    made = home.archive(monkeypatch, mirrors=(web.address,))
    web.serve(made.archive)
    return made


def folder(home):
    return home / "data/cifar10"


def there(home):
    """Name -> content of what lies in the folder, the note aside."""
    found = folder(home).iterdir() if folder(home).exists() else []
    return {path.name: path.read_bytes() for path in found if path.name != datasets.NOTE}


def published(home):
    return datasets.is_published(home.workspace, "cifar10")


def test_everything_is_fetched(home, web, packed):
    done = home.tito("data", "cifar10")
    assert (done.code, done.err) == (0, "")
    assert "CIFAR-10: 6 files in data/cifar10, verified, fetched from the internet." in done.out
    assert NOT_PUBLISHED not in done.out
    assert there(home) == packed.files
    assert published(home)
    assert not (home / "data/outside.bin").exists()
    assert home.tito("data", "cifar10").out.endswith("verified, there already.\n")
    assert web.asked == ["/cifar-10-binary.tar.gz"]


def test_progress_is_reported(home, packed):
    seen = []
    datasets.fetch(home.workspace, "cifar10", lambda *progress: seen.append(progress))
    size = len(packed.archive)
    assert seen[-1] == ("cifar-10-binary.tar.gz", size, size)


def test_only_what_is_missing_or_damaged_is_written(home, packed):
    home.tito("data", "cifar10")
    names = list(packed.files)
    (folder(home) / names[0]).unlink()
    (folder(home) / names[1]).write_bytes(b"half")
    times = [(folder(home) / name).stat().st_mtime_ns for name in names[2:]]
    assert home.tito("data", "cifar10").code == 0
    assert there(home) == packed.files
    assert [(folder(home) / name).stat().st_mtime_ns for name in names[2:]] == times


@pytest.mark.parametrize("answer", ["cut off", "another archive", "a page", "nothing"])
def test_what_is_not_the_archive_is_not_unpacked(home, web, packed, answer):
    other = packed.pack({f"cifar-10-batches-bin/{name}": content for name, content in packed.copy().items()})
    content = {
        "cut off": packed.archive[:-9],
        "another archive": other,
        "a page": b"<html>Log in</html>",
        "nothing": b"",
    }
    web.serve(content[answer])
    done = home.tito("data", "cifar10")
    assert done.code == 2
    assert "cifar-10-binary.tar.gz can't be downloaded" in done.err
    assert f"{web.address}: {'HTTP 404' if answer == 'nothing' else 'another checksum than expected'}" in done.err
    assert "download cifar-10-binary.tar.gz elsewhere, put it into a folder, then run\n" in done.err
    assert "TINYTORCH_DATA=that/folder python bin/tito.py data cifar10" in done.err
    assert there(home) == {}


def test_a_connection_that_breaks_off(home, web, packed):
    web.serve(packed.archive[:100], promised=len(packed.archive))
    done = home.tito("data", "cifar10")
    assert done.code == 2
    assert f"{web.address}: " in done.err
    assert there(home) == {}


def test_an_interrupted_unpacking_goes_on_without_the_internet(home, web, packed, monkeypatch):
    write, third = files.write, list(packed.files)[2]

    def stop(path, content):
        if path.name == third:
            raise KeyboardInterrupt
        write(path, content)

    monkeypatch.setattr(files, "write", stop)
    assert home.tito("data", "cifar10").code == 130
    assert sorted(there(home)) == ["cifar-10-binary.tar.gz", *list(packed.files)[:2]]
    monkeypatch.setattr(files, "write", write)
    assert home.tito("data", "cifar10").code == 0
    assert there(home) == packed.files
    assert len(web.asked) == 1


def test_a_damaged_archive_in_the_folder_is_fetched_again(home, web, packed):
    packed.write(folder(home), {"cifar-10-binary.tar.gz": packed.archive[:-1]})
    assert home.tito("data", "cifar10").code == 0
    assert there(home) == packed.files


@pytest.mark.parametrize("inside", ["cifar10", "cifar-10-batches-bin", "."])
@pytest.mark.parametrize("what", ["archive", "files"])
def test_from_a_local_folder(home, web, packed, tmp_path, monkeypatch, inside, what):
    local = tmp_path / "local"
    packed.write(local / inside, {"cifar-10-binary.tar.gz": packed.archive} if what == "archive" else None)
    monkeypatch.setenv("TINYTORCH_DATA", str(local))
    done = home.tito("data", "cifar10")
    assert done.code == 0
    assert f"verified, fetched from {local}." in done.out
    assert there(home) == packed.files
    assert published(home)
    assert web.asked == []
    assert not (local / inside / datasets.NOTE).exists()


def test_the_archive_goes_before_files_that_are_not_published(home, packed, tmp_path, monkeypatch):
    packed.write(tmp_path / "cifar10", packed.copy())
    packed.write(tmp_path, {"cifar-10-binary.tar.gz": packed.archive})
    monkeypatch.setenv("TINYTORCH_DATA", str(tmp_path))
    assert home.tito("data", "cifar10").code == 0
    assert published(home)


def test_other_pixels_are_taken_and_not_called_published(home, packed, tmp_path, monkeypatch):
    packed.write(tmp_path / "cifar-10-batches-bin", packed.copy())
    monkeypatch.setenv("TINYTORCH_DATA", str(tmp_path))
    done = home.tito("data", "cifar10")
    assert done.code == 0
    assert "6 files in data/cifar10, complete, fetched from" in done.out
    assert "verified" not in done.out
    assert NOT_PUBLISHED in done.out
    assert there(home) == packed.copy()
    assert datasets.is_complete(home.workspace, "cifar10")
    assert not published(home)
    assert NOT_PUBLISHED in home.tito("data", "cifar10").out
    assert "6 of 6 files  data/cifar10  complete, but not the published pixels" in home.tito("data").out


def test_one_file_with_other_pixels(home, packed, tmp_path, monkeypatch):
    packed.write(tmp_path, packed.files | {"data_batch_3.bin": packed.copy()["data_batch_3.bin"]})
    monkeypatch.setenv("TINYTORCH_DATA", str(tmp_path))
    assert NOT_PUBLISHED in home.tito("data", "cifar10").out
    assert not published(home)


def test_published_files_replace_a_copy_that_is_not_whole(home, packed):
    rest = dict(list(packed.copy().items())[1:])
    packed.write(folder(home), rest)
    assert home.tito("data", "cifar10").code == 0
    assert there(home) == packed.files


def relabel(content, *labels):
    """The same records with other labels at the beginning."""
    changed = bytearray(content)
    for place, label in enumerate(labels):
        changed[place * 3073] = label
    return bytes(changed)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("data_batch_2.bin", lambda raw: raw[:-1], "data_batch_2.bin has 61,459 bytes instead of 61,460"),
        ("data_batch_2.bin", lambda raw: relabel(raw, 10), "data_batch_2.bin has labels that are not from 0 to 9"),
        ("test_batch.bin", lambda raw: relabel(raw, 1), "test_batch.bin does not hold 2 images of each class"),
        ("data_batch_5.bin", lambda raw: relabel(raw, 1), "together they do not hold 10 images of each class"),
    ],
)
def test_a_local_copy_that_is_not_the_data_set(home, packed, tmp_path, monkeypatch, name, change, message):
    local = tmp_path / "local"
    copy = packed.copy()
    packed.write(local, copy | {name: change(copy[name])})
    monkeypatch.setenv("TINYTORCH_DATA", str(local))
    done = home.tito("data", "cifar10")
    assert done.code == 2
    assert f"{local} does not hold CIFAR-10: " in done.err
    assert message in done.err
    assert there(home) == {}


def test_training_files_may_share_classes_unequally(home, packed, tmp_path, monkeypatch):
    copy = packed.copy()
    copy["data_batch_1.bin"] = relabel(copy["data_batch_1.bin"], 1, 1)  # one 0 less, one 1 more
    copy["data_batch_2.bin"] = relabel(copy["data_batch_2.bin"], 0, 0)
    packed.write(tmp_path, copy)
    monkeypatch.setenv("TINYTORCH_DATA", str(tmp_path))
    assert home.tito("data", "cifar10").code == 0


def test_a_local_folder_without_one_file(home, packed, tmp_path, monkeypatch):
    packed.write(tmp_path / "cifar10", dict(list(packed.files.items())[1:]))
    monkeypatch.setenv("TINYTORCH_DATA", str(tmp_path))
    done = home.tito("data", "cifar10")
    assert done.code == 2
    assert f"{tmp_path / 'cifar10'} does not hold CIFAR-10: data_batch_1.bin is missing." in done.err


def test_a_local_folder_without_anything(home, packed, tmp_path, monkeypatch):
    monkeypatch.setenv("TINYTORCH_DATA", str(tmp_path / "nowhere"))
    done = home.tito("data", "cifar10")
    assert done.code == 2
    assert "neither cifar-10-binary.tar.gz nor its files are in any of " in done.err
    assert "nowhere/cifar-10-batches-bin" in done.err


def test_a_damaged_local_archive(home, packed, tmp_path, monkeypatch):
    packed.write(tmp_path, {"cifar-10-binary.tar.gz": packed.archive[:-1]})
    monkeypatch.setenv("TINYTORCH_DATA", str(tmp_path))
    done = home.tito("data", "cifar10")
    assert done.code == 2
    assert f"{tmp_path / 'cifar-10-binary.tar.gz'} is damaged" in done.err
    assert there(home) == {}


def test_a_second_look_reads_nothing(home, packed, monkeypatch):
    home.tito("data", "cifar10")
    reads = []
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda path: reads.append(path) or b"")
    assert published(home)
    assert reads == []


def test_a_changed_file_is_looked_at_again(home, packed):
    home.tito("data", "cifar10")
    (folder(home) / "test_batch.bin").write_bytes(packed.copy()["test_batch.bin"])
    assert not published(home)
    (folder(home) / "test_batch.bin").write_bytes(b"half")
    assert len(datasets.verified(home.workspace, "cifar10")) == 5


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", '{"test_batch.bin": 3}', '{"test_batch.bin": {"published": true}}']
)
def test_a_broken_note_is_as_none(home, packed, text):
    packed.write(folder(home), packed.copy())
    (folder(home) / datasets.NOTE).write_text(text)
    assert not published(home)
    assert json.loads((folder(home) / datasets.NOTE).read_text()).keys() == packed.files.keys()


def test_files_of_the_verified_archive_are_published_whatever_is_known_of_them(home, packed, monkeypatch):
    import dataclasses

    unknown = dict.fromkeys(packed.files, "0" * 64)
    changed = dataclasses.replace(datasets.DATASETS["cifar10"], files=unknown)
    monkeypatch.setitem(datasets.DATASETS, "cifar10", changed)
    assert home.tito("data", "cifar10").code == 0
    assert published(home)


def test_a_link_in_place_of_a_file(home, web, packed, monkeypatch):
    """Only files are taken; such an archive would have to have the right checksum first."""
    import dataclasses
    import hashlib
    import io
    import tarfile

    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for name in packed.files:
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(member)
    digest = hashlib.sha256(made.getvalue()).hexdigest()
    monkeypatch.setitem(datasets.DATASETS, "cifar10", dataclasses.replace(datasets.DATASETS["cifar10"], digest=digest))
    web.serve(made.getvalue())
    done = home.tito("data", "cifar10")
    assert done.code == 2
    assert "lacks cifar-10-batches-bin/data_batch_1.bin" in done.err


def test_test_images(home, packed):
    home.tito("data", "cifar10")
    images = datasets.DATASETS["cifar10"].test_images(folder(home))
    assert images.shape == (20, 32, 32, 3)
    assert (images[3] == 5 * 20 + 3).all()
