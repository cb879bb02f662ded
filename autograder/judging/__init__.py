"""The pure step, from bytes to verdicts: the instructor's source, the mending of cells, the run, the judge."""
