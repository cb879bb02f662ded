"""The second grader: the same cells as otter-grader's test files, in a zip for Gradescope.

build.py makes the zip and what students get, testfiles.py the test files, course.py the sealed part of the zip.
When a submission is graded, gradescope.py is what `run_autograder` runs; otter loads plugin.py, which runs the
notebook (job.py), asks the course's own judge, and fills otter's results (results.py). parity.py grades both ways.
"""
