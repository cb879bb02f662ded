"""The hub for the course: each student's server in a workspace of the student's own, formgrader for staff alone.

install.sh copies this file to /srv/hub/course_config.py. Settings of your own: /srv/hub/jupyterhub_config.py.
"""

import grp
import os
from pathlib import Path

COURSE = "tinytorch"  # as in course.yml
FOLDER = "/srv/tinytorch"  # the course's folder, mode 700
OWNER = "instructor"  # the only user of this machine who can open it
HUB = Path("/srv/hub")

# Who uses formgrader and the page for answers. A role, because a hub takes nobody out of a group of its own again.
STAFF = grp.getgrnam(f"{COURSE}-staff").gr_mem

c = get_config()  # noqa: F821  (JupyterHub defines it)

c.JupyterHub.bind_url = "http://127.0.0.1:8000"  # a web server with a certificate stands before it
c.JupyterHub.db_url = f"sqlite:///{HUB}/state/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = f"{HUB}/state/jupyterhub_cookie_secret"
c.ConfigurableHTTPProxy.command = f"{HUB}/node_modules/.bin/configurable-http-proxy"
c.ConfigurableHTTPProxy.pid_file = f"{HUB}/state/jupyterhub-proxy.pid"

c.Authenticator.allow_all = True  # whoever has an account on this machine
c.Authenticator.allowed_users = {OWNER}  # the hub knows the owner from the start

c.Spawner.cmd = f"{HUB}/student.sh"
c.Spawner.default_url = "/lab/tree/TinyTorch"
c.Spawner.disable_user_config = True  # what a student writes into ~/.jupyter doesn't change the server
c.Spawner.start_timeout = c.Spawner.http_timeout = 180  # a class starts its servers in the same minute


def serve_the_course(spawner):
    """The owner's server is that of all instructors and TAs: in the course's folder, in the course's environment."""
    if spawner.user.name == OWNER:
        spawner.cmd = [f"{HUB}/staff.sh"]
        spawner.default_url = "/formgrader"
        spawner.environment = {name: os.environ[name] for name in ("TINYTORCH_GRADEBOOK",) if name in os.environ}


c.Spawner.pre_spawn_hook = serve_the_course
c.JupyterHub.load_roles = [
    {
        "name": f"{COURSE}-staff",
        "users": STAFF,
        "scopes": [f"{may}!user={OWNER}" for may in ("access:servers", "servers", "read:users:name", "list:users")],
    }
]
