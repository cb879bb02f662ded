"""TinyTorch: a small ML framework, built from scratch, one notebook at a time."""
