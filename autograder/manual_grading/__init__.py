"""Reading answers: a page beside formgrader on which a person grades one question of a whole class by keyboard."""


def _jupyter_server_extension_points() -> list[dict]:
    """What Jupyter's server asks a package for."""
    from autograder.manual_grading.server import ManualGrading

    return [{"module": "autograder.manual_grading.server", "app": ManualGrading}]
