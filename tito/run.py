"""Running a notebook in a fresh kernel, cell by cell, for `tito test`."""

import asyncio
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import Empty
from typing import Any

from tito import notebooks, programs
from tito.limits import Limits
from tito.uses import names_loaded, names_made
from tito.workspace import UserError

ANSI = re.compile(r"\x1b\[[0-9;]*m")
FRAME = re.compile(r"Cell In\[(\d+)\], line (\d+)(?:, in ([\w.<>]+))?")
MAGIC = re.compile(r"^\s*[%!?]", re.MULTILINE)
LONGEST = 2_000  # characters of what an exception says
STARTUP_SECONDS = 60
INTERRUPT_SECONDS = 3  # what takes longer to answer than this does not look at interruptions


@dataclass
class CellResult:
    """The result of one cell.

    status: "ok", "failed", "not run", or "explores" for a student's own cell that uses what only a demo makes
    """

    cell: int
    name: str
    check: bool
    points: float
    status: str
    message: str = ""

    @property
    def ok(self) -> bool:
        """Whether the cell ran and nothing failed, or need not run."""
        return self.status in ("ok", "explores")

    def json(self) -> dict:
        """The result for programs."""
        return asdict(self)


def run_notebook(
    notebook: dict,
    folder: Path,
    root: Path,
    limits: Limits,
    all_cells: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[CellResult]:
    """Run `notebook` (plain data) in `folder`. Returns one result for each code cell that was chosen.

    root: the first entry of the kernel's PYTHONPATH, so that the `tinytorch` in it is imported
    limits: how long a cell and the notebook may take; a timeout or a dead kernel ends the run
    all_cells: run the cells tagged `explore`, too
    """
    with asyncio.Runner(loop_factory=_loop) as runner:
        return runner.run(_run(notebook, folder, root, limits, all_cells, progress))


def _loop() -> asyncio.AbstractEventLoop:
    """A loop that can wait for a kernel's sockets, which Windows' own loop can't."""
    return asyncio.SelectorEventLoop() if os.name == "nt" else asyncio.new_event_loop()


async def _run(notebook, folder, root, limits, all_cells, progress):
    results, stopped = [], ""
    async with _kernel(notebook, folder, root) as client:
        chosen = [(number, cell) for number, cell in enumerate(client.nb.cells, 1) if _runs(cell, all_cells)]
        demos = {name for cell in client.nb.cells if _is_demo(cell, all_cells) for name in names_made(cell.source)}
        end = time.monotonic() + limits.notebook_seconds
        for done, (number, cell) in enumerate(chosen):
            progress(done, len(chosen))
            failure = stopped or await _execute(client, limits, number, cell, end)
            status = "not run" if stopped else "failed" if failure else "ok"
            if isinstance(failure, Stopped):
                stopped = f"because {notebooks.cell_title(cell)} {failure}"
            elif name := _from_a_demo(cell, demos):
                failure = f"it uses `{name}`, which a demo makes, and demos are not run here or for grading"
                if notebooks.grade_id(cell) is None:
                    status, demos = "explores", demos | names_made(cell.source)
            results.append(_result(number, cell, status, str(failure)))
    return results


def _runs(cell, all_cells):
    if cell.cell_type != "code" or not cell.source.strip():
        return False
    return not _is_demo(cell, all_cells)


def _is_demo(cell, all_cells):
    return cell.cell_type == "code" and not all_cells and "explore" in notebooks.tags(cell)


def _from_a_demo(cell, demos):
    """The name that the cell lacks because a demo makes it; None where it lacks none, or failed for another reason."""
    error = _error(cell)
    missing = re.fullmatch(r"name '(\w+)' is not defined.*", error["evalue"]) if error else None
    return missing[1] if missing and missing[1] in demos & names_loaded(cell.source) else None


def _result(number, cell, status, message):
    check = notebooks.is_check(cell)
    return CellResult(
        number, notebooks.cell_title(cell), check, notebooks.points(cell) if check else 0, status, message
    )


class Stopped(str):
    """A failure after which no other cell can run."""


@asynccontextmanager
async def _kernel(notebook, folder, root):
    """Yields nbclient's client for the notebook, connected to a new kernel."""
    from jupyter_client.manager import AsyncKernelManager

    profile = tempfile.mkdtemp()  # nobody's own start-up files: grading has none
    ours = {"PYTHONPATH": programs.python_path(root), "MPLBACKEND": "agg", "IPYTHONDIR": profile}
    manager = AsyncKernelManager(kernel_name="python3")
    client, said = None, Path(profile, "said.txt")  # by the kernel itself: what cells print does not go there
    try:
        with said.open("wb") as file:
            await manager.start_kernel(
                cwd=str(folder),
                env={**os.environ, **programs.PYTHON, **ours},
                extra_arguments=["--log-level=ERROR"],
                stderr=file,
            )
        client = await _connect(notebook, manager, said)
        yield client
    finally:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # of what waits for a stopped cell's outputs
        if client is not None and client.kc is not None:
            client.kc.stop_channels()
        if manager.has_kernel:
            await manager.shutdown_kernel(now=True)
        shutil.rmtree(profile, ignore_errors=True)


async def _connect(notebook, manager, said):
    missing: Any = None  # what Python looks up for a module that can't be imported
    sys.modules.setdefault(
        "rfc3987_syntax", missing
    )  # nbformat can do without this grammar, whose import takes a second
    import nbformat  # these imports take a second each, while the kernel starts
    from nbclient import NotebookClient

    node: Any = nbformat.from_dict(notebook)
    client = NotebookClient(node, km=manager, allow_errors=True, startup_timeout=STARTUP_SECONDS)
    client.log.setLevel("CRITICAL")
    try:
        await client.async_start_new_kernel_client()
    except RuntimeError as error:
        last = programs.decode(said.read_bytes()).strip().splitlines()[-1:]
        reason = "\n".join([f"No Python kernel can be started: {error}. Is ipykernel installed?", *last])
        raise UserError(reason) from None
    return client


async def _execute(client, limits, number, cell, end):
    """Run one cell. Returns why it failed, "" where it passed."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    left = end - time.monotonic()
    if left <= 0:
        return Stopped(f"was not reached within {limits.notebook_seconds} s")
    client.timeout = max(1, int(min(limits.cell_seconds, left)))
    replies: list[dict[str, Any]] = []
    client.on_cell_executed = lambda execute_reply, **_: replies.append(execute_reply["content"])
    try:
        await client.async_execute_cell(cell, number - 1)
    except CellTimeoutError:
        return Stopped(f"took longer than {client.timeout} s{await _where_it_was(client)}")
    except DeadKernelError:
        if (task := asyncio.current_task()) and task.cancelling():  # Ctrl-C looks the same to nbclient
            raise asyncio.CancelledError from None
        return Stopped("ended the Python process")
    if any(part.get("source") == "ask_exit" for reply in replies for part in reply.get("payload", [])):
        return Stopped("ended the Python process")  # quit(): the kernel goes a little later
    for reply in replies:
        _keep_error(cell, reply)
    error = _error(cell)
    return explain(error, cell.execution_count, cell.source) if error else ""


def _keep_error(cell, reply) -> None:
    """Make the error in a kernel's answer an output of the cell: behind a flood of outputs, nbclient misses it."""
    if reply["status"] == "error" and _error(cell) is None:
        error = {key: reply.get(key, default) for key, default in (("ename", ""), ("evalue", ""), ("traceback", []))}
        cell.outputs.append(type(cell)(output_type="error", **error))


async def _where_it_was(client) -> str:
    """In which function the kernel was, which runs a cell without end: "" where an interruption does not tell."""
    await client.km.interrupt_kernel()
    try:
        reply = await client.kc.get_shell_msg(timeout=INTERRUPT_SECONDS)
    except Empty:
        return ""
    return _inside(_frames(reply["content"]), "; it was in {}, line {} of its cell")


def _error(cell) -> dict | None:
    return next((output for output in cell.outputs if output.output_type == "error"), None)


def _frames(error) -> list[tuple[str, str, str]]:
    """The frames in cells: the number of the cell's run, the line, and the function, "" outside of one."""
    return FRAME.findall(ANSI.sub("", "\n".join(error.get("traceback", []))))


def _inside(frames: list[tuple[str, str, str]], words: str) -> str:
    """`words` with the function and the line in which the last frame of a notebook's cell is; "" outside of one."""
    return words.format(frames[-1][2], frames[-1][1]) if frames and frames[-1][2] else ""


def explain(error, count: int | None, source: str = "") -> str:
    """An error output in words: the line of the cell, and the line of the function that raised it.

    source: the cell's text; Python describes a syntax error more clearly than IPython does
    """
    kind, value = error["ename"].replace("_IncompleteInputError", "SyntaxError"), error["evalue"]  # of Python 3.13
    if kind in ("CheckFailed", "NotWritten"):
        return value
    frames = _frames(error)
    line = next((line for frame, line, _ in frames if frame == str(count)), None)
    function = frames[-1][2] if frames else ""
    if kind == "NotImplementedError" and not value:
        return f"{function or 'a function that it calls'} isn't written yet"
    if kind in ("SyntaxError", "IndentationError", "TabError"):
        if not MAGIC.search(source) and (wrong := notebooks.syntax_error(source)):
            return wrong
        if parts := re.fullmatch(r"(.*?)( \([^()]*line (\d+)\))?", value, re.DOTALL):
            value, _, line = parts.groups()
    where = f"line {line}: " if line else ""
    inside = _inside(frames, " (in {}, line {} of its cell)")
    what = f"{kind}: {_shortened(value)}" if value else kind
    note = re.search(r"^in the check: .*", ANSI.sub("", "\n".join(error.get("traceback", []))), re.MULTILINE)
    return f"{where}{what}{_hint(value)}{inside}" + (f"\n{note[0]}" if note else "")


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters)"


def _hint(value):
    if "NoneType" in value:
        return "; None came where a value is needed: is a `return` missing?"
    if "does not support input requests" in value:
        return " Nobody answers `input` when a notebook is tested or graded."
    missing = re.search(r"No module named 'tinytorch\.core\.(\w+)'", value)
    return f"; it is made by: python bin/tito.py sync --module {missing[1]}" if missing else ""
