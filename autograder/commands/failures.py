"""Explain exceptions that only the instructor's half knows."""

import os
import sys


def explain_failure(error: BaseException | None) -> str:
    """A message about a gradebook that does not answer, without its password; "" for any other exception."""
    if "sqlalchemy" not in sys.modules:
        return ""
    from sqlalchemy.exc import InterfaceError, OperationalError

    while error and not isinstance(error, (InterfaceError, OperationalError)):  # nbgrader raises its own in their place
        error = error.__cause__ or error.__context__
    if not error:
        return ""
    from autograder.gradebook.patience import HELD, is_busy

    reason = HELD if is_busy(error.orig) else str(error.orig).strip().splitlines()[0]
    return f"The gradebook at {_shown(os.environ.get('TINYTORCH_GRADEBOOK'))} does not answer: {reason}"


def _shown(url: str | None) -> str:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    if not url:
        return "gradebook.db"
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "the address in TINYTORCH_GRADEBOOK"
