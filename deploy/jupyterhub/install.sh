#!/bin/sh
# Makes /srv/hub, and what else a JupyterHub for this course needs. For root, after `make setup`; again after an upgrade:
#   /srv/tinytorch/deploy/jupyterhub/install.sh
# It makes no user, and starts nothing. What is your own stays: /srv/hub/jupyterhub_config.py, /etc/jupyter.
set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd)
folder=$(cd "$here/../.." && pwd)
owner=$(stat -c %U "$folder")
hub=/srv/hub
exchange=/usr/local/share/nbgrader/exchange
cd "$folder"

stop() { echo "$1" >&2; exit 1; }
[ "$(id -u)" = 0 ] || stop "this needs root"
[ "$owner" != root ] || stop "$folder belongs to root. First: chown -R it to the user who grades"
[ -x .venv/bin/python ] || stop "$folder has no .venv. First: make setup, as $owner"

as_owner() { runuser -u "$owner" -- "$@"; }
course() { as_owner .venv/bin/python -c "from tito.workspace import Workspace; print(Workspace.find().course.$1)"; }
name=$(course course)
repository=$(course repository)

# packages FILE PYTHON...: install what is pinned, unless that was done
packages() {
    pins=$here/$1
    shift
    done=$("$@" -c 'import sys; print(sys.prefix)')/hub-requirements.txt
    if cmp -s "$pins" "$done"; then return; fi
    "$@" -m pip install --quiet "$(grep -ho '^uv==[0-9.]*' "$pins" requirements.txt | head -n 1)"
    # compiled now, because students can't write there
    "$@" -m uv pip install --quiet --compile-bytecode --require-hashes --requirement "$pins"
    "$@" -c 'import shutil, sys; shutil.copy(*sys.argv[1:])' "$pins" "$done"
}
# lay FILE PLACE: copy a file, with the names of this course
lay() {
    plain() { printf %s "$1" | sed 's/[&|\\]/\\&/g'; }
    sed -e "s|/srv/tinytorch|$(plain "$folder")|g" -e "s|\"instructor\"|\"$owner\"|" \
        -e "s|\"tinytorch\"|\"$(plain "$name")\"|" -e "s|TinyTorch|$(plain "$repository")|g" "$here/$1" >"$2"
    chmod 644 "$2"
}

getent group "$name-staff" >/dev/null || groupadd "$name-staff"
chmod 700 "$folder"
mkdir -p "$hub/state" "$exchange" /etc/jupyter
chmod 700 "$hub/state" # the hub's database and secrets
chmod 1777 "$exchange"
install -d -o "$owner" -m 755 "$exchange/$name" # before anybody else makes it

[ -x "$hub/env/bin/python" ] || "${PYTHON:-python3}" -m venv "$hub/env"
packages students/requirements.txt "$hub/env/bin/python"
packages requirements.txt as_owner .venv/bin/python
if [ ! -x "$hub/env/bin/tito" ]; then
    cp -r "$here/students/command" "$hub"
    "$hub/env/bin/python" -m uv pip install --quiet --no-build-isolation "$hub/command"
fi
if ! cmp -s "$here/package-lock.json" "$hub/node_modules/package-lock.json"; then
    cp "$here/package.json" "$here/package-lock.json" "$hub"
    npm ci --silent --ignore-scripts --prefix "$hub"
    cp "$here/package-lock.json" "$hub/node_modules" # last: what was interrupted is done again
fi

lay jupyterhub_config.py "$hub/course_config.py"
for script in student.sh staff.sh; do lay "$script" "$hub/$script" && chmod 755 "$hub/$script"; done
lay students/nbgrader_config.py "$hub/env/etc/jupyter/nbgrader_config.py"
lay students/jupyter_server_config.json "$hub/env/etc/jupyter/jupyter_server_config.json"
mkdir -p "$hub/env/etc/jupyter/labconfig" && lay students/page_config.json "$hub/env/etc/jupyter/labconfig/page_config.json"
[ -e /etc/jupyter/nbgrader_config.py ] || lay nbgrader_config.py /etc/jupyter/nbgrader_config.py
if [ ! -e "$hub/jupyterhub_config.py" ]; then
    printf '%s\n' '# Your own settings of the hub. Those of the course come first.' \
        "load_subconfig(\"$hub/course_config.py\")" >"$hub/jupyterhub_config.py"
fi

# Formgrader and nbgrader find the course from the owner's home, too.
as_owner env FOLDER="$folder" sh -c 'cd && umask 077 && mkdir -p .jupyter && [ -e .jupyter/nbgrader_config.py ] ||
    echo "c = get_config(); load_subconfig(\"$FOLDER/nbgrader_config.py\")" >.jupyter/nbgrader_config.py'

# What students clone. The owner pushes; git serves a folder of another user only where this is allowed.
kit=$hub/$repository.git
if [ ! -d "$kit" ]; then
    install -d -o "$owner" "$kit"
    as_owner git init --quiet --bare --shared=0644 --initial-branch=main "$kit"
fi
git config --system --get-all safe.directory | grep -qxF "$kit" || git config --system --add safe.directory "$kit"

echo "$hub is ready. Instructors and TAs: usermod -aG $name-staff NAME. The kit: git -C dist/$repository push $kit main"
echo "Start the hub: systemctl start tinytorch-hub. Then, as $owner: tito doctor"
