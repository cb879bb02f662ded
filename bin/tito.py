# -*- coding: utf-8 -*-
"""The door to tito: `python bin/tito.py --help`."""

# An old Python, even 2.7, has to get as far as the line that says so: no newer syntax here.
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))

if sys.version_info < (3, 11):
    sys.exit(
        "The course needs Python 3.11 or newer. This is Python {}.{}: {}\n"
        "What helps is said by: python modules/setup/check_setup.py".format(
            sys.version_info[0], sys.version_info[1], sys.executable
        )
    )

# The workspace comes before Python's own modules: tito, the notebooks and the tests would import these files instead.
hiding = [name for name in os.listdir(ROOT) if name.endswith(".py") and name[:-3] in sys.stdlib_module_names]
if hiding:
    sys.exit(
        "A module of Python's own has this name: {}\nGive the file another one, in {}".format(", ".join(hiding), ROOT)
    )

sys.path.insert(0, ROOT)

try:
    from tito.cli import main
except KeyboardInterrupt:
    sys.exit(130)
except ImportError as error:
    if (error.name or "").split(".")[0] == "tito":
        sys.exit("The folder tito is not complete: {}\nBring it back with: git restore tito".format(error))
    from pathlib import Path

    from tito.environment import what_helps

    said = "is not installed" if isinstance(error, ModuleNotFoundError) else "is not complete ({})".format(error)
    sys.exit("{} {} for {}.\n{}".format(error.name, said, sys.executable, what_helps(Path(ROOT))))

if __name__ == "__main__":
    main()
