"""Grading one submission: (source, submission, seed, limits) → (executed notebook, verdicts).

`Execute` plugs this into nbgrader in place of its own execute preprocessor, so that the stock
`nbgrader autograde` and formgrader's button do exactly what `tito grade` does.
"""

import gzip
import hashlib
import html
import json
from dataclasses import asdict
from pathlib import Path

from nbformat.v4 import new_output
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder import record
from autograder.execute import Job, Run, execute, laid_over
from autograder.judge import Verdict, verdicts
from autograder.sanitize import restore
from autograder.source import EMISSIONS, Source, folder_files
from tito.notebooks import grade_id, is_check
from tito.workspace import UserError, Workspace

VERDICT_MIME = "application/vnd.tinytorch.verdict+json"


def expected(source: Source, seed: int) -> Run:
    """What the source notebook itself reports under `seed`; kept in .cache, by content."""
    job = Job.of(source.notebook, source, seed, source.files)
    kept = source.workspace.root / ".cache" / "expected" / f"{source.module}-{_key(job)}.json.gz"
    if kept.is_file():
        return Run.from_json(gzip.decompress(kept.read_bytes()).decode())
    run = execute(job)
    if run.problems or run.notes:
        trouble = "; ".join([*(f"{name} {problem}" for name, problem in run.problems.items()), *run.notes])
        raise UserError(f"{source.path} does not run: {trouble}. Nothing can be graded until it does.")
    _write(kept, gzip.compress(run.to_json().encode(), mtime=0))
    return run


def grade(notebook, source: Source, seed: int, files: dict[str, bytes]) -> tuple[Run, list[Verdict]]:
    """Run and judge a notebook that `restore` has been through."""
    made = _ahead.pop(_key(Job.of(notebook, source, seed, files)), None)
    return made or _grade(notebook, source, seed, files)


def grade_ahead(notebook, source: Source, seed: int, files: dict[str, bytes]) -> list[str]:
    """Grade a submission now, so that `grade` finds the result when nbgrader comes to it; what there is to say."""
    notebook, mended = restore(notebook, source)
    run, judged = _grade(notebook, source, seed, files)
    _ahead[_key(Job.of(notebook, source, seed, files))] = run, judged
    return [*mended, *run.notes]


_ahead: dict[str, tuple[Run, list[Verdict]]] = {}  # what was graded ahead, by content of its job


def run_once(notebook, source: Source, seed: int, files: dict[str, bytes]) -> Run:
    return execute(Job.of(notebook, source, seed, files))


def _grade(notebook, source: Source, seed: int, files: dict[str, bytes]) -> tuple[Run, list[Verdict]]:
    run, wanted = run_once(notebook, source, seed, files), expected(source, seed).emissions
    judged = verdicts(source, wanted, run.emissions, run.problems)
    if any(line.visible and not line.passed for verdict in judged for line in verdict.lines):
        # What came instead is shown to the student: it must be from a process that knew no hidden text.
        run.seen = execute(Job.of(notebook, source, seed, files, hidden=False)).emissions
        judged = verdicts(source, wanted, run.emissions, run.problems, run.seen)
    return run, judged


def submitted_files(folder: Path, source: Source) -> dict[str, bytes]:
    """A submission's own files with the source's over them, as nbgrader lays them out."""
    return laid_over(folder_files(folder), source.files)


def _key(job: Job) -> str:
    made = hashlib.sha256(json.dumps([job.cells, job.seed, job.limits]).encode())
    for name, content in sorted(job.files.items()):
        made.update(f"\0{name}\0{len(content)}\0".encode(errors="surrogateescape") + content)
    return made.hexdigest()[:32]


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(f".{hashlib.sha256(content).hexdigest()[:8]}")
    new.write_bytes(content)
    new.replace(path)


class Execute(NbGraderPreprocessor):
    """nbgrader's execute step: runs the notebook outside, and writes verdicts in the form nbgrader scores."""

    def preprocess(self, nb, resources):
        workspace = Workspace.find()
        names = resources["nbgrader"]
        source = Source.of(workspace, names["assignment"])
        refuse_if_changed(source, names["db_url"])
        seed = record.seed(names["db_url"], source.module, source.version)
        files = folder_files(Path(resources["metadata"]["path"]))
        run, judged = grade(nb, source, seed, files)
        for note in run.notes:
            self.log.warning("%s: %s", names["student"], note)
        resources.setdefault("outputs", {})[EMISSIONS] = gzip.compress(run.to_json().encode(), mtime=0)
        return _with_verdicts(nb, judged, run), resources


def refuse_if_changed(source: Source, db_url: str) -> None:
    """Raises UserError when the gradebook knows other graded cells than the source has: nothing fair can be said."""
    with Gradebook(db_url) as gradebook:
        try:
            known = gradebook.find_notebook(source.path.stem, source.module)
        except MissingEntry:
            raise UserError(f"{source.module} was not released yet. First: tito release {source.module}") from None
        released = {cell.name: cell.source for cell in known.source_cells}
        points = {cell.name: float(cell.max_score) for cell in known.grade_cells}
    for name, cell in source.check_cells.items():
        if released.get(name) != cell.source or points.get(name) != source.points(name):
            raise UserError(
                f"The check {name} of {source.module} is not what was released. "
                f"Release the module again (tito release {source.module}), or undo the change."
            )


def _with_verdicts(nb, judged: list[Verdict], run: Run):
    by_name = {verdict.grade_id: verdict for verdict in judged}
    for cell in nb.cells:
        name = grade_id(cell)
        if is_check(cell) and name in by_name:
            cell.outputs = [_verdict_output(by_name[name])]
        elif cell.cell_type == "code" and name in run.problems:
            cell.outputs = [*cell.get("outputs", []), _problem_output(run.problems[name])]
    return nb


def _verdict_output(verdict: Verdict):
    """An execute_result whose text is the score: what nbgrader takes as partial credit."""
    data = {
        "text/plain": str(verdict.earned),
        "text/html": _verdict_html(verdict),
        VERDICT_MIME: asdict(verdict),
    }
    return new_output("execute_result", data, execution_count=None)


def _problem_output(problem: str):
    return new_output("display_data", {"text/plain": f"When graded, this cell {problem}."})


def _verdict_html(verdict: Verdict) -> str:
    rows = "".join(
        f"<tr><td>{'passed' if line.passed else 'failed'}</td><td>{html.escape(line.name)}</td>"
        f"<td>{html.escape(line.reason or '')}</td></tr>"
        for line in verdict.lines
    )
    problem = f"<p>This cell {html.escape(verdict.problem)}.</p>" if verdict.problem else ""
    return f"<p>{verdict.earned:g} of {verdict.points:g} points</p>{problem}<table>{rows}</table>"
