"""A PostgreSQL of the tests' own."""

import glob
import os
import shutil
import socket
import subprocess
from pathlib import Path


class Cluster:
    """A PostgreSQL of the test's own, in a temporary folder, on a free port of this machine.

    sockets: a folder in which it listens, too: who sees that folder needs no network of this machine
    """

    def __init__(self, folder, sockets=""):
        self.sockets = sockets
        self.data = Path(folder) / "data"
        initdb = max(glob.glob("/usr/lib/postgresql/*/bin/initdb"), default=shutil.which("initdb"))
        assert initdb, "PostgreSQL's server is not installed: apt-get install postgresql"
        self.bin = Path(initdb).parent
        self.user = {"user": "nobody"} if os.getuid() == 0 else {}  # it refuses to be root
        if self.user:
            shutil.chown(folder, "nobody")
        self.run("initdb", "-D", self.data, "-U", "grader", "--auth=trust", "--no-sync")
        self.start_on_a_free_port()
        self.url = self.create("gradebook")

    def run(self, program, *arguments):
        command = [str(word) for word in (self.bin / program, *arguments)]
        subprocess.run(command, check=True, capture_output=True, cwd="/", **self.user)

    def create(self, name, template="template1"):
        """Make a database; its URL. template: the database that it is a copy of"""
        self.run("createdb", "-h", "127.0.0.1", "-p", self.port, "-U", "grader", "-T", template, name)
        return f"postgresql+psycopg://grader@127.0.0.1:{self.port}/{name}"

    def start_on_a_free_port(self):
        """On another one where somebody takes it in the moment between looking and starting."""
        for last in (False, False, False, True):
            with socket.create_server(("127.0.0.1", 0)) as free:
                self.port = free.getsockname()[1]
            try:
                return self.start()
            except subprocess.CalledProcessError:
                if last:
                    raise

    def start(self):
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.sockets} -c fsync=off"
        self.run("pg_ctl", "-D", self.data, "-w", "-l", self.data / "log", "-o", options, "start")

    def stop(self):
        self.run("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")
