"""What running a notebook may use. Each limit's name ends in its unit."""

from dataclasses import dataclass, fields

ON_A_BUSY_MACHINE = 5  # times a limit: so long a package's tests may take


@dataclass(frozen=True)
class Limits:
    """The limits of one run of a notebook; course.yml sets them for the course, and for a module."""

    cell_seconds: float = 10  # where it is graded: of its own time, without what a busy machine takes
    notebook_seconds: float = 60  # the same
    cpu_seconds: int = 120  # of each process
    memory_mb: int = 2048
    processes: int = 64  # threads count, too
    files_mb: int = 64  # of all files in the scratch folder
    reports_mb: int = 16  # of all that the checks of one cell report

    @classmethod
    def of(cls, given: dict) -> "Limits":
        """The limits that a manifest gives, and the usual ones for the rest.

        Raises ValueError that names a limit which does not exist, or whose value is not a number above 0.
        """
        known = {field.name: field.type for field in fields(cls)}
        for name, value in given.items():
            if name not in known:
                raise ValueError(f"there is no limit {name!r}; the limits: {', '.join(known)}")
            whole = known[name] is int
            if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or not value > 0:
                raise ValueError(f"{name} must be a {'whole ' * whole}number above 0, not {value!r}")
        return cls(**given)
