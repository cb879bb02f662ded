"""The autograder: runs submitted notebooks, judges what they report, records it through nbgrader."""

import sys
from typing import Any

modules: dict[str, Any] = sys.modules  # None stops an import; the type of sys.modules does not know that
modules.setdefault("rfc3987_syntax", None)  # nbformat does not need this grammar, which takes a second to import
