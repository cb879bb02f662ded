"""tito: the command line of the TinyTorch course, and the checks that its notebooks import."""
