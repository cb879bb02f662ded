"""The full data sets: what they consist of, and how to get them, verified, into a workspace."""

import gzip
import hashlib
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tito import files
from tito.workspace import UserError, Workspace

VARIABLE = "TINYTORCH_DATA"
TIMEOUT = 30


@dataclass(frozen=True)
class Dataset:
    """Gzipped files. Their checksums are of the unpacked content, because the same data is packed in several ways."""

    title: str
    mirrors: tuple[str, ...]
    files: dict[str, str]


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
}


def folder(workspace: Workspace, name: str) -> Path:
    return workspace.root / "data" / name


def verified(workspace: Workspace, name: str) -> list[str]:
    """The files of a data set that are there and whole."""
    return [file for file, digest in DATASETS[name].files.items() if is_whole(folder(workspace, name) / file, digest)]


def is_there(workspace: Workspace, name: str) -> bool:
    """Whether every file of a data set is there; a quick look, not at what is in them."""
    return all((folder(workspace, name) / file).is_file() for file in DATASETS[name].files)


def is_whole(path: Path, digest: str) -> bool:
    found = hashlib.sha256()
    try:
        with gzip.open(path) as file:
            while block := file.read(1 << 20):
                found.update(block)
    except (OSError, EOFError, zlib.error):
        return False
    return found.hexdigest() == digest


def fetch(workspace: Workspace, name: str, report: Callable[[str, int, int], None]) -> str:
    """Complete a data set, keeping the files that are whole. Returns where the others came from, "" if there were none.

    report: called with (file, bytes so far, bytes in all)
    Raises UserError where they can't be had, OSError where they can't be written.
    """
    dataset = DATASETS[name]
    there = verified(workspace, name)
    wanted = {file: digest for file, digest in dataset.files.items() if file not in there}
    local = os.environ.get(VARIABLE)
    for file, digest in wanted.items():
        target = folder(workspace, name) / file
        if local:
            files.write(target, _from_folder(Path(local), name, file, digest).read_bytes())
        else:
            _download(dataset, target, digest, report)
    return "" if not wanted else local or "the internet"


def _from_folder(local, name, file, digest):
    places = [local / name / file, local / file]
    found = [place for place in places if place.is_file()]
    if not found:
        raise UserError(f"{VARIABLE} is {local}, but neither {places[0]} nor {places[1]} is there.")
    whole = next((place for place in found if is_whole(place, digest)), None)
    if whole is None:
        raise UserError(f"{found[0]} is damaged: it does not have the checksum of {file}.")
    return whole


def _download(dataset, target, digest, report):
    import pooch
    import requests

    target.parent.mkdir(parents=True, exist_ok=True)
    part, reasons = target.with_name(f".{target.name}.part"), []
    try:
        for mirror in dataset.mirrors:
            bar = _Bar(target.name, report)
            try:
                pooch.HTTPDownloader(bar, 1 << 16, timeout=TIMEOUT)(mirror + target.name, str(part), None)
            except requests.RequestException as error:
                reasons.append(f"{mirror}: {_reason(error)}")
                continue
            if is_whole(part, digest):
                os.replace(part, target)
                return
            reasons.append(f"{mirror}: another checksum than expected")
    finally:
        part.unlink(missing_ok=True)
    tried = "\n".join(f"  {reason}" for reason in reasons)
    names = ", ".join(dataset.files)
    raise UserError(
        f"{target.name} can't be downloaded.\n{tried}\n"
        f"Without internet here: download {names} elsewhere, put them into one folder, then run\n"
        f"  {VARIABLE}=that/folder python bin/tito.py data {target.parent.name}"
    )


def _reason(error):
    response = getattr(error, "response", None)
    return f"HTTP {response.status_code}" if response is not None else "no connection" + _kind(error)


def _kind(error):
    return " in time" if "Timeout" in type(error).__name__ else ""


class _Bar:
    """What pooch tells its progress bar, passed on."""

    def __init__(self, file, report):
        self.file, self.report, self.total, self.done = file, report, 0, 0

    def update(self, count):
        self.done += count
        self.report(self.file, min(self.done, self.total), self.total)

    def reset(self):
        self.done = 0

    def close(self):
        """Nothing to do: the bar belongs to the command."""
