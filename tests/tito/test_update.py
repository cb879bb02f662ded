"""What `git pull` alone would leave in conflict: a course that corrects a notebook, and a student who works in it."""

import functools
import json
import os
import shutil
import signal as os_signal
import subprocess
import sys
from pathlib import Path

import pytest


def cells(home) -> dict:
    return {cell["id"]: cell["source"] for cell in json.loads(home.path("setup").read_text(encoding="utf-8"))["cells"]}


def test_work_and_corrections_come_together(home, course):
    home.solve("setup")
    home.edit("setup", "reflect_size", "It is small.")
    check = 'checks.equal("twice four", double(4), 8)'
    home.correct(course, check_double=check, extra="# a new demo", title="# Better")
    done = home.tito("update")
    assert done.code == 0, done.err
    assert "New or corrected: setup." in done.out
    found = cells(home)
    assert found["double"] == home.solutions["double"]
    assert found["reflect_size"] == "It is small."
    assert (found["check_double"], found["extra"]) == (check, "# a new demo")
    assert found["title"] == "# Better"
    assert home.tito("update").out.strip() == f"Nothing is new in {course}."


def test_work_that_was_committed(home, course):
    home.solve("setup")
    home.commit(home.root, "my work")
    home.correct(course, check_area="# changed")
    assert home.tito("update").code == 0
    assert cells(home)["area"] == home.solutions["area"]
    assert cells(home)["check_area"] == "# changed"
    assert home.git(home.root, "status", "--porcelain") == ""


def test_where_both_changed_a_stub_the_students_stays_and_is_named(home, course):
    home.solve("setup")
    home.correct(course, double="#| export\ndef double(x):\n    '''Two times x.'''\n    raise NotImplementedError()")
    done = home.tito("update")
    assert done.code == 0
    assert cells(home)["double"] == home.solutions["double"]
    assert "double was corrected, and you have written in it" in done.out


def test_nothing_begun(home, course):
    home.correct(course, double="#| export\ndef double(x):\n    raise NotImplementedError()", demo="2 + 2")
    assert home.tito("update").code == 0
    assert home.path("setup").read_bytes() == (course / "modules/setup/setup_dev.ipynb").read_bytes()


def test_a_notebook_that_can_not_be_read_is_said_before_anything_changes(home, course):
    home.write("setup", "{ broken")
    home.correct(course, title="# Better")
    head, before = home.git(home.root, "rev-parse", "HEAD"), home.files()
    done = home.tito("update")
    assert done.code == 2
    assert "reset --module setup" in done.err
    assert (home.git(home.root, "rev-parse", "HEAD"), home.files()) == (head, before)


@pytest.mark.parametrize("switch", [["-c", "mine"], ["--detach"]])
def test_on_another_branch_the_way_back_is_said(home, course, switch):
    home.git(home.root, "switch", "--quiet", *switch)
    done = home.tito("update")
    assert done.code == 2
    assert "Go back to it: git switch main" in done.err


def test_a_course_that_is_gone(home, course):
    home.solve("setup")
    own = home.path("setup").read_bytes()
    shutil.rmtree(course)
    done = home.tito("update")
    assert done.code == 2
    assert "Your files are as they were" in done.err
    assert home.path("setup").read_bytes() == own


@pytest.mark.parametrize("command", ["fetch", "merge"])
def test_a_disk_that_is_full_for_git_is_nobodys_wrong_use(home, course, full_disk, command):
    home.solve("setup")
    own = home.path("setup").read_bytes()
    home.correct(course, title="# Better")
    full_disk(command)
    done = home.tito("update")
    assert (done.code, "fatal: write error: No space left on device" in done.err) == (3, True), done.err
    assert home.path("setup").read_bytes() == own


def test_a_merge_of_ones_own_that_is_not_finished_is_not_undone(home, course):
    home.git(home.root, "switch", "--quiet", "-c", "mine")
    (home / "own.txt").write_text("mine")
    home.commit(home.root, "mine")
    home.git(home.root, "switch", "--quiet", "main")
    home.git(home.root, "merge", "--quiet", "--no-ff", "--no-commit", "mine")
    home.correct(course, title="# Better")
    done = home.tito("update")
    assert (done.code, "Finish it first: git commit" in done.err) == (2, True), done.err
    assert (home / "own.txt").read_text() == "mine"


def test_not_cloned_from_anywhere_and_the_instructors_copy(home, course):
    home.git(home.root, "remote", "remove", "origin")
    assert "not cloned from anywhere" in home.tito("update").err
    (home / "source").mkdir()
    shutil.rmtree(home / ".tito/released")
    assert "instructor's copy" in home.tito("update").err


OTHER = {"PYTHONPATH": str(Path(__file__).with_name("locale")), "PYTHONUTF8": "0"}
LOCALES = {
    "UTF-8": {"LC_ALL": "C.UTF-8"},
    "Latin-1": {**OTHER, "TEXT_ENCODING": "latin-1"},
    "CP1252": {**OTHER, "TEXT_ENCODING": "cp1252"},
    "ASCII": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "Latin-1 for streams": {"PYTHONIOENCODING": "latin-1"},
}
GREETING = '#| export\ndef double(x):\n    """Größe mal zwei … λ."""\n    return 2 * x'


@pytest.fixture(params=LOCALES)
def update(request, home):
    """Runs `tito update` in a process with another locale."""

    def run(*options):
        environment = {**os.environ, **LOCALES[request.param]}
        command = [sys.executable, *options, "bin/tito.py", "update"]
        return subprocess.run(command, cwd=home.root, env=environment, capture_output=True, encoding="latin-1")

    return run


@pytest.mark.parametrize("committed", [True, False])
def test_umlauts_in_code_whatever_the_locale(home, course, update, committed):
    """Read in the wrong encoding, the course's side looks like the student's, and the student's work is gone."""
    home.edit("setup", "double", GREETING)
    if committed:
        home.commit(home.root, "my work")
    home.correct(course, double="#| export\ndef double(x):\n    '''Zwei mal … ö.'''", title="# Größer")
    done = update()
    assert done.returncode == 0, done.stderr
    assert cells(home)["double"] == GREETING
    assert cells(home)["title"] == "# Größer"
    assert "double was corrected, and you have written in it: yours is kept." in done.stdout


def test_an_update_opens_every_file_with_an_encoding(home, course, monkeypatch):
    home.edit("setup", "double", GREETING)
    home.correct(course, title="# Better")
    monkeypatch.setenv("PYTHONWARNDEFAULTENCODING", "1")
    command = [sys.executable, "-W", "error::EncodingWarning", "bin/tito.py", "update"]
    done = subprocess.run(command, cwd=home.root, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    assert "EncodingWarning" not in done.stderr.decode()


def test_umlauts_in_names_whatever_the_locale(home, course, update):
    (course / "modules" / "übung").mkdir()
    (course / "modules" / "übung" / "größe.txt").write_text("one\n", encoding="utf-8")
    home.commit(course, "a new module")
    home.edit("setup", "double", GREETING)
    done = update()
    assert done.returncode == 0, done.stderr
    assert (home / "modules" / "übung" / "größe.txt").is_file()
    assert "bung." in done.stdout


def test_lines_that_end_as_on_windows(home, course):
    def end_otherwise(path):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    home.edit("setup", "double", GREETING)
    end_otherwise(home.path("setup"))
    home.commit(home.root, "my work")
    home.correct(course, title="# Better", double="#| export\ndef double(x):\n    '''Another.'''")
    end_otherwise(course / "modules/setup/setup_dev.ipynb")
    home.commit(course, "from Windows")
    done = home.tito("update")
    assert done.code == 0, done.err
    assert (cells(home)["title"], cells(home)["double"]) == ("# Better", GREETING)


@pytest.fixture
def foreign_git(tmp_path, monkeypatch):
    """A git whose sentences nobody understands, whatever language it is asked for; its plumbing is as always."""
    real = shutil.which("git")
    path = tmp_path / "foreign" / "git"
    path.parent.mkdir()
    path.write_text(
        f"""#!/bin/sh
case " $* " in
    *" pull "*|*" merge "*) "{real}" "$@" > "{tmp_path}/out" 2> "{tmp_path}/err"; code=$?
        tr a-z n-za-m < "{tmp_path}/out"; tr a-z n-za-m < "{tmp_path}/err" >&2; exit $code;;
    *) exec "{real}" "$@";;
esac
"""
    )
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(path.parent), prepend=os.pathsep)
    monkeypatch.setenv("LANGUAGE", "de")


def in_conflict(home, course):
    """Both sides change the same line of the guide."""
    (course / "README.md").write_text("Read me.\n")
    home.commit(course, "a guide")
    assert home.tito("update").code == 0
    (course / "README.md").write_text("Read me twice.\n")
    home.commit(course, "a better guide")
    (home / "README.md").write_text("My own notes.\n")


def test_a_conflict_is_noticed_in_every_language(home, course, foreign_git):
    in_conflict(home, course)
    done = home.tito("update")
    assert done.code == 2
    assert "README.md" in done.err
    assert "git add README.md" in done.err
    assert "<<<<<<<" in (home / "README.md").read_text()
    assert "My own notes." in home.git(home.root, "stash", "show", "-p")
    again = home.tito("update")
    assert again.code == 2
    assert "hold two versions since the last update" in again.err
    (home / "README.md").write_text("Both.\n")
    home.git(home.root, "add", "README.md")
    assert home.tito("update").out == f"Nothing is new in {course}.\n"


def test_a_conflict_with_what_was_committed_changes_nothing(home, course, foreign_git):
    in_conflict(home, course)
    home.commit(home.root, "my notes")
    home.solve("setup")
    before = home.path("setup").read_bytes()
    done = home.tito("update")
    assert done.code == 2
    assert "You and the course changed the same lines of: README.md" in done.err
    assert (home / "README.md").read_text() == "My own notes.\n"
    assert home.path("setup").read_bytes() == before


def test_a_file_of_ones_own_in_the_way_of_a_new_file(home, course, foreign_git):
    (home / "notes.txt").write_text("mine")
    (course / "notes.txt").write_text("the course's")
    home.commit(course, "notes")
    done = home.tito("update")
    assert done.code == 2
    assert (home / "notes.txt").read_text() == "mine"


def test_a_workspace_whose_name_a_shell_reads_otherwise(home, course, monkeypatch, tmp_path):
    odd = tmp_path / "my $HOME 100% `course`"
    home.root.rename(odd)
    home.root = odd
    monkeypatch.chdir(odd)
    monkeypatch.setenv("HOME", os.devnull)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    home.solve("setup")
    home.commit(odd, "my work")
    home.correct(course, title="# Better")
    assert home.tito("update").code == 0
    assert (cells(home)["title"], cells(home)["double"]) == ("# Better", home.solutions["double"])


TEXT = '"""Of a circle: pi times r squared."""'
AREA = f"#| export\ndef area(r):\n    {TEXT}\n    # YOUR CODE HERE\n    raise NotImplementedError()"


def test_a_correction_beside_what_a_student_wrote_comes_in_and_is_shown(home, course):
    home.solve("setup")
    own = home.path("setup").read_bytes()
    home.correct(course, area=AREA)
    done = home.tito("update")
    assert done.code == 0, done.err
    assert cells(home)["area"] == home.solutions["area"].replace("Of a circle.", "Of a circle: pi times r squared.")
    shown = [line.strip() for line in done.out.splitlines()]
    assert '-    """Of a circle."""' in shown
    assert '+    """Of a circle: pi times r squared."""' in shown
    (backup,) = home.path("setup").parent.glob("*.backup-*")
    assert backup.read_bytes() == own
    assert f"restore {backup.name}" in done.out


def overwritten(home, course, **texts):
    """A notebook that JupyterLab had open while the course corrected it, and then wrote over the correction."""
    home.solve("setup")
    shown = home.path("setup").read_bytes()
    home.correct(course, **texts)
    assert home.tito("update").code == 0
    home.path("setup").write_bytes(shown)
    home.edit("setup", "reflect_size", "Written since.")


def test_a_correction_that_an_editor_overwrote_comes_again(home, course):
    overwritten(home, course, area=AREA, title="# Better", extra="# a new demo")
    done = home.tito("update")
    assert done.code == 0, done.err
    assert "lacked a correction that came earlier" in done.out
    found = cells(home)
    assert (found["title"], found["extra"], found["reflect_size"]) == ("# Better", "# a new demo", "Written since.")
    assert "pi times r squared" in found["area"]
    assert "return math.pi" in found["area"]
    assert home.tito("update").out == f"Nothing is new in {course}.\n"


def test_an_overwritten_correction_comes_with_the_next_one(home, course):
    overwritten(home, course, title="# Better")
    home.correct(course, check_area="# changed", check_double="# changed, too", imports="import math\nimport cmath")
    done = home.tito("update")
    assert done.code == 0, done.err
    found = cells(home)
    assert (found["title"], found["check_area"], found["reflect_size"]) == ("# Better", "# changed", "Written since.")
    assert home.tito("update").out == f"Nothing is new in {course}.\n"


def test_an_update_that_fails_brings_nothing_back_either(home, course):
    overwritten(home, course, title="# Better")
    (home / "README.md").write_text("mine")
    home.commit(home.root, "my notes")
    (course / "README.md").write_text("the course's")
    home.commit(course, "a guide")
    before = home.path("setup").read_bytes()
    assert home.tito("update").code == 2
    assert home.path("setup").read_bytes() == before


def test_who_has_the_notebook_open_is_told_to_reload_it(home, course, monkeypatch):
    monkeypatch.setattr("tito.editors.open_in_jupyter", lambda: {home.path("setup").resolve()})
    home.solve("setup")
    home.correct(course, title="# Better")
    out = home.tito("update").out
    assert "modules/setup/setup_dev.ipynb is open in Jupyter" in out
    assert "Reload Notebook from Disk" in out


@pytest.mark.parametrize("committed", [True, False])
def test_work_on_a_module_that_the_course_no_longer_has_is_kept_as_a_backup(home, course, committed):
    home.solve("setup")
    own = home.path("setup").read_bytes()
    if committed:
        home.commit(home.root, "my work")
    home.git(course, "rm", "-rq", "modules/setup", ".tito/released/setup")
    home.commit(course, "setup is hidden")
    done = home.tito("update")
    assert done.code == 0, done.err
    assert (
        "modules/setup/setup_dev.ipynb is no longer in the course. Yours is kept: modules/setup/setup_dev.b" in done.out
    )
    assert not home.path("setup").exists()
    (kept,) = home.path("setup").parent.glob("setup_dev.backup-*.ipynb")
    assert kept.read_bytes() == own
    assert home.tito("update").out.strip() == f"Nothing is new in {course}."


def test_a_module_that_the_course_no_longer_has_and_nobody_began(home, course):
    home.git(course, "rm", "-rq", "modules/setup", ".tito/released/setup")
    home.commit(course, "setup is hidden")
    done = home.tito("update")
    assert done.code == 0, done.err
    assert "no longer" not in done.out
    assert not home.path("setup").parent.exists()


@pytest.mark.parametrize("inside", [True, False])
def test_a_copy_without_its_own_git_and_a_git_that_does_not_work(home, course, inside):
    """In a repository of the student's own, all that git says is about that one."""
    if inside:
        shutil.rmtree(home / ".git")
        home.git(home.root.parent, "clone", "--quiet", "--bare", str(course), "mine.git")
        home.git(home.root.parent, "init", "--quiet", "--initial-branch=main")
        home.git(home.root.parent, "remote", "add", "origin", "mine.git")
    else:
        (home / ".git/config").write_text("[")
    before = home.files()
    done = home.tito("update")
    said = "It lies in another git repository" if inside else "git does not work in this workspace"
    assert (done.code, said in done.err) == (2, True), done.err
    assert home.files() == before


@pytest.mark.parametrize("how", ["merge", "rebase", "cherry-pick"])
def test_what_git_alone_could_not_join_is_left_and_joined(home, course, how):
    """Who types `git pull` has two versions in the notebook. The work is all there, so nobody is to start afresh."""
    home.solve("setup")
    home.git(home.root, "config", "user.name", "x")
    home.git(home.root, "config", "user.email", "x@localhost")
    home.commit(home.root, "my work")
    home.correct(course, double="#| export\ndef double(x):\n    raise NotImplementedError()", title="# Better")
    home.git(home.root, "fetch", "--quiet")
    with pytest.raises(subprocess.CalledProcessError):
        home.git(home.root, how, "origin/main")
    for command in (["sync", "--module", "setup"], ["submit", "--module", "setup"]):
        done = home.tito(*command)
        assert (done.code, "git left two versions in it" in done.err) == (2, True)
    assert "python bin/tito.py update" in home.tito("info").out
    done = home.tito("update")
    assert (done.code, f"git {how} --abort" in done.err) == (2, True), done.err
    home.git(home.root, how, "--abort")
    assert home.tito("update").code == 0
    assert (cells(home)["double"], cells(home)["title"]) == (home.solutions["double"], "# Better")


def test_a_rebase_that_stopped_without_a_conflict(home, course):
    home.solve("setup")
    home.commit(home.root, "my work")
    with pytest.raises(subprocess.CalledProcessError):
        home.git(home.root, "rebase", "--exec", "false", "HEAD~1")
    done = home.tito("update")
    assert (done.code, "Finish it first: git rebase --continue" in done.err) == (2, True), done.err


def test_a_stash_of_ones_own_that_did_not_fit(home, course):
    home.solve("setup")
    home.git(home.root, "stash")
    home.correct(course, double="#| export\ndef double(x):\n    raise NotImplementedError()")
    assert home.tito("update").code == 0
    with pytest.raises(subprocess.CalledProcessError):
        home.git(home.root, "stash", "pop")
    said = home.tito("update").err
    assert "take yours: git checkout --theirs modules/setup/setup_dev.ipynb" in said
    home.git(home.root, "checkout", "--theirs", "modules/setup/setup_dev.ipynb")
    home.git(home.root, "add", "modules/setup/setup_dev.ipynb")
    assert home.tito("update").code == 0
    assert cells(home)["double"] == home.solutions["double"]


@pytest.mark.parametrize("committed", [True, False])
def test_what_somebody_deleted_and_the_course_corrects_is_here_again(home, course, committed):
    home.solve("tensor")
    shutil.rmtree(home / "modules/setup")
    if committed:
        home.commit(home.root, "tidy up")
    home.correct(course, title="# Better")
    done = home.tito("update")
    assert done.code == 0, done.err
    assert "setup_dev.ipynb was corrected, and was not here any more: it is here again." in done.out
    assert cells(home)["title"] == "# Better"
    assert home.solutions["quadruple"] in home.path("tensor").read_text().replace("\\n", "\n").replace('\\"', '"')
    assert home.tito("update").code == 0


def stopped(home, signal, at) -> int:
    """The exit code of `tito update` in a terminal where a signal comes whenever git has written its index."""
    hook = home / ".git/hooks/post-index-change"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\necho >> .git/count\n[ $(wc -l < .git/count) -lt {at} ] || kill -{signal} 0\n")
    hook.chmod(0o755)
    # whoever started these tests may have had SIGHUP ignored, as nohup does
    heard = functools.partial(
        os_signal.signal, os_signal.SIGHUP, os_signal.SIG_DFL
    )  # also where these tests have nohup
    command = [sys.executable, "bin/tito.py", "update"]
    done = subprocess.run(command, cwd=home.root, process_group=0, preexec_fn=heard)
    hook.unlink()
    return done.returncode


@pytest.mark.parametrize("signal", ["INT", "TERM", "HUP"])
def test_who_stops_an_update_has_it_whole(home, course, signal):
    """git takes what is not committed out of the files for a moment."""
    home.solve("setup")
    home.correct(course, title="# Better")
    assert stopped(home, signal, at=1) == (130 if signal == "INT" else -getattr(os_signal, f"SIG{signal}"))
    assert (cells(home)["title"], cells(home)["double"]) == ("# Better", home.solutions["double"])
    assert home.git(home.root, "stash", "list") == ""
    assert list(home.root.rglob("*.backup-*")) == []


@pytest.mark.parametrize("at", [6, 8])
def test_a_machine_that_goes_off_in_the_middle_of_an_update_loses_nothing(home, course, at):
    home.solve("setup")
    own = home.path("setup").read_bytes()
    home.correct(course, title="# Better")
    assert stopped(home, "KILL", at) == -os_signal.SIGKILL
    assert home.path("setup").read_bytes() != own
    (backup,) = home.path("setup").parent.glob("*.backup-*")
    assert backup.name in home.tito("restore").out
    assert home.tito("restore", backup.name).code == 0
    assert home.path("setup").read_bytes() == own


def test_who_signs_commits_and_has_hooks_gets_an_update_all_the_same(home, course):
    home.solve("setup")
    home.commit(home.root, "my work")
    home.git(home.root, "config", "commit.gpgsign", "true")
    home.git(home.root, "config", "gpg.program", "false")
    for name in ("pre-merge-commit", "commit-msg"):
        (home / ".git/hooks").mkdir(exist_ok=True)
        (home / ".git/hooks" / name).write_text("#!/bin/sh\nexit 1\n")
        (home / ".git/hooks" / name).chmod(0o755)
    home.correct(course, title="# Better")
    assert home.tito("update").code == 0
    assert cells(home)["title"] == "# Better"


def test_packages_that_changed_are_to_be_installed(home, course):
    (course / "requirements.txt").write_text("numpy==2\n")
    home.commit(course, "newer packages")
    assert "python -m pip install -r requirements.txt" in home.tito("update").out


def test_where_updates_come_from_is_said_without_a_password(home, course):
    """Who works in a copy of their own on GitHub hears nothing from the course."""
    home.git(home.root, "config", "url.file:///.insteadOf", "https://ada:secret@localhost/")
    home.git(home.root, "remote", "set-url", "origin", f"https://ada:secret@localhost{course}")
    assert home.tito("update").out == f"Nothing is new in https://localhost{course}.\n"


def test_two_updates_at_once(home, course):
    home.solve("setup")
    home.correct(course, title="# Better")
    command = [sys.executable, "bin/tito.py", "update"]
    both = [subprocess.Popen(command, cwd=home.root, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[1] for process in both]
    assert sorted(process.returncode for process in both) in ([0, 0], [0, 2]), said
    assert set(said) <= {"", "tito: Another update of this workspace is running. Wait for its end.\n"}
    assert (cells(home)["title"], cells(home)["double"]) == ("# Better", home.solutions["double"])
    assert home.git(home.root, "stash", "list") == ""
