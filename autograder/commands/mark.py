"""tito mark: the page on which people grade answers."""

import os
from urllib.parse import urlencode

from autograder.manual_grading.server import URL, ManualGrading
from tito.workspace import UserError, Workspace


def mark(module: str | None, browser: bool, allow_root: bool) -> None:
    """Serve the page until Ctrl-C, and open it in a browser. Raises UserError for an unknown module."""
    workspace = Workspace.find()
    if not workspace.instructor:
        raise UserError("This is a student's workspace: answers are graded in the course's folder.")
    query = f"?{urlencode({'module': workspace.module(module).name})}" if module else ""
    os.chdir(workspace.root)
    ManualGrading.launch_instance(
        [f"--ServerApp.default_url={URL}{query}", f"--ServerApp.root_dir={workspace.root}"]
        + ["--no-browser"] * (not browser)
        + ["--allow-root"] * allow_root
    )
