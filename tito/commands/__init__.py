"""The commands that a student has, one file each."""
