#!/bin/sh
# Opens the built site and the preview in Chromium: tests/browser/run.sh [WEEKMARK] [--only disk,folder,preview,live,states,letters,ecard,filter,search]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ -d "$here/node_modules/playwright-core" ] || (cd "$here" && npm ci --silent)
exec node "$here/run.mjs" "$@"
