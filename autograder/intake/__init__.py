"""What arrives: whose it is, which notebook counts, when it came."""
