"""tito feedback: autograded → feedback."""

from autograder.source import Source
from autograder.stations import must, nbgrader
from tito.console import say
from tito.workspace import UserError, Workspace


def feedback(modules: list[str], student: str | None) -> int:
    workspace = Workspace.find()
    sources = [Source.of(workspace, name) for name in modules]
    for source in sources:
        if not list((workspace.root / "autograded").glob(f"{student or '*'}/{source.module}/*.ipynb")):
            whom = f" of {student}" if student else ""
            raise UserError(f"No graded submission{whom} of {source.module}. Grade first: tito grade {source.module}")
    with nbgrader(workspace) as api:
        for source in sources:
            must(api.generate_feedback(source.module, student, force=True), f"The feedback for {source.module}")
            pages = list((workspace.root / "feedback").glob(f"{student or '*'}/{source.module}/*.html"))
            say(f"{source.module}: {len(pages)} pages in feedback/*/{source.module}/")
    return 0
