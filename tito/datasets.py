"""The full data sets: what they consist of, and how to get them, verified, into a workspace."""

import gzip
import hashlib
import json
import os
import tarfile
import zlib
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tito import files
from tito.workspace import MANIFEST, UserError, Workspace

if TYPE_CHECKING:
    import numpy as np  # takes longer than all of `tito info`

VARIABLE = "TINYTORCH_DATA"
TIMEOUT = 30
NOTE = ".verified.json"  # beside the files of an archive
FACTS = {"size", "mtime_ns", "published", "labels"}
Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Dataset:
    """Gzipped files. The checksums are those of the unpacked content, because there are several ways to pack it."""

    title: str
    mirrors: tuple[str, ...]
    files: dict[str, str]
    classes: tuple[str, ...] = tuple("0123456789")

    def look(self, folder: Path) -> dict[str, bool]:
        """The files that are there and whole -> whether each is as published, which is always so here."""
        return {file: True for file, digest in self.files.items() if is_whole(folder / file, digest)}

    def copy(self, local: Path, folder: Path) -> None:
        """Complete `folder` from the folder `local`. Raises UserError where a file is missing there."""
        for file, digest in self._missing(folder).items():
            files.write(folder / file, _from_folder(local, folder.name, file, digest).read_bytes())

    def download(self, folder: Path, report: Report) -> None:
        """Complete `folder` from the internet. Raises UserError."""
        for file, digest in self._missing(folder).items():
            _download(self, folder / file, lambda path, digest=digest: is_whole(path, digest), list(self.files), report)

    def _missing(self, folder):
        there = self.look(folder)
        return {file: digest for file, digest in self.files.items() if file not in there}

    def test_images(self, folder: Path) -> "np.ndarray":
        """The images of the test set, uint8 (n, 28, 28), in their order."""
        import numpy as np

        with gzip.open(folder / "t10k-images-idx3-ubyte.gz") as file:
            return np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28)


@dataclass(frozen=True)
class Archive(Dataset):
    """Files in one tar.gz. Each file consists of records: a label from 0 to 9, and an image's bytes.

    The checksums say which files are as published. Other files, such as a copy decoded from JPEG, are accepted too
    if their sizes and labels are right, but they are never called published. A note beside the files says what was
    found in each, and its size and time, so that the next look is quick.
    """

    archive: str = ""
    digest: str = ""  # SHA-256 of the archive
    inside: str = ""  # the folder in it
    test: str = ""  # the file that is not for training
    each: int = 1000  # images of each class in the test file; the training files have as many on average
    shape: tuple[int, int, int] = (3, 32, 32)

    def look(self, folder: Path) -> dict[str, bool]:
        """The files that are there and whole -> whether each is as published."""
        known = self._known(folder)
        wrong = self._wrong(known)
        return {file: facts["published"] for file, facts in known.items() if file not in wrong}

    def copy(self, local: Path, folder: Path) -> None:
        """Complete `folder` from the archive in the folder `local`, or from the files that were unpacked there."""
        places, reasons = [local / folder.name, local / self.inside, local], []
        for archive in (place / self.archive for place in places):
            if _has_digest(archive, self.digest):
                return self.unpack(archive, folder)
            if archive.is_file():
                reasons.append(f"{archive} is damaged: it does not have the checksum of {self.archive}.")
        for place in places:
            known = self._known(place, remember=False)
            wrong = self._wrong(known)
            if not wrong:
                return self._take(place, folder)
            if known:
                file, reason = next(iter(wrong.items()))
                reasons.append(f"{place} does not hold {self.title}: {file} {reason}.")
        searched = ", ".join(map(str, places))
        nothing = f"{VARIABLE} is {local}, but neither {self.archive} nor its files are in any of {searched}."
        raise UserError("\n".join(reasons) or nothing)

    def download(self, folder: Path, report: Report) -> None:
        """Complete `folder` from the internet. The archive is kept until it is unpacked. Raises UserError."""
        archive = folder / self.archive
        if not _has_digest(archive, self.digest):
            _download(self, archive, lambda path: _has_digest(path, self.digest), [self.archive], report)
        self.unpack(archive, folder)
        archive.unlink()

    def unpack(self, archive: Path, folder: Path) -> None:
        """Write the files that are missing in `folder`. The archive has been verified; no path in it is used."""
        there, known = self.look(folder), self._known(folder)
        wanted = {f"{self.inside}/{file}": file for file in self.files if not there.get(file)}
        with tarfile.open(archive, "r:gz") as packed:
            for member in packed:
                content = packed.extractfile(member) if member.isfile() else None
                if content and (file := wanted.pop(member.name, None)):
                    files.write(folder / file, content.read())
                    known[file] = self._facts(folder / file) | {"published": True}
                    self._note(folder, known)
        if wanted:
            raise UserError(f"{archive} lacks {', '.join(wanted)}.")

    def _take(self, place, folder):
        there = self.look(folder)
        for file in self.files:
            if not there.get(
                file
            ):  # this replaces files of another copy, too: halves of two copies do not make a whole
                files.write(folder / file, (place / file).read_bytes())

    def _known(self, folder, remember=True):
        """File -> its facts. They come from the note as long as size and time are the same."""
        noted, known = self._noted(folder) if remember else {}, {}
        for path in (folder / file for file in self.files):
            if path.is_file():
                old, now = noted.get(path.name), path.stat()
                same = old and (old["size"], old["mtime_ns"]) == (now.st_size, now.st_mtime_ns)
                known[path.name] = old if same else self._facts(path)
        if remember and known != noted:
            with suppress(OSError):  # the folder may be read-only: then the next look takes as long again
                self._note(folder, known)
        return known

    def _facts(self, path):
        stat = path.stat()
        facts = {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "published": False, "labels": []}
        if stat.st_size != self._size:
            return facts
        raw = path.read_bytes()
        labels = Counter(raw[:: self._record])
        published = hashlib.sha256(raw).hexdigest() == self.files[path.name]
        return facts | {"published": published, "labels": [labels[label] for label in range(len(self.classes))]}

    def _noted(self, folder):
        try:
            noted = json.loads((folder / NOTE).read_text(encoding="utf-8"))
            return {file: noted[file] for file in self.files if file in noted and noted[file].keys() == FACTS}
        except (OSError, ValueError, TypeError, AttributeError):  # there is no note, or somebody edited it
            return {}

    def _note(self, folder, known):
        files.write(folder / NOTE, json.dumps(known) + "\n")

    def _wrong(self, known):
        """File -> what is wrong with it, for each file with a fault."""
        reasons = {file: self._wrong_in(file, known.get(file)) for file in self.files}
        wrong = {file: reason for file, reason in reasons.items() if reason}
        training = {file: known[file] for file in self.files if file != self.test and file not in wrong}
        wanted = self.each * (len(self.files) - 1)
        counts = {sum(column) for column in zip(*(facts["labels"] for facts in training.values()), strict=True)}
        if len(training) == len(self.files) - 1 and counts != {wanted}:
            reason = f"does not go with the others: together they do not hold {wanted:,} images of each class"
            wrong |= {file: reason for file, facts in training.items() if not facts["published"]}
        return wrong

    def _wrong_in(self, file, facts):
        if facts is None:
            return "is missing"
        if facts["published"]:
            return ""
        if facts["size"] != self._size:
            return f"has {facts['size']:,} bytes instead of {self._size:,}"
        if sum(facts["labels"]) != self.each * len(self.classes):
            return f"has labels that are not from 0 to {len(self.classes) - 1}"
        if file == self.test and set(facts["labels"]) != {self.each}:
            return f"does not hold {self.each:,} images of each class"
        return ""

    @property
    def _record(self):
        channels, height, width = self.shape
        return 1 + channels * height * width

    @property
    def _size(self):
        return self.each * len(self.classes) * self._record

    def test_images(self, folder: Path) -> "np.ndarray":
        """The images of the test set, uint8 (n, 32, 32, 3), in their order."""
        import numpy as np

        records = np.fromfile(folder / self.test, np.uint8).reshape(-1, self._record)
        return records[:, 1:].reshape(-1, *self.shape).transpose(0, 2, 3, 1)


@dataclass(frozen=True)
class Text(Dataset):
    """One text file, as it is published. The folder in TINYTORCH_DATA may hold it gzipped, under the name `packed`."""

    packed: str = ""

    def look(self, folder: Path) -> dict[str, bool]:
        """The file, if it is there and whole -> True: it is then as published."""
        return {file: True for file, digest in self.files.items() if _has_digest(folder / file, digest)}

    def copy(self, local: Path, folder: Path) -> None:
        """Complete `folder` from the file in the folder `local`, gzipped or not. Raises UserError without one."""
        for file, digest in self._missing(folder).items():
            places = [place / name for name in (file, self.packed) for place in (local / folder.name, local)]
            found = [place for place in places if place.is_file()]
            if not found:
                names = " nor ".join(map(str, places))
                raise UserError(f"{VARIABLE} is {local}, but neither {names} is there.")
            content = next((text for text in map(_unpacked, found) if _digest(text) == digest), None)
            if content is None:
                raise UserError(f"{found[0]} is damaged: it does not have the checksum of {file}.")
            files.write(folder / file, content)

    def download(self, folder: Path, report: Report) -> None:
        """Complete `folder` from the internet. Raises UserError."""
        for file, digest in self._missing(folder).items():
            _download(self, folder / file, lambda path, digest=digest: _has_digest(path, digest), [file], report)


DATASETS = {
    "mnist": Dataset(
        title="MNIST",
        mirrors=(
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        files={
            "train-images-idx3-ubyte.gz": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "train-labels-idx1-ubyte.gz": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "t10k-images-idx3-ubyte.gz": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "t10k-labels-idx1-ubyte.gz": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        },
    ),
    "cifar10": Archive(
        title="CIFAR-10",
        mirrors=("https://www.cs.toronto.edu/~kriz/",),
        archive="cifar-10-binary.tar.gz",  # MD5, as on the page that publishes it: c32a1d4ab5d03f1284b67883e8d87530
        digest="c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        inside="cifar-10-batches-bin",
        files={
            "data_batch_1.bin": "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
            "data_batch_2.bin": "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
            "data_batch_3.bin": "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
            "data_batch_4.bin": "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
            "data_batch_5.bin": "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
            "test_batch.bin": "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
        },
        test="test_batch.bin",
        classes=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    ),
    "shakespeare": Text(
        title="Shakespeare",
        mirrors=("https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/",),
        files={"input.txt": "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"},
        packed="tinyshakespeare.txt.gz",
    ),
}

OF_MILESTONE = {"gpt": "shakespeare"}  # the others have the name of their data set


def of_milestone(name: str) -> str:
    """The data set that a milestone trains on."""
    return OF_MILESTONE.get(name, name)


def folder(workspace: Workspace, name: str) -> Path:
    """Where a data set lies in a workspace."""
    return workspace.root / "data" / name


def verified(workspace: Workspace, name: str) -> list[str]:
    """The files of a data set that are there and whole."""
    return list(DATASETS[name].look(folder(workspace, name)))


def is_complete(workspace: Workspace, name: str) -> bool:
    """Whether every file of a data set is there and whole."""
    return len(verified(workspace, name)) == len(DATASETS[name].files)


def is_published(workspace: Workspace, name: str) -> bool:
    """Whether a data set is complete, and every file of it as published."""
    found = DATASETS[name].look(folder(workspace, name))
    return len(found) == len(DATASETS[name].files) and all(found.values())


def is_there(workspace: Workspace, name: str) -> bool:
    """Whether every file of a data set is there; a quick look, not at what is in them."""
    return all((folder(workspace, name) / file).is_file() for file in DATASETS[name].files)


def is_whole(path: Path, digest: str) -> bool:
    """Whether the gzipped file `path` holds what has the SHA-256 `digest`."""
    try:
        with gzip.open(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest
    except (OSError, EOFError, zlib.error):
        return False


def _unpacked(path) -> bytes | None:
    """The content of a file, unpacked if it is gzipped; None where it can't be."""
    try:
        return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error):
        return None


def _digest(content: bytes | None) -> str:
    return "" if content is None else hashlib.sha256(content).hexdigest()


def _has_digest(path, digest):
    """Whether the file `path` itself has the SHA-256 `digest`."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest
    except OSError:
        return False


def fetch(workspace: Workspace, name: str, report: Report) -> str:
    """Complete a data set, and keep the files that are whole. Returns where the others came from; "" for nowhere.

    report: called with (file, bytes so far, bytes in all)
    Raises UserError where a file can't be had, OSError where it can't be written.
    """
    try:
        with files.locked(workspace.root / MANIFEST):
            return _fetch(workspace, name, report)
    except BlockingIOError:
        raise UserError("Another tito fetches a data set into this workspace. Wait for its end.") from None


def _fetch(workspace: Workspace, name: str, report: Report) -> str:
    if is_complete(workspace, name):
        return ""
    local = os.environ.get(VARIABLE)
    if local:
        DATASETS[name].copy(Path(local), folder(workspace, name))
    else:
        DATASETS[name].download(folder(workspace, name), report)
    return local or "the internet"


def _from_folder(local, name, file, digest):
    places = [local / name / file, local / file]
    found = [place for place in places if place.is_file()]
    if not found:
        raise UserError(f"{VARIABLE} is {local}, but neither {places[0]} nor {places[1]} is there.")
    whole = next((place for place in found if is_whole(place, digest)), None)
    if whole is None:
        raise UserError(f"{found[0]} is damaged: it does not have the checksum of {file}.")
    return whole


def _download(dataset, target, is_good, names, report):
    """Download the file `target` from the first mirror whose file `is_good`. Raises UserError where none is."""
    import pooch
    import requests

    target.parent.mkdir(parents=True, exist_ok=True)
    part, reasons = target.with_name(f".{target.name}.part"), []
    try:
        for mirror in dataset.mirrors:
            bar: Any = _Bar(target.name, report)
            try:
                pooch.HTTPDownloader(bar, 1 << 16, timeout=TIMEOUT)(mirror + target.name, str(part), None)
            except requests.RequestException as error:
                reasons.append(f"{mirror}: {_reason(error, bar.done)}")
                continue
            if is_good(part):
                os.replace(part, target)
                return
            reasons.append(f"{mirror}: another checksum than expected")
    finally:
        part.unlink(missing_ok=True)
    tried = "\n".join(f"  {reason}" for reason in reasons)
    them = "them into one folder" if len(names) > 1 else "it into a folder"
    raise UserError(
        f"{target.name} can't be downloaded.\n{tried}\n"
        f"Without internet here: download {', '.join(names)} elsewhere, put {them}, then run\n"
        f"  {VARIABLE}=that/folder python bin/tito.py data {target.parent.name}"
    )


def _reason(error, done: int):
    """Why a download failed after `done` bytes. Most of what requests raises is a ConnectionError of some kind."""
    from requests import exceptions

    if (response := getattr(error, "response", None)) is not None:
        return f"HTTP {response.status_code}"
    if done:
        return f"the connection ended after {done / 1e6:.1f} MB"
    if isinstance(error, exceptions.Timeout):
        return "no connection in time"
    if isinstance(error, exceptions.ProxyError):
        return "no connection through the proxy"
    if isinstance(error, exceptions.SSLError):
        return "no secure connection: its certificate is not accepted here, by this computer's clock"
    return "no connection" if isinstance(error, exceptions.ConnectionError) else " ".join(str(error).split())[:120]


class _Bar:
    """A progress bar for pooch. It passes on what pooch says."""

    def __init__(self, file, report):
        self.file, self.report, self.total, self.done = file, report, 0, 0

    def update(self, count):
        """`count` more bytes have come."""
        self.done += count
        self.report(self.file, min(self.done, self.total), self.total)

    def reset(self):
        """A download begins."""
        self.done = 0

    def close(self):
        """Nothing to do: the bar belongs to the command."""
