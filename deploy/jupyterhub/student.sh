#!/bin/sh
# Starts a student's server, as that student. The first time it clones the workspace that `tito kit` made.
umask 077
hub=/srv/hub
cd "$HOME" || exit 3
if [ ! -e "TinyTorch" ]; then git clone --quiet "$hub/TinyTorch.git" "TinyTorch"; fi
if [ -d "TinyTorch" ] && [ ! -e "TinyTorch/.venv" ]; then
    rm -f "TinyTorch/.venv" # a link that leads nowhere
    ln -s "$hub/env" "TinyTorch/.venv" # the guide's `source .venv/bin/activate` works here, too
fi
# Kernels and terminals import tito and tinytorch from the student's own workspace; the server itself, by -I, does not.
export PYTHONPATH="$HOME/TinyTorch" PATH="$hub/env/bin:$PATH"
exec "$hub/env/bin/python" -I -m jupyterhub.singleuser "$@"
