"""The pure step from bytes to verdicts: read the instructor's source, mend the cells, run them, judge them."""
