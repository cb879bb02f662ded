"""tito upgrade: everything of both sides is there, or is named; or nothing is changed."""

import json

import pytest

from tito.workspace import Workspace

DOUBLE = "#| export\ndef double(x):\n    ### BEGIN SOLUTION\n    return x + x\n    ### END SOLUTION"


def flat(text):
    return " ".join(text.split())


def test_both_sides_come_together(own, template, tito):
    own.edit("check_double", 'checks.equal("twice one", double(1), 2)\nchecks.equal("mine", double(2), 4)', points=5)
    own.write("term.yml", (own / "term.yml").read_text().replace("title: ML 101", "title: Mine"))
    own.write("README.md", "one\n\ntwo\n\nmine\n")
    own.write("source/mine/notes.md", "my own")
    own.commit()
    template.edit("check_double", 'checks.equal("1", double(1), 2)\nchecks.equal("twice two", double(2), 4)')
    template.edit("double", DOUBLE)
    template.write("README.md", "1\n\ntwo\n\nthree\n")
    template.write("course.yml", (template / "course.yml").read_text().replace("title: CNN", "title: Images"))
    template.write("CHANGELOG.md", "# Changes\n\n## v0.2.0\n\n- Better checks.\n\n## v0.1.0\n\n- The first.\n")
    template.write("requirements.txt", "numpy==3\n")
    template.commit("better", "v0.2.0")
    for name in (
        "release/setup",
        "release/mlp",
        "submitted/ada/setup",
        f"dist/{Workspace.find(own.root).course.repository}",
    ):
        (own / name).mkdir(parents=True)
    code, out, err = tito("upgrade")
    assert (code, err) == (0, "")
    assert "This course is at v0.2.0 now." in out
    assert "commands:\n  make setup\n  tito release setup\n  tito grade setup\n  tito kit\nTo undo" in out
    assert "- Better checks." in out
    assert "The first" not in out
    cells = own.cells()
    assert "".join(cells["check_double"]["source"]) == (
        'checks.equal("1", double(1), 2)\nchecks.equal("mine", double(2), 4)'
    )
    assert cells["check_double"]["metadata"]["nbgrader"]["points"] == 5
    assert (own / "README.md").read_text() == "1\n\ntwo\n\nmine\n"
    assert (own / "source/mine/notes.md").read_text() == "my own"
    assert "return x + x" in (own / "tinytorch_ref/core/setup.py").read_text(), "made anew"
    assert Workspace.find(own.root).course.title == "Mine"
    assert own.git("status", "--porcelain") == ""
    assert own.git("log", "-1", "--format=%s") == "Upgrade to v0.2.0"
    assert own.git("worktree", "list").count("\n") == 0
    assert tito("upgrade")[1] == "Nothing is new.\n"


def test_where_both_changed_the_same_yours_stays_and_is_named(own, template, tito):
    own.edit("double", DOUBLE)
    own.commit()
    template.edit("double", DOUBLE.replace("x + x", "x * 2"))
    template.commit("other", "v0.2.0")
    code, out, _ = tito("upgrade")
    assert code == 1
    assert "source/setup/setup_dev.ipynb: double: you changed the same lines; yours are kept." in flat(out)
    assert "+    return x * 2" in out
    assert "x + x" in (own / "tinytorch_ref/core/setup.py").read_text()


@pytest.mark.parametrize("way", ["merge", "pull"])
def test_git_alone_joins_no_notebook(own, template, way):
    """Not even where the changes are in different cells."""
    own.edit("double", DOUBLE)
    own.commit()
    template.edit("check_double", 'checks.equal("1", double(1), 2)')
    template.commit("better", "v0.2.0")
    before = (own / "source/setup/setup_dev.ipynb").read_bytes()
    own.git("fetch", "--quiet", "upstream")
    command = ("merge", "upstream/trunk") if way == "merge" else ("pull", "--no-rebase", "upstream", "trunk")
    own.git(*command, code=1)
    assert (own / "source/setup/setup_dev.ipynb").read_bytes() == before
    assert own.git("ls-files", "--unmerged")


def test_files_that_one_side_removed_or_can_not_be_joined(own, template, tito):
    template.write("data.npz", b"\0\1")
    template.write("old.md", "old\n")
    template.write("gone.md", "gone\n")
    template.write("a.json", '{"a": 1}')
    template.commit("data", "v0.1.1")
    assert tito("upgrade")[0] == 0
    own.write("data.npz", b"\0\2")
    own.write("old.md", "old, mine\n")
    own.write("a.json", '{\n"b": 1}')
    (own / "gone.md").unlink()
    own.commit()
    template.write("data.npz", b"\0\3")
    (template / "old.md").unlink()
    template.write("gone.md", "gone, better\n")
    template.write("a.json", '{"a": 1,\n"c": 1}')
    template.commit("more", "v0.2.0")
    code, out, _ = tito("upgrade", "v0.2.0")
    assert code == 1
    assert (own / "data.npz").read_bytes() == b"\0\2"
    assert (own / "old.md").read_text() == "old, mine\n"
    assert not (own / "gone.md").exists()
    assert json.loads((own / "a.json").read_text()) == {"b": 1}
    for said in (
        "data.npz: both changed it",
        "old.md: the template removed it",
        "gone.md: the template changed it",
        "a.json: ",
    ):
        assert said in flat(out)
    assert "+gone, better" in out
    assert own.git("status", "--porcelain") == ""


def test_a_course_that_edited_course_yml_moves_to_term_yml(own, template, tito):
    text = (own / "course.yml").read_text()
    own.write("course.yml", text.replace("title: Setup", "title: Start").replace("minutes: 30", "minutes: 45"))
    own.commit()
    template.write("course.yml", text.replace("title: Setup, goal: Begin", "title: Setup, goal: Begin here"))
    template.commit("other", "v0.2.0")
    code, out, _ = tito("upgrade")
    assert (code, "What you changed in course.yml stands in term.yml now" in out) == (0, True)
    course = Workspace.find(own.root).course
    assert (course.title, course.modules["setup"].title, course.modules["setup"].minutes) == ("ML 101", "Start", 45)
    assert course.modules["setup"].goal == "Begin here"
    assert course.modules["setup"].due
    assert (own / "course.yml").read_text() == (template / "course.yml").read_text()


def dirty(own, template):
    own.write("README.md", "not committed\n")


def in_the_way(own, template):
    own.write("new.md", "not in git\n")


def unknown_key(own, template):
    template.write("course.yml", (template / "course.yml").read_text() + "strange: 1\n")
    template.commit("strange", "v0.3.0")


def gone(own, template):
    template.root.rename(template.root.with_name("moved"))


def detached(own, template):
    own.git("switch", "--quiet", "--detach")


def shallow(own, template):
    own.write(".git/shallow", own.git("rev-parse", "HEAD") + "\n")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (detached, "No branch is checked out"),
        (shallow, "git fetch --unshallow"),
        (dirty, "Commit first what you changed: README.md"),
        (in_the_way, "new.md"),
        (unknown_key, "there is no key 'strange'"),
        (gone, "The template could not be fetched. Nothing was changed."),
    ],
)
def test_what_can_not_be_done_changes_nothing(own, template, tito, change, said):
    template.write("new.md", "new\n")
    template.commit("new", "v0.2.0")
    change(own, template)
    state = own.git("rev-parse", "HEAD"), own.git("status", "--porcelain")
    code, _, err = tito("upgrade")
    assert (code, said in flat(err)) == (2, True), err
    assert (own.git("rev-parse", "HEAD"), own.git("status", "--porcelain")) == state
    assert own.git("worktree", "list").count("\n") == 0


@pytest.mark.parametrize("command", ["fetch", "--no-commit", "--ff-only"])
def test_a_disk_that_is_full_for_git_is_nobodys_wrong_use(own, template, tito, full_disk, command):
    template.write("new.md", "new\n")
    template.commit("new", "v0.2.0")
    head = own.git("rev-parse", "HEAD")
    full_disk(command)
    code, _, err = tito("upgrade")
    assert (code, "fatal: write error: No space left on device" in flat(err)) == (3, True), err
    assert (own.git("rev-parse", "HEAD"), own.git("status", "--porcelain")) == (head, "")


def test_other_refusals(own, template, tito):
    code, _, err = tito("upgrade", "v7")
    assert (code, "The template has no version v7. Its versions: v0.1.0" in flat(err)) == (2, True)
    own.git("remote", "remove", "upstream")
    assert "git remote add upstream URL" in flat(tito("upgrade")[2])


def test_what_the_new_version_lacks_is_named(own, template, tito):
    text = (template / "course.yml").read_text()
    template.write("course.yml", text.replace("needs: [tensor]", "needs: [tensor, cnn]"))
    template.commit("needs", "v0.2.0")
    code, out, _ = tito("upgrade")
    assert code == 1
    assert "to be mended: mlp needs cnn, whose state is hidden" in flat(out)


def test_a_branch_is_the_templates_whatever_ones_own_is_called(own, template, tito):
    template.git("switch", "--quiet", "-c", "main")
    template.write("README.md", "1\n\ntwo\n\nthree\n")
    template.commit("on its main")
    assert own.git("branch", "--show-current") == "main"
    assert tito("upgrade", "main")[0] == 0
    assert (own / "README.md").read_text() == "1\n\ntwo\n\nthree\n"
    own.git("branch", "mine")
    assert "has no version mine" in flat(tito("upgrade", "mine")[2])


def test_a_release_candidate_is_no_newest_version(own, template, tito):
    template.commit("try this", "v0.2.0-rc1")
    assert tito("upgrade")[1] == "Nothing is new.\n"
    template.commit("done", "v0.2.0")
    assert "at v0.2.0 now" in tito("upgrade")[1]


def test_a_template_without_a_main_branch(own, template, tito):
    template.git("switch", "--quiet", "--detach")
    template.commit("on no branch")
    own.git("remote", "set-head", "upstream", "--delete")
    code, _, err = tito("upgrade")
    assert (code, "has no main branch. Name a version. Its versions: v0.1.0" in flat(err)) == (2, True)


def test_what_was_removed_hides_nothing_else(own, template, tito):
    """A notebook that an instructor deleted has thousands of lines."""
    own.git("rm", "--quiet", "source/cnn/cnn_dev.ipynb")
    own.commit()
    template.edit("double", "\n".join(f"x{number} = 1" for number in range(300)), module="cnn")
    template.commit("longer", "v0.2.0")
    code, out, _ = tito("upgrade")
    assert (code, out.count("\n") < 130) == (1, True)
    (shown,) = [line.partition("All of it: ")[2] for line in out.splitlines() if "All of it: " in line]
    assert "x299 = 1" in own.git(*shown.split()[1:])
