"""The second grader: the same cells as test files for otter-grader, in a zip for Gradescope.

build.py makes the zip and the folder for students, testfiles.py the test files, course.py the sealed part of the zip.
To grade a submission, `run_autograder` runs gradescope.py. Otter loads plugin.py, which runs the notebook (job.py),
asks the course's own judge, and fills otter's results (results.py). parity.py grades both ways.
"""
