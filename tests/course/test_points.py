"""What a module's points are worth: an hour of work earns about the same everywhere."""

import statistics
from pathlib import Path

from tito import notebooks
from tito.workspace import Workspace

COURSE = Workspace.find(Path(__file__).parents[2])


def test_points_follow_effort():
    """Points an hour are within a factor of two of the median."""
    hourly = {
        name: 60 * sum(notebooks.total(notebooks.load(COURSE.notebook(name)))) / module.minutes
        for name, module in COURSE.course.modules.items()
    }
    usual = statistics.median(hourly.values())
    assert {name: rate for name, rate in hourly.items() if not usual / 2 <= rate <= 2 * usual} == {}
