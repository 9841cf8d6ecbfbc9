#!/bin/sh
# Measures the published pages in every theme: tests/browser/quality.sh [WEEKMARK] [--theme NAMES] [--only PARTS] [--pages all|kinds]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ -d "$here/node_modules/lighthouse" ] || (cd "$here" && npm ci --silent)
exec node "$here/quality.mjs" "$@"
