"""What lasts: the records of grading, their corrections, and nbgrader's API through which everything is kept."""
