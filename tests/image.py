"""Build what Containerfile says without a container engine, in a Debian root, and grade a class there.

    python tests/image.py FOLDER        # as root, on Linux; debootstrap fills FOLDER if it is not there: minutes

Each step runs in a mount namespace whose root is FOLDER, as in a container. Debian's own Python takes the place of
the image's. Then the settings of docs/container.md are emulated: as root with Docker's capabilities, and as the
image's user, each with Docker's filter of system calls and without. Exit code 1 if a class is not graded right in one
of them, or if `tito info` names other protections than the table does.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = "python3,python3-venv,git,make,ca-certificates"
OF_THIS_MACHINE = ("resolv.conf", "hosts", "ssl/certs/ca-certificates.crt", "pip.conf", "xdg/pip/*")  # the way to PyPI
ENTER = """set -e
mount --make-rprivate /
mount --bind "$1" "$1"
cd "$1"
mount -t proc proc proc
mount --rbind /dev dev
shift
pivot_root . mnt
umount -l /mnt
exec "$@"
"""
PLACE, CERTIFICATES = "/opt/tinytorch", "/etc/ssl/certs/ca-certificates.crt"
SETTINGS = {  # the words of settings.py, and whether root grades → the protections that the table names
    (("container", "no-namespaces"), True): "files, user, calls",
    (("no-new-privs", "no-namespaces"), False): "files, user, calls",
    (("container",), True): "files, processes, network, disk, user, calls",
    (("masked-proc", "admin"), True): "files, processes, network, disk, user, calls",
    ((), False): "files, processes, network, disk, user, calls",
}


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """The instructions of a Containerfile, each with its arguments."""
    for line in text.replace("\\\n", " ").splitlines():
        if line and not line.startswith("#"):
            word, _, arguments = line.partition(" ")
            yield word, arguments


def ignored(patterns: list[str]) -> re.Pattern:
    """What .dockerignore leaves out, as an expression for paths below the folder."""
    parts = [re.escape(line).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*") for line in patterns]
    return re.compile("|".join(parts))


def taken(folder: Path) -> Iterator[Path]:
    """The files that `COPY . .` takes from a folder, relative to it."""
    left_out = ignored((folder / ".dockerignore").read_text(encoding="utf-8").split())
    for at, folders, files in os.walk(folder):
        here = Path(at).relative_to(folder)
        folders[:] = [name for name in folders if not left_out.fullmatch((here / name).as_posix())]
        yield from (here / name for name in files if not left_out.fullmatch((here / name).as_posix()))


class Image:
    """A Debian root that becomes what a Containerfile describes."""

    def __init__(self, root: Path):
        self.root, self.folder, self.environment = root, "/", {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}

    def make(self) -> None:
        """A minimal Debian, with what the image's base has."""
        if not (self.root / "usr").exists():
            subprocess.run(["debootstrap", f"--include={PACKAGES}", "trixie", str(self.root)], check=True)
        self.reach_the_index()
        python = self.root / "usr/local/bin/python"
        if not python.exists():
            python.symlink_to("/usr/bin/python3")

    def reach_the_index(self) -> None:
        """Give the image this machine's way to the package indexes."""
        for path in [path for pattern in OF_THIS_MACHINE for path in Path("/etc").glob(pattern)]:
            target = self.root / path.relative_to("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)

    def follow(self, word: str, arguments: str) -> None:
        """Do what an instruction says."""
        print(word, arguments, flush=True)
        match word:
            case "RUN":
                self.run("sh", "-c", arguments)
            case "WORKDIR":
                self.folder = arguments
                (self.root / arguments[1:]).mkdir(parents=True, exist_ok=True)
            case "COPY":
                *sources, _ = arguments.split()
                self._copy(list(taken(ROOT)) if sources == ["."] else [Path(name) for name in sources])
            case "ENV":
                name, _, value = arguments.partition("=")
                self.environment[name] = value.replace("$PATH", self.environment["PATH"])

    def _copy(self, paths: list[Path]) -> None:
        for path in paths:
            target = self.root / self.folder[1:] / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, target, follow_symlinks=False)

    def run(self, *command: str, user: str | None = None) -> str:
        """Run a command in the image; what it prints. Raises CalledProcessError."""
        as_user = (
            ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--bounding-set=-all"] if user else []
        )
        home = {"HOME": f"/home/{user}" if user else "/root", "LANG": "C.UTF-8", "PIP_CERT": CERTIFICATES}
        inside = ["sh", "-c", f'cd {shlex.quote(self.folder)} && exec "$@"', "sh", *as_user, *command]
        enter = ["unshare", "--mount", "sh", "-c", ENTER, "sh", str(self.root), *inside]
        done = subprocess.run(enter, env=self.environment | home, stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout


def grade(image: Image, words: tuple[str, ...], user: str | None, protections: str) -> bool:
    """Grade a class of setup in a setting; whether all is as it should be."""
    enter = [f"{PLACE}/.venv/bin/python", f"{PLACE}/tests/autograder/engine/settings.py", *words, "--", "/bin/sh", "-c"]
    found = image.run(*enter, "tito info", user=user)
    named = re.search(r"these protected: ([\w, ]+)\.", found)
    said = image.run(*enter, "tito demo $(mktemp -d)/demo --module setup 2>&1 || echo FAILED", user=user)
    right = bool(named) and named[1] == protections and "FAILED" not in said
    print(f"{user or 'root'}, {' '.join(words) or 'nothing forbidden'}: {named[1] if named else found}", flush=True)
    print(f"  {said.count(' as due')} scores as due; {'as it should be' if right else 'NOT AS IT SHOULD BE'}")
    if not right:
        print(said)
    return right


def main(folder: str) -> int:
    """Build the image in a folder, and grade there."""
    image = Image(Path(folder).resolve())
    image.make()
    for word, arguments in instructions((ROOT / "Containerfile").read_text(encoding="utf-8")):
        image.follow(word, arguments)
    image.folder = PLACE
    right = [grade(image, words, None if as_root else "grader", named) for (words, as_root), named in SETTINGS.items()]
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
