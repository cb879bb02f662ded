"""The autograder: runs submitted notebooks, judges what they report, records it through nbgrader."""

import sys
from typing import Any

modules: dict[str, Any] = sys.modules  # None in it stops an import, which its own type does not say
modules.setdefault("rfc3987_syntax", None)  # a grammar that nbformat does not need, and that takes a second
