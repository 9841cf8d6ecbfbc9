#!/bin/sh
# Searches built sites with the theme's own script and library: tests/search/run.sh [WEEKMARK]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ -d "$here/node_modules/minisearch" ] || (cd "$here" && npm ci --silent)
exec node "$here/run.mjs" "$@"
