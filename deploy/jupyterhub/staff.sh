#!/bin/sh
# Starts the server of instructors and TAs, as the user who owns the course's folder.
umask 077
cd /srv/tinytorch || exit 3
exec .venv/bin/jupyterhub-singleuser --ServerApp.root_dir=/srv/tinytorch "$@"
