"""Runs a notebook in a process of its own, shut in. Others import `execute`, `pool` and `sandbox`, and nothing else."""
