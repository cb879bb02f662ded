"""A new course: a clone of the template with its history, and a term.yml of its own."""

import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import yaml

from autograder.template.answers import HEAD, Questionnaire, refuse_late_rule, term_of
from tito.extensions import COURSE
from tito.manifest import TERM
from tito.programs import git, unreachable
from tito.workspace import MANIFEST, Course, UserError

VERSION = re.compile(r"v[0-9.]+")
UPSTREAM = "upstream"  # the remote that the template comes from
ATTRIBUTES = """\
# `tito upgrade` joins these files cell by cell, or makes them anew. git alone would join them as lines of text, so it
# is told not to: `git merge` and `git pull` stop with a conflict here, and your version stays.
source/*/*.ipynb -merge
tinytorch_ref/core/*.py -merge
requirements.txt -merge
student/requirements.txt -merge
"""
ROSTER = "id,first_name,last_name,email,lms_user_id\n"
BOT = ("-c", "user.name=TinyTorch course", "-c", "user.email=course@localhost")


@dataclass(frozen=True)
class Template:
    """Where the course comes from.

    place: what git clones
    url: where later versions are
    commit: the version that somebody asked for when they installed tito, as in `uvx --from git+URL@v0.1.0`
    """

    place: str
    url: str
    commit: str | None = None

    @classmethod
    def installed(cls) -> "Template":
        """The template that this tito belongs to: a checkout, or what it was installed from. Raises UserError."""
        root = Path(__file__).resolve().parents[2]
        if (root / MANIFEST).is_file() and (root / ".git").exists():
            return cls.at(str(root))
        try:
            noted = json.loads(distribution(COURSE).read_text("direct_url.json") or "{}")
        except (PackageNotFoundError, ValueError):
            noted = {}
        if "vcs_info" in noted:
            asked = "requested_revision" in noted["vcs_info"]
            return cls(noted["url"], noted["url"], noted["vcs_info"].get("commit_id") if asked else None)
        raise UserError("Nothing says where this tito was installed from. Name the template: --template URL")

    @classmethod
    def at(cls, place: str) -> "Template":
        """The template at a URL or in a folder. A folder that was cloned says where it came from."""
        if not Path(place).is_dir():
            return cls(place, place)
        folder = Path(place).resolve()
        origin = git(folder, "remote", "get-url", "origin", may_fail=True)
        return cls(str(folder), origin.out if origin.code == 0 else str(folder))


def start(
    template: Template, tag: str | None, folder: Path, ask: Callable[[Course], Questionnaire]
) -> tuple[Course, Questionnaire]:
    """Make a course in `folder`: whole, or not at all. Returns it, with the answers. Raises UserError.

    ask: gives the answers, when it knows the template's course
    """
    if folder.exists():
        raise UserError(f"{folder} exists already. Nothing was changed.")
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part.mkdir(mode=0o700)  # solutions and students' data will lie in it
        version = _clone(template, tag, part)
        template_course = Course.read(part / MANIFEST)
        answers = ask(template_course)
        term = term_of(answers, template_course)
        (part / TERM).write_text(HEAD + yaml.safe_dump(term, sort_keys=False, allow_unicode=True), encoding="utf-8")
        (part / ".gitattributes").write_text(ATTRIBUTES, encoding="utf-8")
        (part / "roster.csv").write_text(ROSTER, encoding="utf-8")
        course = Course.read(part / MANIFEST)
        refuse_late_rule(course)
        git(part, "add", TERM, ".gitattributes")
        git(part, *identity(part), "commit", "--quiet", "--no-verify", "-m", f"{course.title}, from {version}")
        os.rename(part, folder)
        return course, answers
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _clone(template: Template, tag: str | None, part: Path) -> str:
    """Clone the template, with one branch, main, at the version. Returns the version's name."""
    copying = ("clone", "--quiet", "--origin", UPSTREAM, "--no-checkout", template.place, str(part))
    cloned = git(part.parent, *copying, may_fail=True)
    if cloned.code:
        said = f"git failed: git {' '.join(copying)}\n{cloned.reason}"
        raise unreachable(part.parent, said, template.place)
    if git(part, "rev-parse", "--is-shallow-repository").out == "true":
        raise UserError(f"{template.place} has no history. Get it first, in that folder: git fetch --unshallow")
    _refuse_a_course(template, part)
    version = tag or template.commit or newest_tag(part)
    commit = commit_of(part, version) if version else "HEAD"
    if not commit:
        raise UserError(f"{template.place} has no version {version}")
    named = git(part, "describe", "--tags", "--always", commit).out
    git(part, "checkout", "--quiet", "--detach", commit)
    for name in git(part, "for-each-ref", "--format=%(refname:short)", "refs/heads").out.split():
        git(part, "branch", "--quiet", "-D", name)
    git(part, "checkout", "--quiet", "-b", "main")
    git(part, "remote", "set-url", UPSTREAM, template.url)
    git(part, "remote", "set-url", "--push", UPSTREAM, "nobody-pushes-a-course-to-its-template")
    return named


def _refuse_a_course(template: Template, part: Path) -> None:
    """Raise UserError for a course that somebody made of the template: what was changed there would be lost."""
    if git(part, "rev-parse", "--quiet", "--verify", f"HEAD:{TERM}", may_fail=True).code == 0:
        raise UserError(
            f"{template.place} has a {TERM}: it is a course of its own, and no template. For the next term clone it, "
            f"and change its {TERM}. For a new course name the template: --template URL"
        )


def commit_of(folder: Path, version: str) -> str | None:
    """The template's commit that a tag, a branch of the template or a checksum names; None where nothing does.

    Branches of one's own do not count: `main` is the template's.
    """
    names = [f"refs/tags/{version}", f"refs/remotes/{UPSTREAM}/{version}"]
    for name in names + [version] * bool(re.fullmatch(r"[0-9a-f]{4,40}", version)):
        found = git(folder, "rev-parse", "--quiet", "--verify", f"{name}^{{commit}}", may_fail=True)
        if found.code == 0:
            return found.out
    return None


def newest_tag(folder: Path, *which: str) -> str | None:
    """The newest version among the tags, v1.2.3; None without one. which: more options of git tag"""
    tags = git(folder, "tag", "--list", "v[0-9]*", "--sort=-version:refname", *which).out.split()
    return next(filter(VERSION.fullmatch, tags), None)


def identity(folder: Path) -> tuple[str, ...]:
    """Options of git: nothing is signed, and where git knows nobody, the course itself commits."""
    known = git(folder, "var", "GIT_COMMITTER_IDENT", may_fail=True).code == 0
    return ("-c", "commit.gpgsign=false", *(() if known else BOT))


def is_public(url: str) -> bool:
    """Whether anybody can read the repository at `url`: git is asked as nobody, without settings."""
    found = re.match(r"(?:ssh://)?git@([^:/]+)[:/](.+)", url)
    asked = f"https://{found[1]}/{found[2]}" if found else re.sub(r"//[^/]*@", "//", url)
    if not asked.startswith(("http://", "https://")):
        return False
    nobody = {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true", "SSH_ASKPASS": "true", "GIT_HTTP_LOW_SPEED_LIMIT": "1"}
    nobody |= {"GIT_HTTP_LOW_SPEED_TIME": "10", "GIT_CONFIG_GLOBAL": os.devnull, "HOME": os.devnull}  # no .netrc either
    options = ("-c", "credential.helper=", "-c", "http.extraHeader=", "-c", "core.askPass=true")
    outside = Path(Path.cwd().anchor)  # of any repository that has settings of its own
    return git(outside, *options, "ls-remote", asked, may_fail=True, environment=nobody).code == 0
