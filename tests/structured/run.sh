#!/bin/sh
# Holds the structured data of pages against schema.org's vocabulary, and feeds against a reader that others wrote:
# tests/structured/run.sh [WEEKMARK]
# Needs Python with venv; the network only for what is installed, once, into target/structured.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
weekmark=${1:-$root/target/debug/weekmark}
case $weekmark in /*) ;; *) weekmark=$PWD/$weekmark ;; esac
tools=$root/target/structured
if ! cmp -s "$here/requirements.txt" "$tools/installed.txt"; then
    rm -rf "$tools/venv"
    python3 -m venv "$tools/venv"
    "$tools/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$tools/installed.txt"
fi
python() { "$tools/venv/bin/python" -B "$@"; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
build() { "$weekmark" --root "$1" build --today 2026-11-22 >"$work/said" 2>&1 || { cat "$work/said"; exit 1; }; }

echo 'The sample site'
mkdir "$work/sample"
cp -R "$root/site.yaml" "$root/content" "$root/themes" "$work/sample"
build "$work/sample"
python "$here/check.py" "$work/sample/public" --wants WebSite,BreadcrumbList,Article,FAQPage,Question,Answer
python "$here/feeds.py" "$work/sample/public" --at-least 2

echo 'A small site with everything'
cp -R "$here/site" "$work/all"
python "$here/pictures.py" "$work/all"
cp -R "$root/themes" "$work/all"
build "$work/all"
python "$here/check.py" "$work/all/public" --wants WebSite,Organization,ContactPoint,ImageObject,BreadcrumbList,Article,FAQPage,Event,Place,VirtualLocation
python "$here/feeds.py" "$work/all/public" --at-least 3
python "$here/icons.py" "$work/all/public"

echo 'The same without an address'
sed -i.bak '/^base_url/d' "$work/all/site.yaml"
build "$work/all"
python "$here/check.py" "$work/all/public" --wants WebSite,Organization,Article,FAQPage,Event

echo 'What must be found'
python "$here/slips.py"
