"""The door to tito: `python bin/tito.py --help`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

try:
    from tito.cli import main
except ModuleNotFoundError as error:
    sys.exit(
        f"{error.name} is not installed for {sys.executable}.\n"
        "Activate the environment first: source .venv/bin/activate\n"
        "Not made yet? See modules/setup/README.md."
    )
except KeyboardInterrupt:
    sys.exit(130)

if __name__ == "__main__":
    main()
