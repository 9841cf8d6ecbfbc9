//! Owns regular expressions for what `calendar` reads, for editors that check while one types. Each matches every
//! text that is read, and some more: how long a month is, they do not know. Must not know who uses them.

use super::{ENGLISH, SPANISH};

/// What may stand between the words of a date, once or more.
const BETWEEN: &str = "[\\s,\u{a0}]";
const DAY: &str = "0*(?:[1-9]|[12][0-9]|3[01])";

/// The first three letters of each, in any case.
fn starts<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let mut starts: Vec<&str> = Vec::new();
    for start in words.filter_map(|word| word.get(..3)) {
        if !starts.iter().any(|known| known.eq_ignore_ascii_case(start)) {
            starts.push(start);
        }
    }
    let any_case = |c: char| format!("[{}{}]", c.to_ascii_uppercase(), c.to_ascii_lowercase());
    let starts: Vec<String> =
        starts.iter().map(|start| start.chars().map(any_case).collect()).collect();
    format!("(?:{})", starts.join("|"))
}

fn a_month() -> String {
    let words = ENGLISH.months.iter().chain(&SPANISH.months).copied();
    format!("{}[A-Za-z]*[.]*", starts(words))
}

fn a_weekday() -> String {
    format!("{}[A-Za-z]*", starts(ENGLISH.weekdays.iter().copied()))
}

/// A day and a month in either order.
fn day_and_month(after: &str) -> String {
    let month = a_month();
    let day = format!("{DAY}(?:st|nd|rd|th|[.])?");
    let (of, edge) = (format!("{BETWEEN}+(?:de{BETWEEN}+)*"), format!("{BETWEEN}*"));
    format!(
        "{edge}(?:de{BETWEEN}+)*(?:{month}{of}{day}|{day}{of}{month}){after}(?:{BETWEEN}+de)*{edge}",
        after = after.replace("OF", &of),
    )
}

/// What [`Date::read`](super::Date::read) takes.
pub fn date() -> String {
    format!("^{}$", any_date())
}

/// What [`Moment::read`](super::Moment::read) takes: a date with a time of day.
pub fn moment() -> String {
    format!("^{}$", any_moment())
}

/// A date, or a date with a time of day.
pub fn date_or_moment() -> String {
    format!("^(?:{}|{})$", any_date(), any_moment())
}

fn any_moment() -> String {
    let (space, edge) = ("[\\s\u{a0}\u{202f}]", "[\\s,\u{a0}\u{202f}]");
    let half = format!("[AaPp](?:[.]|{space})*[Mm][.]?");
    let hour = "(?:[01]?[0-9]|2[0-3])";
    let time = format!("{hour}(?::[0-9]{{2}}(?::00)?(?:{space}*{half})?|{space}*{half})");
    let word = format!("(?:at|a{space}las?){space}");
    format!("{space}*{}(?:T|{edge}){edge}*(?:{word}{space}*)?{time}{space}*", any_date())
}

fn any_date() -> String {
    let month = "[+]?0*(?:[1-9]|1[0-2])";
    let year_first = "[+]?0*(?:3[2-9]|[4-9][0-9]|[1-9][0-9]{2,3})";
    let signs = ["/", "[.]"]
        .map(|sign| format!("{year_first}\\s*{sign}\\s*{month}\\s*{sign}\\s*[+]?{DAY}"));
    let iso = format!("[0-9]{{4}}-{month}-[+]?{DAY}");
    let words = day_and_month("OF(?:[0-9]{4}|[+-][0-9]{3})");
    let weekday = format!("\\s*{}{BETWEEN}+", a_weekday());
    format!("(?:\\s*(?:{iso}|{})\\s*|(?:{weekday})?{words})", signs.join("|"))
}

/// A day of every year, as the rule of an observance has it.
pub fn day() -> String {
    format!("^{}$", day_and_month(""))
}

/// What [`month_named`](super::month_named) takes.
pub fn month() -> String {
    format!("^{}$", a_month())
}

/// What [`weekday_named`](super::weekday_named) takes.
pub fn weekday() -> String {
    format!("^{}$", a_weekday())
}

/// The months in English.
pub fn months() -> Vec<(&'static str, &'static str)> {
    ENGLISH.months.iter().map(|month| (*month, "")).collect()
}

/// The days of the week in English.
pub fn weekdays() -> Vec<(&'static str, &'static str)> {
    ENGLISH.weekdays.iter().map(|day| (*day, "")).collect()
}
