"""The commands that an instructor has, one file each."""
