"""Reads every calendar file of a folder with three libraries that others wrote, and checks what RFC 5545 demands.

    calendars.py FOLDER [--at-least N]

icalendar, vobject and ical.js must read each file without complaint and agree about every event: its texts, and when
it begins and ends. Times of day are counted by the VTIMEZONE of the file and compared with Python's zone
database. Where a file UID.txt lies beside a calendar, the event must be what is written there: start and end in the
first line, the title in the second, the description in the others.
"""

import argparse
import json
import os
import subprocess
import sys
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

# The zone database of the pinned package, not that of the machine. Must be said before zoneinfo is loaded.
os.environ["PYTHONTZPATH"] = ""

from zoneinfo import ZoneInfo  # noqa: E402

import icalendar  # noqa: E402
import vobject  # noqa: E402

HERE = Path(__file__).resolve().parent
IN_CALENDAR = ("VERSION", "PRODID", "CALSCALE", "NAME", "X-WR-CALNAME")
IN_EVENT = ("UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "SUMMARY", "STATUS", "TRANSP")
TEXTS = ("summary", "description", "location", "status")


def bytes_of(raw):
    """What is wrong with the bytes: ends of lines, length, folding, characters (RFC 5545, sections 3.1 and 3.1.4)."""
    if not raw.endswith(b"\r\n"):
        yield "does not end with a line's end"
    lines = raw.split(b"\r\n")[:-1]
    for at, line in enumerate(lines, 1):
        if b"\r" in line or b"\n" in line:
            yield f"line {at}: a bare CR or LF"
        if len(line) > 75:
            yield f"line {at}: {len(line)} octets"
        if not line.strip():
            yield f"line {at}: nothing in it"
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            yield f"line {at}: no UTF-8, or a character is cut in two"
        else:
            if any(ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u2028\u2029" for c in text):
                yield f"line {at}: a control character"


def shown(value, counted_by=None):
    """A date as it is, a moment in UTC, as ical.js gives them."""
    if value is None:
        return None
    if not isinstance(value, datetime):
        return value.isoformat()
    if counted_by is not None:
        value = value.replace(tzinfo=counted_by)
    return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def all_components(component):
    yield component
    for below in component.subcomponents:
        yield from all_components(below)


def by_icalendar(raw, wrong):
    """UID → event, by icalendar; also everything that the RFC demands of the parts."""
    calendar = icalendar.Calendar.from_ical(raw.decode("utf-8"))
    for component in all_components(calendar):
        for name, error in component.errors:
            wrong(f"icalendar: {component.name} {name}: {error}")
    for name in IN_CALENDAR:
        if name not in calendar:
            wrong(f"no {name}")
    if calendar.get("VERSION") != "2.0":
        wrong("VERSION is not 2.0")
    zones = {str(zone["TZID"]): zone for zone in calendar.walk("VTIMEZONE")}
    if len(zones) != len(calendar.walk("VTIMEZONE")):
        wrong("two VTIMEZONE for one zone")
    used, read = set(), {}
    for event in calendar.walk("VEVENT"):
        uid = str(event.get("UID"))
        if uid in read:
            wrong(f"{uid} is there twice")
        for name in IN_EVENT:
            if name not in event:
                wrong(f"{uid}: no {name}")
        for name in ("DTSTAMP", "LAST-MODIFIED"):
            if name in event and event[name].dt.tzinfo is None:
                wrong(f"{uid}: {name} is not in UTC")
        start, end = event["DTSTART"], event.get("DTEND")
        if end is not None and isinstance(start.dt, datetime) != isinstance(end.dt, datetime):
            wrong(f"{uid}: a date and a time of day are mixed")
        if not isinstance(start.dt, datetime):
            if start.params.get("VALUE") != "DATE":
                wrong(f"{uid}: DTSTART is a date and does not say so")
            if end is None or end.dt <= start.dt:
                wrong(f"{uid}: the end of whole days is the day after the last")
        moments = []
        for one in (start, end):
            if one is None or not isinstance(one.dt, datetime):
                moments.append(shown(one and one.dt))
                continue
            name = one.params.get("TZID")
            if name is None:
                if one.dt.utcoffset() != timedelta(0):
                    wrong(f"{uid}: a time of day without a zone")
                moments.append(shown(one.dt))
                continue
            if name not in zones:
                wrong(f"{uid}: no VTIMEZONE {name}")
                moments.append(shown(one.dt, ZoneInfo(name)))
                continue
            used.add(name)
            own = zones[name].to_tz(lookup_tzid=False)
            moments.append(shown(one.dt, own))
            compare_zone(name, own, start.dt, (end or start).dt, lambda text, uid=uid: wrong(f"{uid}: {text}"))
            if shown(one.dt, ZoneInfo(name)) != moments[-1]:
                wrong(f"{uid}: VTIMEZONE gives {moments[-1]}, the database {shown(one.dt, ZoneInfo(name))}")
        if moments[1] is not None and moments[1] <= moments[0]:
            wrong(f"{uid}: ends before it begins")
        read[uid] = {"start": moments[0], "end": moments[1]}
        for name in TEXTS:
            read[uid][name] = str(event[name]) if name in event else None
        read[uid]["sequence"] = int(event["SEQUENCE"])
        read[uid]["stamp"] = shown(event["DTSTAMP"].dt)
    for name in set(zones) - used:
        wrong(f"VTIMEZONE {name} is not used")
    return read


def compare_zone(name, own, start, end, wrong):
    """The clock of the file's VTIMEZONE against the database, each half hour of the event."""
    start, end = start.replace(tzinfo=None), end.replace(tzinfo=None)
    database = ZoneInfo(name)
    steps = min(int((end - start) / timedelta(minutes=30)), 24 * 60) if end > start else 0
    for step in range(steps + 1):
        local = start + step * timedelta(minutes=30)
        there = local.replace(tzinfo=database)
        if there.astimezone(timezone.utc).astimezone(database).replace(tzinfo=None) != local:
            continue  # The clocks leave this time out.
        if there.utcoffset() != there.replace(fold=1).utcoffset():
            continue  # They show it twice; what an event means by it is compared apart.
        if local.replace(tzinfo=own).utcoffset() != there.utcoffset():
            wrong(f"at {local} in {name} VTIMEZONE says {local.replace(tzinfo=own).utcoffset()}, the database {there.utcoffset()}")
            return


def by_vobject(raw):
    """UID → event, by vobject, which has another reader of zones."""
    calendars = list(vobject.readComponents(raw.decode("utf-8")))
    if len(calendars) != 1:
        raise ValueError(f"{len(calendars)} calendars in one file")
    calendars[0].validate(raiseException=True)
    read = {}
    for event in calendars[0].contents.get("vevent", []):
        one = {"start": shown(event.dtstart.value), "end": None}
        if "dtend" in event.contents:
            one["end"] = shown(event.dtend.value)
        for name in TEXTS:
            one[name] = event.contents[name][0].value if name in event.contents else None
        read[event.uid.value] = one
    return read


def by_ical_js(files):
    if not files:
        return {}
    command = ["node", HERE / "calendars.mjs", *files]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def compare_with_note(note, uid, event, wrong):
    """What the writer of the file wanted to say."""
    first, summary, description = note.read_text(encoding="utf-8").split("\n", 2)
    start, end = first.split(" ")
    for name, want in (("start", start), ("end", end), ("summary", summary), ("description", description)):
        if (event[name] or "") != want:
            wrong(f"{uid}: {name} should be {want!r} and is {event[name]!r}")


def main():
    words = argparse.ArgumentParser()
    words.add_argument("folder", type=Path)
    words.add_argument("--at-least", type=int, default=0, help="fail if there are fewer files")
    given = words.parse_args()
    files = sorted(given.folder.rglob("*.ics"))
    others = by_ical_js(files)
    findings, meanings, events = [], {}, 0

    for file in files:
        name = file.relative_to(given.folder)

        def wrong(text, name=name):
            findings.append(f"{name}: {text}")

        raw = file.read_bytes()
        for text in bytes_of(raw):
            wrong(text)
        try:
            read = by_icalendar(raw, wrong)
        except Exception as error:  # noqa: BLE001 - any failure of a reader is a finding
            wrong(f"icalendar: {error!r}")
            continue
        events += len(read)
        try:
            readers = {"vobject": by_vobject(raw)}
        except Exception as error:  # noqa: BLE001
            readers = {}
            wrong(f"vobject: {error!r}")
        readers["ical.js"] = others[str(file)]
        if "error" in others[str(file)]:
            wrong(f"ical.js: {readers.pop('ical.js')['error']}")
        for reader, theirs in readers.items():
            if set(theirs) != set(read):
                wrong(f"{reader} reads other events: {sorted(set(theirs) ^ set(read))}")
            for uid in set(theirs) & set(read):
                for key, value in theirs[uid].items():
                    if value != read[uid][key]:
                        wrong(f"{uid}: {key} is {value!r} for {reader} and {read[uid][key]!r} for icalendar")
        # Who imports a file again has each event once.
        kept = dict(read)
        for uid, event in by_icalendar(raw, lambda _: None).items():
            kept[uid] = event
        if len(kept) != len(read):
            wrong("the second import adds events")
        for uid, event in read.items():
            what = tuple(event[key] for key in ("start", "end", "sequence", "stamp", "status"))
            first = meanings.setdefault(uid, (name, what))
            if first[1] != what:
                wrong(f"{uid} is {what} here and {first[1]} in {first[0]}")
            note = file.with_name(f"{uid}.txt")
            if note.exists():
                compare_with_note(note, uid, event, wrong)

    if len(files) < given.at_least:
        findings.append(f"{len(files)} calendar files; there should be at least {given.at_least}")
    print("\n".join(findings), end="\n" if findings else "")
    print(f"{len(files)} calendar files with {events} events, {len(meanings)} UIDs; {len(findings)} findings")
    sys.exit(1 if findings else 0)


main()
