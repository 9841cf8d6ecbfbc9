//! Owns a calendar in which everything is odd: zones, changes of the clocks, long and strange texts. Other
//! programs read it in `tests/calendars/run.sh`, for which it is written into the folder that `CALENDARS` names.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test writes files and may fail"
)]

use weekmark::calendar::{Date, Moment, Zone};
use weekmark::ics::{Calendar, Entry, Status, When};

fn moment(text: &str, zone: &str) -> Moment {
    Moment::read(text, &Zone::named(zone).unwrap()).unwrap()
}

fn times(start: &str, end: &str, zone: &str) -> When {
    let end = Some(end).filter(|end| !end.is_empty()).map(|end| moment(end, zone));
    When::Times { start: moment(start, zone), end }
}

fn entry(name: &str, when: When, summary: &str, description: &str) -> Entry {
    Entry {
        uid: format!("{name}@example.org"),
        stamp: Date::read("2026-11-22").unwrap(),
        sequence: 0,
        when,
        summary: summary.into(),
        description: Some(description.into()).filter(|text: &String| !text.is_empty()),
        location: Some("Room 1, second floor; ring twice".into()),
        url: Some("https://example.org/events/?a=1,2;b=3".into()),
        status: Status::Confirmed,
        busy: true,
        categories: vec!["Case management, in general".into(), "Week".into()],
    }
}

fn stress() -> Calendar {
    let days = |first: &str, last: &str| When::Days {
        first: Date::read(first).unwrap(),
        last: Date::read(last).unwrap(),
    };
    let mut entries = vec![
        entry("week", days("2027-10-10", "2027-10-16"), "A week", "Seven days."),
        entry("day", days("2028-02-29", "2028-02-29"), "One day", ""),
        entry("new-year", days("2027-12-28", "2028-01-03"), "Over New Year", ""),
    ];
    for (name, start, end, zone) in [
        ("new-york", "2027-10-12 12:00", "2027-10-12 13:00", "America/New_York"),
        ("new-york-autumn", "2027-11-06 20:00", "2027-11-07 06:00", "America/New_York"),
        ("new-york-spring", "2027-03-13 22:00", "2027-03-14 08:00", "America/New_York"),
        ("new-york-twice", "2027-11-07 01:30", "2027-11-07 03:00", "America/New_York"),
        ("new-york-2060", "2060-07-01 12:00", "2060-07-01 13:00", "America/New_York"),
        ("new-york-1999", "1999-10-12 12:00", "1999-10-12 13:00", "America/New_York"),
        ("madrid", "2027-10-31 00:30", "2027-10-31 05:00", "Europe/Madrid"),
        ("dublin", "2027-03-27 23:00", "2027-03-28 04:00", "Europe/Dublin"),
        ("kolkata", "2027-10-12 09:30", "2027-10-12 10:00", "Asia/Kolkata"),
        ("kathmandu", "2027-10-12 09:30", "2027-10-12 10:00", "Asia/Kathmandu"),
        ("auckland", "2027-09-25 20:00", "2027-09-26 08:00", "Pacific/Auckland"),
        ("lord-howe", "2027-10-02 20:00", "2027-10-03 08:00", "Australia/Lord_Howe"),
        ("phoenix", "2027-10-12 12:00", "2027-10-12 13:00", "America/Phoenix"),
        ("honolulu", "2027-10-12 12:00", "2027-10-12 13:00", "Pacific/Honolulu"),
        ("sao-paulo", "2027-10-12 12:00", "2027-10-12 13:00", "America/Sao_Paulo"),
        ("fixed", "2027-10-12 12:00", "2027-10-12 13:00", "Etc/GMT+5"),
        ("utc", "2027-10-12 12:00", "2027-10-12 13:00", "UTC"),
        ("no-end", "2027-10-12 12:00", "", "America/New_York"),
        ("several-days", "2027-10-30 12:00", "2027-11-12 12:00", "America/New_York"),
    ] {
        entries.push(entry(name, times(start, end, zone), name, ""));
    }
    let start = moment("2027-10-12 12:00", "America/New_York");
    let end = Some(moment("2027-10-12 20:00", "Europe/Madrid"));
    entries.push(entry("two-zones", When::Times { start, end }, "From here to there", ""));
    let long = "Thanks, from all of us; see you \\ soon 🎉 ".repeat(20) + "👩‍⚕️é–";
    for (name, summary, description) in [
        ("long", &*long, &*long),
        ("emoji", &"🎉".repeat(60), &"👩‍⚕️".repeat(40)),
        (
            "lines",
            "Commas, semicolons; and a backslash \\n",
            "One\nTwo\n\nFour, with \\n in it\n  two spaces",
        ),
        ("nasty", "END:VEVENT", "BEGIN:VEVENT\nUID:stolen@example.org\nEND:VCALENDAR"),
        ("words", "Señor, ¿qué? – „Quotes“ \"plain\" 'single'", "مرحبا, 你好; שלום"),
        ("colon", "A:B;C=D:\"E\"", "^n ^' ^^ %0D%0A"),
    ] {
        entries.push(entry(name, days("2027-10-12", "2027-10-12"), summary, description));
    }
    let last = entries.len() - 1;
    entries[last].status = Status::Cancelled;
    entries[last].sequence = 3;
    entries[0].status = Status::Tentative;
    entries[0].busy = false;
    Calendar {
        name: "Odd, long; and strange".into(),
        description: Some("Everything at once.\nTwo lines.".into()),
        url: Some("https://example.org/calendar/stress.ics".into()),
        refresh: true,
        zone: Some("America/New_York".into()),
        entries,
    }
}

/// Start and end as a reader gives them: whole days with the day after the last, times of day in UTC.
fn ends(when: &When) -> (String, String) {
    match when {
        When::Days { first, last } => (first.to_string(), last.plus_days(1).to_string()),
        When::Times { start, end } => {
            (start.utc(), end.as_ref().map(Moment::utc).unwrap_or_default())
        }
    }
}

#[test]
fn an_odd_calendar_keeps_to_the_format() {
    let calendar = stress();
    let text = calendar.text();
    assert_eq!(text, stress().text(), "the same calendar, other bytes");
    assert!(text.split("\r\n").all(|line| line.len() <= 75));
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
    assert_eq!(text.matches("\r\nBEGIN:VEVENT\r\n").count(), calendar.entries.len());
    let Some(folder) = std::env::var_os("CALENDARS").map(std::path::PathBuf::from) else { return };
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("stress.ics"), text).unwrap();
    for entry in &calendar.entries {
        let (start, end) = ends(&entry.when);
        let description = entry.description.as_deref().unwrap_or_default();
        let note = format!("{start} {end}\n{}\n{description}", entry.summary);
        std::fs::write(folder.join(format!("{}.txt", entry.uid)), note).unwrap();
    }
}
