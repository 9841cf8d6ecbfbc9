#!/bin/sh
# Gives the JSON Schemas, and all cases of tests/schema, to validators that others wrote: tests/editors/run.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cases=$(mktemp -d)
trap 'rm -rf "$cases"' EXIT
(cd "$here/../.." && CASES="$cases" cargo test --quiet --test schema)
[ -d "$here/node_modules/yaml-language-server" ] || (cd "$here" && npm ci --silent)
node "$here/run.mjs" "$cases"
