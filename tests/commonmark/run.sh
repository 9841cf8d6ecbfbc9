#!/bin/sh
# Runs the examples of the CommonMark specification: tests/commonmark/run.sh [WEEKMARK]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
weekmark=${1:-$here/../../target/debug/weekmark}
[ $# -gt 0 ] && shift
case $weekmark in /*) ;; *) weekmark=$PWD/$weekmark ;; esac
[ -d "$here/node_modules/commonmark-spec" ] || (cd "$here" && npm ci --silent)
exec python3 "$here/run.py" "$weekmark" "$@"
