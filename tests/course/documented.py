"""The commands that people read in README and docs, line by line, and how each is known to work.

The guides of students are not here: tests/journeys/test_student.py types them, word for word.
"""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"(?ms)^ *```(\w*)\n(.*?)^ *```")
PRINTED = re.compile(r"loss \d|cli →|→|[\w ]+_assignsubmission_|\d+,,|#")  # what a block shows that nobody types

# A pattern of lines → what tests/journeys/test_documented.py types, in this order, and with what it ends.
TYPED = {
    r"tito release (?:setup|tensor|mlp)(?: && tito kit)?|tito kit": ("tito release setup && tito kit", 0),
    r"git -C dist/TinyTorch remote add origin \S+": ("git -C dist/TinyTorch remote add origin REMOTE", 0),
    r"git -C dist/TinyTorch push origin main": ("git -C dist/TinyTorch push -q origin main", 0),
    r"git remote add course \S+": ("git -C STUDENT remote add course REMOTE", 0),
    r"git fetch course": ("git -C STUDENT fetch -q course", 0),
    r"git branch --set-upstream-to course/main main": ("git -C STUDENT branch --set-upstream-to course/main main", 0),
    r"tito collect \w+ \S+/inbound": ("tito collect setup INBOUND", 0),
    r"tito grade (?:setup|tensor|mlp)": ("tito grade setup", 0),
    r"tito grade mlp --only check_linear": ("tito grade setup --only check_format_bytes", 0),
    r"tito grade mlp --accept": ("tito grade setup --accept", 0),
    r"tito grade mlp --accept --student ada": ("tito grade setup --accept --student ada", 0),
    r"tito feedback (?:setup|tensor|mlp|<module>) --zip": ("tito feedback setup --zip", 1),  # an answer waits
    r"tito report": ("tito report", 0),
    r"tito grades export --for canvas": ("tito grades export --for canvas", 0),
    r"tito otter build \w+": ("tito otter build setup", 0),
    r"tito otter check \w+": ("tito otter check setup", 0),
    r"umask 077": ("umask 077", 0),
    r"sqlite3 gradebook.db .*": ("sqlite3 gradebook.db \".backup 'BACKUP/gradebook.db'\"", 0),
    r"mkdir -p replaced": ("mkdir -p replaced", 0),
    r"tar -czf .*": ("tar -czf BACKUP/work.tar.gz submitted replaced autograded source *.yml", 0),
    r"rm -f gradebook.db .*": ("rm -f gradebook.db gradebook.db-wal gradebook.db-shm && cp BACKUP/gradebook.db .", 0),
    r"tar -xzf .*": ("rm -r submitted autograded && tar -xzf BACKUP/work.tar.gz", 0),
    r"tito doctor && tito grade setup .*": ("tito grade setup", 0),
    r"tito tidy": ("tito tidy --check", 0),
}
BY_A_TEST = {
    r"make demo": "tests/journeys/test_instructor.py",
    r"tito upgrade": "tests/journeys/test_new.py",
    r"tito new-module rnn --after cnn --needs tensor mlp": "tests/journeys/test_new.py",
    r"tito release rnn && pytest -k rnn": "tests/journeys/test_new.py",
    r"tito collect \w+ \S+.zip|tito collect setup downloads/": "tests/autograder/intake/test_collect.py",
    r'tito collect tensor class.zip --map decided.csv --time "in time"': "tests/autograder/intake/test_collect.py",
    r"tito feedback \S+ --exchange": "tests/autograder/gradebook/test_stops.py",
    r"tito mark tensor": "tests/autograder/manual_grading/test_page.py",
    r"tito watch": "tests/autograder/watching/test_watch.py",
    r"tito release setup && nbgrader release_assignment setup && tito kit": "tests/journeys/test_hub.py",
    r"git -C dist/TinyTorch push /srv/hub/TinyTorch.git main": "tests/journeys/test_hub.py",
    r"/srv/tinytorch/deploy/jupyterhub/install.sh": "tests/journeys/test_hub.py",
    r"usermod --append --groups tinytorch-staff tess": "tests/journeys/test_hub.py",
    r"pg_dump .*|DATABASE=.*": "tests/journeys/test_instructor.py",
    r"pg_restore .*": "tests/journeys/test_instructor.py",
    r"python tests/course/delete_statements.py tensor": "tests/course/test_statements.py",
}
BECAUSE = {
    r"pip install uv|uvx --from git\+\S+ tito new ml101": "from the package index: minutes. Before a version: by hand",
    r"cd ml101 && make setup && source .venv/bin/activate": "the same",
    r"make test": "it is what runs these tests",
    r"pytest tests/course -k tensor": "they run with all tests",
    r"dask .*|tito grade --scheduler .*": "a cluster of several machines",
    r"docker .*": "a service; tests/image.py builds and uses the image by hand",
    r"sudo tljh-config .*": "The Littlest JupyterHub's own command",
    r"cp \S+/tinytorch-hub.service .*|systemctl .*": "systemd; tests/journeys/test_hub.py runs the unit's command",
}


def documented() -> Iterator[tuple[str, str]]:
    """Each command that people read: its page, and the line without its comment."""
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted(ROOT.glob("docs/*.md"))]:
        for language, block in BLOCK.findall(path.read_text(encoding="utf-8")):
            for line in block.splitlines() if language in ("", "sh", "bash") else ():
                command = re.sub(r"\s+#.*|^\S+\d?\$ +", "", line).strip()
                if command and not PRINTED.match(command):
                    yield path.name, command
