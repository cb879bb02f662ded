"""Run a notebook in its own process, shut in. Other stations import only `execute`, `pool` and `sandbox`."""
