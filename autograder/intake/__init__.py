"""Submissions as they arrive: whose each is, which notebook counts, when it came."""
