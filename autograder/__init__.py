"""The autograder: runs submitted notebooks, judges what they report, records it through nbgrader."""

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # a grammar that nbformat does not need, and that takes a second
