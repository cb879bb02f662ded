#!/bin/sh
# Collect and grade all released modules, and make the class page. For cron or a systemd timer:
#   30 3 * * *  /srv/tinytorch/deploy/nightly.sh >>/var/log/tinytorch-nightly.log 2>&1
# Exit code: the highest of the commands'. One that fails stops no other.
cd "$(dirname "$0")/.." || exit 3
exchange=${TINYTORCH_INBOUND:-/usr/local/share/nbgrader/exchange/tinytorch/inbound}
PATH="$PWD/.venv/bin:$PATH"
worst=0
try() { "$@"; code=$?; [ "$code" -le "$worst" ] || worst=$code; }

for folder in release/*/; do
    module=$(basename "$folder")
    [ -d "$folder" ] || continue
    if [ -d "$exchange" ] && ls "$exchange" | grep -qF "+$module+"; then try tito collect "$module" "$exchange"; fi
    if ls -d submitted/*/"$module" >/dev/null 2>&1; then try tito grade "$module"; fi
done
if ls -d autograded/*/* >/dev/null 2>&1; then try tito report; fi
exit $worst
