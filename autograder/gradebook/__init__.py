"""The lasting records of grading, their corrections, and nbgrader's API, through which all records are kept."""
