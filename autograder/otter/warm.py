"""What the warm process has imported: everything that a kernel needs before a submission's own files are near."""


import tito.checks  # noqa: F401
