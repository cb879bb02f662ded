"""The instructor's commands, one file for each. Each returns its exit code: 1 if something needs a person."""
