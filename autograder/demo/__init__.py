"""The simulated class, and the right, wrong and broken versions that the course knows of each module."""
