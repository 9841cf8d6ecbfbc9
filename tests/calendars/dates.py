"""Compares the dates that `weekmark build` gives with python-dateutil, for many rules and every year from 1999 to 2060.

    dates.py WEEKMARK

One site for each rule, with a theme of its own that prints `campaign(year=…)` of all years as JSON. The dates that
are wanted are counted here in another way than in the program: by RFC 5545 recurrences and by relative dates, as
python-dateutil has them. A year in which a rule has no dates must be told as such.
"""

import json
import re
import subprocess
import sys
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path

from dateutil.relativedelta import relativedelta
from dateutil.relativedelta import weekday as any_weekday
from dateutil.rrule import YEARLY, rrule, rrulestr

YEARS = range(1999, 2061)
TODAY = date(2026, 11, 22)
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
]

# What is known of National Case Management Week: the first and the last day, in October.
EVIDENCE = {
    1999: (10, 16), 2011: (9, 15), 2013: (13, 19), 2014: (12, 18), 2016: (9, 15), 2017: (8, 14),
    2018: (14, 20), 2019: (13, 19), 2020: (11, 17), 2021: (10, 16), 2022: (9, 15), 2023: (8, 14),
    2024: (13, 19), 2025: (12, 18), 2026: (11, 17), 2027: (10, 16), 2028: (8, 14), 2029: (14, 20),
    2030: (13, 19),
}

SITE = """\
title: Dates
base_url: https://example.org/
theme: dates
campaign:
  name: The Week
  rule: {rule}
"""
HOME = "{%% for year in %s %%}{{ campaign(year=year) | json }}\n{%% endfor %%}"
PAGE = "{% set year = page.title | int %}{{ campaign(year=year) | json }}"


def number(nth):
    return -1 if nth == "last" else nth


def all_of(month, weekday, year):
    """Every such weekday of the month."""
    found = rrule(YEARLY, bymonth=month, byweekday=weekday, dtstart=datetime(year, 1, 1), until=datetime(year, 12, 31))
    return [day.date() for day in found]


def full_week(nth, month, starts=6):
    """The n-th week that lies in the month with its first and with its last day."""

    def span(year):
        whole = [day for day in all_of(month, starts, year) if (day + timedelta(6)).month == month]
        at = len(whole) - 1 if nth == "last" else nth - 1
        return (whole[at], whole[at] + timedelta(6)) if at < len(whole) else None

    return f"{{full_week: {nth}, month: {MONTHS[month - 1]}, week_starts: {DAYS[starts]}}}", span


def weekday(day, nth, month, days=1):
    """RRULE:FREQ=YEARLY;BYMONTH=month;BYDAY=nth day."""

    def span(year):
        by_day = any_weekday(day)(number(nth))
        found = list(
            rrule(YEARLY, bymonth=month, byweekday=by_day, dtstart=datetime(year, 1, 1), until=datetime(year, 12, 31))
        )
        return (found[0].date(), found[0].date() + timedelta(days - 1)) if found else None

    length = "" if days == 1 else f", days: {days}"
    return f"{{weekday: {DAYS[day]}, nth: {nth}, month: {MONTHS[month - 1]}{length}}}", span


def week_of(month, day, starts=6):
    """From the last such weekday that is not after the date."""

    def span(year):
        if (month, day) == (2, 29) and not is_leap(year):
            return None
        first = date(year, month, day) + relativedelta(weekday=any_weekday(starts)(-1))
        return first, first + timedelta(6)

    return f"{{week_of: {MONTHS[month - 1]} {day}, week_starts: {DAYS[starts]}}}", span


def whole_month(month):
    def span(year):
        first = date(year, month, 1)
        return first, first + relativedelta(months=1, days=-1)

    return f"{{month: {MONTHS[month - 1]}}}", span


def fixed(from_month, from_day, to_month, to_day):
    """The end of February is its 28th or 29th; a first day that is not there makes no span."""

    def span(year):
        if (from_month, from_day) == (2, 29) and not is_leap(year):
            return None
        first = date(year, from_month, from_day)
        over = (to_month, to_day) < (from_month, from_day)
        return first, first + relativedelta(years=int(over), month=to_month, day=to_day)

    return f"{{from: {MONTHS[from_month - 1]} {from_day}, to: {MONTHS[to_month - 1]} {to_day}}}", span


def is_leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def sample():
    """The rule of the sample site as calendar programs say it."""

    def span(year):
        rule = rrulestr("FREQ=YEARLY;BYMONTH=10;BYDAY=2SU", dtstart=datetime(year, 1, 1))
        first = rule[0].date()
        return first, first + timedelta(6)

    return "{full_week: 2, month: October, week_starts: Sunday}", span


MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
RULES = [
    sample(),
    # Full weeks, from each day of the week and of months of each length.
    *(full_week(nth, 10) for nth in (1, 2, 3, 4, "last")),
    *(full_week(2, 10, starts) for starts in range(6)),
    full_week("last", 4),
    full_week("last", 2, MONDAY),
    full_week(4, 2),
    full_week(1, 1, MONDAY),
    full_week("last", 12, MONDAY),
    # Weekdays; a fifth is not in every month.
    weekday(THURSDAY, 3, 11),
    weekday(THURSDAY, 4, 11),
    weekday(MONDAY, 1, 5, days=5),
    weekday(MONDAY, "last", 5),
    weekday(FRIDAY, 2, 3),
    weekday(MONDAY, 5, 10),
    weekday(SUNDAY, 5, 2),
    weekday(SATURDAY, "last", 2, days=9),
    weekday(SUNDAY, "last", 12, days=14),
    weekday(MONDAY, 1, 1, days=366),
    weekday(TUESDAY, 1, 9, days=40),
    # The week that holds a date, from each day of the week; over New Year; February 29.
    *(week_of(5, 12, starts) for starts in range(7)),
    week_of(1, 1),
    week_of(1, 1, MONDAY),
    week_of(12, 31),
    week_of(2, 29),
    week_of(3, 1, WEDNESDAY),
    # Months.
    *(whole_month(month) for month in (2, 3, 12)),
    # The same days every year.
    fixed(5, 6, 5, 12),
    fixed(12, 28, 1, 3),
    fixed(10, 10, 10, 10),
    fixed(5, 6, 5, 5),
    fixed(2, 1, 2, 29),
    fixed(2, 22, 2, 28),
    fixed(2, 29, 2, 29),
    fixed(2, 29, 3, 6),
    fixed(12, 15, 2, 29),
]


def build(weekmark, site):
    command = [weekmark, "--root", site, "build", "--today", TODAY.isoformat()]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def write_site(site, rule, years, missing):
    templates = site / "themes/dates/templates"
    templates.mkdir(parents=True)
    (site / "content").mkdir()
    (site / "site.yaml").write_text(SITE.replace("{rule}", rule))
    (site / "themes/dates/theme.yaml").write_text("name: dates\ndescription: Prints dates.\napi: 1\n")
    for name in ("base", "section", "taxonomy", "term", "404"):
        (templates / f"{name}.html").write_text("")
    (templates / "home.html").write_text(HOME % json.dumps(years))
    (templates / "page.html").write_text(PAGE)
    (site / "content/_index.md").write_text("---\ntitle: Dates\n---\n")
    for year in missing:
        (site / f"content/y{year}.md").write_text(f'---\ntitle: "{year}"\n---\n')


def state(span):
    first, last = span
    return "before" if TODAY < first else "during" if TODAY <= last else "after"


def given(weekmark, rule, years):
    """What the program gives for years in which there are dates: year → map."""
    with tempfile.TemporaryDirectory(prefix="weekmark-dates-") as folder:
        site = Path(folder)
        write_site(site, rule, years, [])
        ran = build(weekmark, site)
        if ran.returncode != 0:
            sys.exit(f"{rule}: exit code {ran.returncode}\n{ran.stdout}{ran.stderr}")
        lines = (site / "public/index.html").read_text(encoding="utf-8").splitlines()
    weeks = [json.loads(line) for line in lines if line.strip()]
    return {week["year"]: week for week in weeks}


def told_as_missing(weekmark, rule, years):
    """The years of which the program says that there are no dates: by an error, or by nothing."""
    with tempfile.TemporaryDirectory(prefix="weekmark-dates-") as folder:
        site = Path(folder)
        write_site(site, rule, [], years)
        ran = build(weekmark, site)
        if ran.returncode != 0:
            return {int(year) for year in re.findall(r"dates of (\d+)", ran.stdout + ran.stderr)}
        page = "public/y{}/index.html"
        return {y for y in years if (site / page.format(y)).read_text(encoding="utf-8").strip() == "null"}


def main():
    weekmark = Path(sys.argv[1]).resolve()
    failed = compared = without = 0
    for rule, span in RULES:
        wanted = {year: span(year) for year in YEARS}
        years = [year for year in YEARS if wanted[year]]
        missing = [year for year in YEARS if not wanted[year]]
        weeks = given(weekmark, rule, years)
        for year in years:
            first, last = wanted[year]
            week = weeks.get(year)
            length = (last - first).days + 1
            days = [(first + timedelta(n)).isoformat() for n in range(length)]
            want = (first.isoformat(), last.isoformat(), days, state((first, last)))
            got = week and (week["start"], week["end"], [day["date"] for day in week["days"]], week["state"])
            compared += 1
            if got != want:
                failed += 1
                shown = got and (got[0], got[1], f"{len(got[2])} days", got[3])
                print(f"{rule} in {year}: wanted {first} to {last}, {length} days, {want[3]}; got {shown}")
        if missing:
            told = told_as_missing(weekmark, rule, missing)
            without += len(missing)
            for year in sorted(set(missing) ^ told):
                failed += 1
                print(f"{rule} in {year}: has no dates, and the program does not say so")

    rule, span = RULES[0]
    weeks = given(weekmark, rule, list(EVIDENCE))
    for year, (first, last) in EVIDENCE.items():
        compared += 1
        want = (date(year, 10, first).isoformat(), date(year, 10, last).isoformat())
        if (weeks[year]["start"], weeks[year]["end"]) != want:
            failed += 1
            print(f"the week of {year}: known are {want[0]} to {want[1]}, got {weeks[year]['start']}")
    print(f"{len(RULES)} rules, {compared} years with dates and {without} without compared, {failed} failed")
    sys.exit(1 if failed else 0)


main()
