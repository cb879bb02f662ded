"""From submitted/ to autograded/ and the gradebook: the pipeline of `tito grade`, and nbgrader's own `autograde`."""
