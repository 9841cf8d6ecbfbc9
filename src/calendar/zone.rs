//! Owns what the compiled zone database says of a zone: when its clocks change, and by how much. Must not
//! know what is done with that.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Moment, Zone};

/// The names under which the IANA database has Coordinated Universal Time.
const UTC: [&str; 8] =
    ["UTC", "Etc/UTC", "UCT", "Etc/UCT", "Universal", "Etc/Universal", "Zulu", "Etc/Zulu"];

/// The clocks of a zone change: from one offset to another, or to another name of the same offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// Date and time in ISO 8601 without offset, by the clock before the change: `2027-11-07T02:00:00`.
    pub local: String,
    /// Seconds east of UTC before the change.
    pub from: i32,
    /// Seconds east of UTC after the change.
    pub to: i32,
    /// What the clock is called after the change, such as `EST`.
    pub abbreviation: String,
    /// Daylight saving time begins.
    pub summer: bool,
}

impl Zone {
    /// Whether this is Coordinated Universal Time itself, by any of its names.
    pub fn is_utc(&self) -> bool {
        UTC.contains(&self.name())
    }

    /// Every change of the clocks that matters from `first` to `last`, in order: the one before, those in between,
    /// and the one after, as far as there are any. Never empty: a clock that stands since before 1970 is
    /// given as a change from its offset to itself at the beginning of 1970, or of an earlier year of `first`.
    pub fn shifts(&self, first: &Moment, last: &Moment) -> Vec<Shift> {
        let zone = self.clock();
        let (first, last) = (first.instant(), last.instant());
        let second = jiff::SignedDuration::from_secs(1);
        let before = zone.preceding(first.saturating_add(second).unwrap_or(first)).next();
        let epoch = Timestamp::UNIX_EPOCH;
        let mut shifts = Vec::new();
        let mut from = first;
        match before {
            // What was before 1970 helps nobody later, and offsets to the second confuse some readers.
            Some(shift) if shift.timestamp() >= epoch || first < epoch => {
                from = shift.timestamp();
                shifts.push(shift_at(&zone, from));
            }
            _ => {
                let standing = zone.to_offset_info(first);
                let year = first.to_zoned(zone.clone()).year().min(1970);
                shifts.push(Shift {
                    local: format!("{year:04}-01-01T00:00:00"),
                    from: standing.offset().seconds(),
                    to: standing.offset().seconds(),
                    abbreviation: shown_abbreviation(standing.abbreviation()),
                    summer: standing.dst().is_dst(),
                });
            }
        }
        for shift in zone.following(from) {
            shifts.push(shift_at(&zone, shift.timestamp()));
            if shift.timestamp() > last {
                break;
            }
        }
        shifts
    }

    /// The zone as the package for dates knows it.
    pub(super) fn clock(&self) -> TimeZone {
        TimeZone::get(self.name()).unwrap_or(TimeZone::UTC)
    }
}

fn shift_at(zone: &TimeZone, at: Timestamp) -> Shift {
    let earlier = at.saturating_add(jiff::SignedDuration::from_nanos(-1)).unwrap_or(at);
    let (from, to) = (zone.to_offset(earlier), zone.to_offset_info(at));
    Shift {
        local: from.to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        from: from.seconds(),
        to: to.offset().seconds(),
        abbreviation: shown_abbreviation(to.abbreviation()),
        summer: to.dst().is_dst(),
    }
}

/// `EDT` as it is; where the database has only a number, as `-03` or `+0545`, `UTC-3` and `UTC+5:45`.
pub(super) fn shown_abbreviation(name: &str) -> String {
    let Some(sign) = name.chars().next().filter(|c| "+-".contains(*c)) else {
        return name.to_string();
    };
    let (hours, minutes) = name[1..].split_at(2.min(name.len() - 1));
    let hours = hours.trim_start_matches('0');
    let hours = if hours.is_empty() { "0" } else { hours };
    match minutes {
        "" => format!("UTC{sign}{hours}"),
        minutes => format!("UTC{sign}{hours}:{minutes}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shifts(zone: &str, first: &str, last: &str) -> Vec<(String, i32, i32, String)> {
        let zone = Zone::named(zone).expect("a zone");
        let at = |text: &str| Moment::read(text, &zone).expect("a moment");
        let shifts = zone.shifts(&at(first), &at(last));
        let hours = |seconds: i32| seconds / 60;
        shifts.into_iter().map(|s| (s.local, hours(s.from), hours(s.to), s.abbreviation)).collect()
    }

    fn wanted(list: &[(&str, i32, i32, &str)]) -> Vec<(String, i32, i32, String)> {
        list.iter().map(|(at, from, to, name)| ((*at).into(), *from, *to, (*name).into())).collect()
    }

    #[test]
    fn the_changes_around_a_moment() {
        assert_eq!(
            shifts("America/New_York", "2027-10-12 12:00", "2027-10-12 13:00"),
            wanted(&[
                ("2027-03-14T02:00:00", -300, -240, "EDT"),
                ("2027-11-07T02:00:00", -240, -300, "EST"),
            ])
        );
    }

    #[test]
    fn a_moment_at_the_change_itself_is_after_it() {
        assert_eq!(
            shifts("America/New_York", "2027-03-14 03:00", "2027-03-14 04:00")[0].0,
            "2027-03-14T02:00:00"
        );
    }

    #[test]
    fn clocks_that_stand_still_are_told_once() {
        for (zone, minutes, name) in [
            ("Asia/Kolkata", 330, "IST"),
            ("America/Phoenix", -420, "MST"),
            ("Etc/GMT+5", -300, "UTC-5"),
            ("Asia/Kathmandu", 345, "UTC+5:45"),
        ] {
            let found = shifts(zone, "2027-10-12 12:00", "2027-10-12 13:00");
            let begins = if zone == "Asia/Kathmandu" { "1986" } else { "1970" };
            let [(at, from, to, abbreviation)] = &found[..] else { panic!("{found:?}") };
            assert!(at.starts_with(begins), "{zone}: {at}");
            assert_eq!((*to, abbreviation.as_str()), (minutes, name));
            assert!(from == to || zone == "Asia/Kathmandu");
        }
    }

    #[test]
    fn long_ago_is_not_before_its_clock() {
        let found = shifts("America/Phoenix", "1920-05-01 12:00", "1920-05-01 13:00");
        assert_eq!(found[0].0, "1919-10-26T02:00:00");
    }
}
