"""Make otter's exception-style test files, one for each graded cell."""

from autograder.judging.gaps import counts
from autograder.judging.source import HIDDEN, JUDGE, Source, inside, without
from tito.workspace import UserError

OTTER = "otter"  # otter's key in a cell's metadata

HEAD = '''\
"""{name}: {points:g} points, {rule}. Made by `tito otter build` from the notebook of module {module}."""

from IPython.display import publish_display_data
from otter.test_files import test_case

from tito import checks

OK_FORMAT = False
name = {name!r}
points = {points!r}
all_or_nothing = {all_or_nothing!r}

# A text, so that otter quotes `run(...)` as the line that failed, and never a check's own line.
VISIBLE = {visible}


def run(text, env):
    """Run a part of the cell. If it ends early, even by sys.exit, only this test case ends."""
    env["checks"] = checks  # the student's cells may have used that name
    try:
        checks.one_by_one(text, env)
    except BaseException as error:
        if checks._grading is None:
            raise Exception(explained(error)) from None
        message = {{"kind": "stopped", "name": type(error).__name__}}
        publish_display_data({{checks.MIME: message, "text/plain": "stopped"}})
        raise Exception("stopped") from None


def explained(error):
    try:
        return str(error) if isinstance(error, checks.CheckFailed) else f"{{type(error).__name__}}: {{error}}"
    except Exception:  # a student's class can fail even here
        return type(error).__name__


@test_case(name="{name}: what you see"{worth}, success_message="Hidden checks are run when it is graded.")
def visible(env):
    if checks._grading is not None:
        checks.begin(name)
    run(VISIBLE, env)
'''

HIDDEN_PART = """

HIDDEN = {hidden}


@test_case(name="{name}: hidden checks", hidden=True)
def hidden(env):
    if checks._grading is None:  # only the judge, outside, compares the answers
        raise Exception("only the course's autograder can tell")
    run(HIDDEN, {{**env, **checks.instructors({given!r})}})  # it adds no name of its own to the notebook's
"""


def test_file(source: Source, name: str, hidden: bool = True) -> str:
    """The test file of the graded cell `name`. hidden: whether it has the hidden case; students get it without.

    The hidden case has all the points: an answer that can be read off a visible check is worth nothing. Raises
    UserError if visible and hidden checks can't be told apart.
    """
    visible_text, hidden_text = _parts(source, name)
    partial, gaps = source.partial(name), name in counts(source)
    fields = {
        "name": name,
        "module": source.module,
        "points": source.points(name),
        "rule": "shared by its strong checks" if partial else "shared by its gaps" if gaps else "all or nothing",
        "all_or_nothing": not partial and not gaps,
        "visible": _literal(visible_text),
        "hidden": _literal(hidden_text),
        "worth": ", points=0" if hidden else "",
        "given": source.given_names(hidden_text),
    }
    return (HEAD + (HIDDEN_PART if hidden else "")).format(**fields)


def _parts(source: Source, name: str) -> tuple[str, str]:
    """The visible and the hidden text of a check cell, without judges. Raises UserError if they can't be told apart."""
    whole = without(source.check_cells[name].source, JUDGE)
    visible, hidden = without(whole, HIDDEN), inside(whole, HIDDEN)
    if not whole.startswith(visible) or whole.count(HIDDEN[0]) != 1:
        raise UserError(f"{name}: the hidden checks must stand together, at the end of the cell.")
    for text in (visible, hidden):
        try:
            compile(text, name, "exec")
        except SyntaxError as error:
            raise UserError(f"{name}: the visible and the hidden part must each be Python alone ({error}).") from None
    return visible, hidden


def _literal(text: str) -> str:
    lines = [repr(line) for line in text.splitlines(keepends=True)] or ['""']
    return "(\n    {}\n)".format("\n    ".join(lines))
