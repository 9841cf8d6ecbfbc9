#!/bin/sh
# Gives the dates and the calendar files to programs that others wrote: tests/calendars/run.sh [WEEKMARK]
# Needs Python with venv and Node; the network only for what is installed, once, into target/calendars.
set -eu
# How many calendar files the sample site has at least.
files=20

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
weekmark=${1:-$root/target/debug/weekmark}
case $weekmark in /*) ;; *) weekmark=$PWD/$weekmark ;; esac
tools=$root/target/calendars
if ! cmp -s "$here/requirements.txt" "$tools/installed.txt"; then
    rm -rf "$tools/venv"
    python3 -m venv "$tools/venv"
    "$tools/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$tools/installed.txt"
fi
[ -d "$here/node_modules/ical.js" ] || (cd "$here" && npm ci --silent)
python() { "$tools/venv/bin/python" -B "$@"; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo 'Dates'
python "$here/dates.py" "$weekmark"

echo 'A calendar in which everything is odd'
(cd "$root" && CALENDARS="$work/odd" cargo test --quiet --test calendars)
python "$here/calendars.py" "$work/odd" --at-least 1

echo 'The calendars of the sample site, on two days'
for day in 2026-11-22 2027-03-01; do
    mkdir "$work/$day"
    cp -R "$root/site.yaml" "$root/content" "$root/themes" "$work/$day"
    "$weekmark" --root "$work/$day" build --today "$day" >"$work/said" 2>&1 || { cat "$work/said"; exit 1; }
    python "$here/calendars.py" "$work/$day/public" --at-least "$files"
done
# A day on which nothing was changed changes no file that somebody subscribed to.
failed=0
same=0
for file in $(cd "$work/2026-11-22/public" && find . -name '*.ics' | sort); do
    [ -e "$work/2027-03-01/public/$file" ] || continue
    if cmp "$work/2026-11-22/public/$file" "$work/2027-03-01/public/$file"; then
        same=$((same + 1))
    else
        failed=$((failed + 1))
    fi
done
[ "$same" -ge "$files" ] || failed=$((failed + 1))
echo "$same files are the same on both days, $failed failed"
[ "$failed" -eq 0 ]
