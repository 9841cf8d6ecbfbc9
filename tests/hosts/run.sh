#!/bin/sh
# Serves the sample site with Apache and nginx, by the files that weekmark makes for them: tests/hosts/run.sh [WEEKMARK]
set -eu
exec python3 "$(dirname "$0")/run.py" "$@"
