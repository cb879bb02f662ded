"""A term on a JupyterHub: what deploy/jupyterhub/ installs, on a machine of the test's own, used by each kind of user.

Students click in their servers, the TA in formgrader, and the instructor types. Then everybody tries to read the rest.
"""

import json
import os
import re
import time
from contextlib import suppress
from pathlib import Path

import nbformat
import pytest
import requests
import websocket

from autograder.demo.simulate import Simulation
from autograder.engine import sandbox
from autograder.handing_back.sending import MARK
from autograder.judging.source import Source
from tests.journeys.machine import COURSE, EXCHANGE, HUB, PYTHON, ROOT, Machine
from tito.workspace import Workspace

pytestmark = pytest.mark.needs("machine")

ADDRESS = "127.0.0.1:8000"
STAFF, STUDENTS = ("tess",), ("ada", "ben")
SECONDS = 180  # for the slowest step of a busy machine
DATABASE = "/srv/postgresql"
LIST = "course_id=tinytorch"
NOTEBOOK = "TinyTorch/modules/setup/setup_dev.ipynb"
INBOUND = f"{EXCHANGE}/tinytorch/inbound"
TRY_ALL = """
import json, os, sys
def opens(path):
    try:
        os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(1)
    except (PermissionError, FileNotFoundError, NotADirectoryError):
        return False
    return True
print(json.dumps([path for path in json.load(open("/tmp/paths.json")) if opens(path)]))
"""


class Person:
    """Somebody with a browser: logged in to the hub, with a token of their own."""

    def __init__(self, name: str):
        self.name, self.web = name, requests.Session()
        self.web.trust_env = False
        self.web.get(f"http://{ADDRESS}/hub/login", timeout=SECONDS)
        form = {"username": name, "password": "any", "_xsrf": self.web.cookies.get("_xsrf", path="/hub/")}
        self.web.post(f"http://{ADDRESS}/hub/login", data=form, allow_redirects=False, timeout=SECONDS)
        made = self.ask("POST", f"/hub/api/users/{name}/tokens", headers={"X-XSRFToken": self.xsrf}, json={})
        self.token = {"Authorization": f"token {made.json()['token']}"}

    @property
    def xsrf(self) -> str:
        return next(one.value for one in self.web.cookies if one.name == "_xsrf" and one.path == "/hub/")

    def ask(self, method: str, path: str, code: int | None = None, **options) -> requests.Response:
        """What a page answers, which must be with `code`; without one, well."""
        answer = self.web.request(method, f"http://{ADDRESS}{path}", timeout=SECONDS, **options)
        right = answer.status_code == code if code else answer.ok
        assert right, f"{self.name}: {method} {path}: {answer.status_code}\n{answer.text[:2000]}"
        return answer

    def api(self, method: str, path: str, code: int | None = None, **options) -> requests.Response:
        """The same by the person's token, without cookies."""
        with requests.Session() as plain:
            plain.trust_env = False
            answer = plain.request(
                method, f"http://{ADDRESS}{path}", headers=self.token, timeout=SECONDS, allow_redirects=False, **options
            )
        right = answer.status_code == code if code else answer.ok
        assert right, f"{self.name}: {method} {path}: {answer.status_code}\n{answer.text[:2000]}"
        return answer

    def start(self, name: str) -> None:
        """Start the server of `name`, as the hub's button does, and wait until it serves."""
        self.api("POST", f"/hub/api/users/{name}/server")
        wait_for(lambda: self.api("GET", f"/user/{name}/api/status").status_code == 200)

    def own(self, method: str, path: str, code: int | None = None, **options) -> requests.Response:
        """A page of the person's own server."""
        return self.api(method, f"/user/{self.name}{path}", code, **options)

    def click(self, button: str) -> list[dict]:
        """A button of nbgrader's assignment list, or "" for the list: rows as the list shows them."""
        if not button:
            said = self.own("GET", f"/assignments?{LIST}").json()
        else:
            said = self.own("POST", f"/assignments/{button}?{LIST}&assignment_id=setup").json()
        assert said["success"], said
        return said["value"]

    def status(self) -> str:
        """Of the released module in the assignment list."""
        (row,) = [row for row in self.click("") if row["status"] in ("released", "fetched")]
        return row["status"]

    def run(self, code: str) -> str:
        """What `code` prints in a kernel of the person's own."""
        kernel = self.own("POST", "/api/kernels", json={"name": "python3", "path": "TinyTorch/modules/setup"}).json()[
            "id"
        ]
        address = f"ws://{ADDRESS}/user/{self.name}/api/kernels/{kernel}/channels"
        header = [f"{name}: {value}" for name, value in self.token.items()]
        channel = websocket.create_connection(address, header=header, timeout=SECONDS, http_no_proxy=["*"])
        content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False, "user_expressions": {}}
        head = {"msg_id": "1", "msg_type": "execute_request", "session": "1", "username": "", "version": "5.3"}
        channel.send(
            json.dumps({"header": head, "parent_header": {}, "metadata": {}, "channel": "shell", "content": content})
        )
        printed, ended = "", set()
        while ended != {"execute_reply", "idle"}:
            said = json.loads(channel.recv())
            if said["parent_header"].get("msg_id") == "1":
                printed += said["content"].get("text", "") + "\n".join(said["content"].get("traceback", []))
                ended |= {said["msg_type"], said["content"].get("execution_state")} & {"execute_reply", "idle"}
        channel.close()
        self.own("DELETE", f"/api/kernels/{kernel}")
        return printed


def wait_for(done, seconds=SECONDS):
    """What `done()` returns once it is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(requests.ConnectionError):
            if found := done():
                return found
        time.sleep(0.2)
    raise TimeoutError("it does not happen")


FETCHING = ("PIP_", "UV_", "SSL_", "NODE_")  # the variables by which packages are fetched here
ONLINE = {"network": True} | {name: value for name, value in os.environ.items() if name.startswith(FETCHING)}


@pytest.fixture
def machine(clone, gradebook, tmp_path):
    """A machine with the course, as `make setup` leaves it, and its users."""
    shared = {DATABASE: Path(gradebook.sockets)} if gradebook else {}
    made = Machine(tmp_path / "machine", clone, shared)
    try:
        for name in ("instructor", *STAFF, *STUDENTS):
            made.run("root", f"useradd --create-home --shell /bin/bash {name} && chmod 700 /home/{name}")
        made.run("root", f"cd {COURSE} && ls -A | grep -vx .venv | xargs chown -R instructor && chown instructor .")
        made.run("root", f"chmod 755 {COURSE}")  # as after git clone
        if not Path(f"{made.folder}{COURSE}/.venv/installed").exists():
            made.run("root", f"cd {COURSE} && make setup PYTHON={PYTHON} && chown -R instructor .venv", **ONLINE)
        if gradebook:
            address = f"postgresql+psycopg://grader@/gradebook?host={DATABASE}&port={gradebook.port}"
            made.variables = {user: {"TINYTORCH_GRADEBOOK": address} for user in ("root", "instructor")}
        yield made
    finally:
        made.end()


def test_a_term_on_a_hub(machine, clone, gradebook):
    no_database = {} if gradebook else {"database": "tito release"}
    without = {"folder": "chmod 700", "exchange": "mkdir -p", "configuration": "load_subconfig"}
    lacking(machine, without | no_database)
    install = f"PYTHON={PYTHON} {COURSE}/deploy/jupyterhub/install.sh"
    machine.run("root", install, **ONLINE)
    lacking(machine, no_database)
    machine.run("root", f"chown ben {EXCHANGE}/tinytorch")  # as if he had been first to make it
    lacking(machine, no_database | {"exchange": f"chown instructor {EXCHANGE}/tinytorch"})
    machine.run("root", install)
    lacking(machine, no_database)
    release(machine)
    lacking(machine, {})
    start_hub(machine)
    ada, ben, tess = (Person(name) for name in (*STUDENTS, *STAFF))
    for student in (ada, ben):
        student.start(student.name)
    work(machine, clone, ada)
    fetch_anew(ben)
    for student in (ada, ben):
        (row,) = [row for row in student.click("submit") if row["status"] == "submitted"]
        assert len(row["submissions"]) == 1
    watch(machine, ada)
    machine.run("instructor", unit("nightly"))
    tess.start("instructor")
    grade_by_hand(tess)
    machine.run("instructor", f"cd {COURSE} && .venv/bin/tito feedback setup --exchange")
    assert "12 of 12 points" in words(page_of(ada))
    assert "4 of 12 points" in words(page_of(ben))
    lacking(machine, {"watch": "systemctl start tinytorch-watch"})
    closed_in_the_browser(ada, ben, tess)
    closed_on_the_disk(machine, ada, ben, [] if gradebook else ["gradebook.db"])


def lacking(machine, expected: dict[str, str]) -> None:
    """What `tito doctor` finds to do: about → a part of what it says to type. What the whole machine lacks apart."""
    code = 1 if expected or sandbox.absent() else 0
    said = machine.run("instructor", f"cd {COURSE} && .venv/bin/tito doctor --json", code)
    found = {one["about"]: one["help"] for one in json.loads(said) if one["help"]}
    assert bool(found.pop("isolation", "")) == bool(sandbox.absent())
    assert found.keys() == expected.keys()
    for about, part in expected.items():
        assert part in found[about]


def unit(name: str) -> str:
    """The line of shell that does what systemd does with a unit of deploy/systemd/."""
    text = (ROOT / f"deploy/systemd/tinytorch-{name}.service").read_text(encoding="utf-8")
    said = dict(re.findall(r"(?m)^(ExecStart|WorkingDirectory|UMask)=(.*)$", text))
    return f"umask {said.get('UMask', '0022')}; cd {said['WorkingDirectory']}; exec {said['ExecStart']}"


def release(machine) -> None:
    """The instructor gives out one module: in the exchange, and in the workspace that students clone."""
    lines = ["tito release setup", "nbgrader release_assignment setup", "tito kit"]
    lines += [f"git -C dist/TinyTorch push --quiet {HUB}/TinyTorch.git main"]
    machine.run("instructor", f"umask 077; cd {COURSE}; PATH=$PWD/.venv/bin:$PATH; {' && '.join(lines)}")


def start_hub(machine) -> None:
    """Start it as the unit does, with an authenticator that lets everybody in."""
    machine.run("root", f"echo 'c.JupyterHub.authenticator_class = \"dummy\"' >>{HUB}/jupyterhub_config.py")
    machine.run("root", "usermod --append --groups tinytorch-staff tess")
    machine.start("root", unit("hub"))
    machine.enter_network()
    wait_for(lambda: requests.get(f"http://{ADDRESS}/hub/api", timeout=SECONDS).ok)


def work(machine, clone, ada) -> None:
    """Her workspace is there, the module counts as fetched, kernels import tito, JupyterLab saves what she writes."""
    assert ada.status() == "fetched"
    found = ada.run(
        "import tito, tinytorch, importlib.util; print(tito.__file__, importlib.util.find_spec('autograder'))"
    )
    assert found.strip() == "/home/ada/TinyTorch/tito/__init__.py None"
    activate = "!cd ~/TinyTorch && source .venv/bin/activate && "
    setup = ada.run(f"{activate} python modules/setup/check_setup.py; tito info; git status --short")
    assert "virtual environment .venv is active" in setup
    assert "packages as in requirements.txt" in setup
    assert "✅ tito command" in setup
    assert "??" not in setup
    source = Source.of(Workspace.find(clone), "setup")
    released = machine.folder / COURSE[1:] / "release/setup/setup_dev.ipynb"
    solved = Simulation(source, released, clone / "tests/course/versions").perfect()
    content = json.loads(nbformat.writes(solved))
    ada.own("PUT", f"/api/contents/{NOTEBOOK}", json={"type": "notebook", "content": content})


def fetch_anew(ben) -> None:
    """He has deleted the module's folder, and fetches it."""
    ben.run("import os, shutil; os.chdir('/'); shutil.rmtree('/home/ben/TinyTorch/modules/setup')")
    assert ben.status() == "released"
    ben.click("fetch")
    assert ben.status() == "fetched"
    ben.own("GET", f"/api/contents/{NOTEBOOK}")


def watch(machine, ada) -> None:
    """`tito watch` runs, as its unit has it, until the first student finds a provisional page."""
    watching = machine.start("instructor", f"echo $$ >/tmp/watch.pid; {unit('watch')}")
    wait_for(lambda: MARK in page_of(ada))
    machine.run("instructor", "kill -INT $(cat /tmp/watch.pid)")
    assert watching.wait(SECONDS) == 130


def grade_by_hand(tess) -> None:
    """The TA opens formgrader, and grades all answers on the course's page, under her own name."""
    service = "/user/instructor"
    assert "nbgrader formgrade" in tess.api("GET", f"{service}/formgrader/manage_assignments").text
    rows = tess.api("GET", f"{service}/formgrader/api/assignments").json()
    assert [row["name"] for row in rows if row["num_submissions"]] == ["setup"]
    api = f"{service}/manual-grading/api/questions"
    for question in tess.api("GET", api).json()["questions"]:
        here = f"{api}/{question['module']}/{question['name']}"
        asked = tess.api("GET", here).json()
        for one in asked["answers"]:
            grade = {"score": asked["points"], "comment": "Clear.", "version": one["version"]}
            saved = tess.api("PUT", f"{here}/{one['id']}", json=grade).json()["answer"]
            assert (saved["by"], saved["waits"]) == ("tess", False)


def page_of(student) -> str:
    """The feedback page that the student fetches and opens; "" where there is none."""
    (row,) = [row for row in student.click("fetch_feedback") if row["status"] == "submitted"]
    (submission,) = row["submissions"]
    if not submission["has_local_feedback"]:
        return ""
    return student.own("GET", f"/api/contents/{submission['local_feedback_path']}/setup_dev.html").json()["content"]


def words(page: str) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def closed_in_the_browser(ada, ben, tess) -> None:
    """Students are let into their own servers alone, staff into their own and the course's."""
    for path in (
        "formgrader",
        "formgrader/api/assignments",
        "manual-grading/api/questions",
        "api/contents/gradebook.db",
        "lab",
    ):
        ada.api("GET", f"/user/instructor/{path}", 403)
    for student in (ada, ben):
        student.own("GET", "/formgrader/api/assignments", 404)
        student.own("GET", "/manual-grading/api/questions", 404)
        student.api("GET", "/hub/api/users", 403)
    for other in (ben, tess):
        other.api("GET", "/user/ada/api/contents", 403)
        other.api("GET", f"/user/ada/files/{NOTEBOOK}", 403)
        other.api("GET", "/hub/api/users/ada", 404)
    tess.api("GET", "/user/instructor/api/contents/course.yml")


def closed_on_the_disk(machine, ada, ben, database: list[str]) -> None:
    """Every file that belongs to somebody else is tried, by students in kernels, by the TA in a shell."""
    listed = machine.run(
        "root",
        f"find {COURSE} {HUB}/state /home /proc/[0-9]*/environ -path {COURSE}/.venv/lib -prune -o -printf '%u %p\\0'",
    )
    entries = [entry.split(" ", 1) for entry in listed.split("\0") if entry]
    for tried in (
        *database,
        "source/setup/setup_dev.ipynb",
        "submitted/ben/setup/setup_dev.ipynb",
        "feedback/ben/setup/setup_dev.html",
    ):
        assert f"{COURSE}/{tried}" in [path for _, path in entries]
    hidden = [f"{INBOUND}", f"{EXCHANGE}/tinytorch/feedback"]
    for name in (*STUDENTS, *STAFF):
        paths = [path for owner, path in entries if owner != name and path != "/home"] + hidden
        (machine.folder / "tmp/paths.json").write_text(json.dumps(paths))
        person = {"ada": ada, "ben": ben}.get(name)
        said = person.run(TRY_ALL) if person else machine.run(name, f"{PYTHON} - <<'end'\n{TRY_ALL}\nend")
        assert json.loads(said) == [], f"{name} can read these"
    found = ada.run(f"!find {EXCHANGE}/tinytorch -type f 2>/dev/null")
    assert {line.split("/")[7] for line in found.split()} == {"outbound"}
