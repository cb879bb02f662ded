"""Find the module's notebook among those in a student's folder."""

from pathlib import Path

from autograder.judging.cells import well_formed
from autograder.judging.source import Source
from tito import files
from tito.notebooks import grade_id, read
from tito.workspace import UserError


def refuse_links(folder: Path) -> None:
    """Raise UserError if a submission holds a link: a copy would follow it, wherever it leads."""
    links = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink()]
    if links:
        raise UserError(f"{links[0]} is a link to somewhere else: the file itself has to be handed in.")


def adopt(source: Source, notebooks: list[Path]) -> list[Path]:
    """The notebooks to grade, of the `notebooks` in a folder. If none has the module's name, copies one to it.

    It copies the notebook that has most of the module's cells; the student's file stays as it is.
    """
    if not notebooks:
        return notebooks
    folder = notebooks[0].parent
    wanted = folder / source.path.name
    if folder.parent.name == "." or wanted.exists() or folder.resolve() == source.folder.resolve():
        return notebooks
    best = max(notebooks, key=lambda path: (_familiar(path, source), path.name))
    if not _familiar(best, source):
        return notebooks
    files.write(wanted, best.read_bytes())
    return [wanted]


def _familiar(path: Path, source: Source) -> int:
    """How many of the module's cells a notebook has."""
    try:
        cells = read(path).cells
    except UserError:
        return 0
    names = {grade_id(cell) or cell.get("id") for cell in map(well_formed, cells)}
    return len(names & set(source.named_cells))
