"""The autograder: runs submitted notebooks, judges what they report, records it through nbgrader."""
