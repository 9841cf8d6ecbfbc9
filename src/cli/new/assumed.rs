//! Owns what a new site takes for granted instead of asking: its name from the folder, its language and time zone
//! from the computer. Must not know which files a site has.
#![expect(clippy::disallowed_methods, reason = "a new site begins with what its computer knows")]

use std::path::Path;

use crate::calendar::Zone;

/// The name of a site whose folder says nothing.
pub(super) const NO_NAME: &str = "Our Awareness Week";

/// What is assumed of a new site.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Assumed {
    /// Its name.
    pub(super) title: String,
    /// Its language, one of those that a site can begin with.
    pub(super) language: &'static str,
    /// Its time zone, by the name of the IANA database.
    pub(super) zone: String,
    /// Nothing says where the computer is.
    pub(super) zone_is_unknown: bool,
}

/// What a computer says of itself.
#[derive(Debug, Default)]
struct Computer {
    /// `LC_ALL`, `LC_MESSAGES` and `LANG`: the first that says something holds (POSIX, 8.2).
    languages: [Option<String>; 3],
    /// `TZ`.
    zone: Option<String>,
    /// Where `/etc/localtime` leads.
    localtime: Option<String>,
    /// What `/etc/timezone` says.
    timezone: Option<String>,
}

impl Assumed {
    /// What can be known of a site in the folder `dir`, in one of `languages`, of which the first is the usual one.
    pub(super) fn of(dir: &Path, languages: &[&'static str]) -> Assumed {
        let says = |name: &str| std::env::var(name).ok();
        let computer = Computer {
            languages: ["LC_ALL", "LC_MESSAGES", "LANG"].map(says),
            zone: says("TZ"),
            localtime: std::fs::read_link("/etc/localtime")
                .ok()
                .map(|path| path.to_string_lossy().into_owned()),
            timezone: std::fs::read_to_string("/etc/timezone").ok(),
        };
        // `.` has no name of its own.
        let folder = dir.canonicalize().unwrap_or_else(|_| dir.to_path_buf());
        let folder = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let zone = zone(&computer);
        Assumed {
            title: title(&folder),
            language: language(&computer, languages),
            zone_is_unknown: zone.is_none(),
            zone: zone.unwrap_or_else(|| "UTC".into()),
        }
    }
}

/// `case-management-week-2027` → `Case Management Week`. A year is none of a name: the next one comes.
fn title(folder: &str) -> String {
    let words = folder.split(|c: char| c.is_whitespace() || "-_.".contains(c));
    let is_year = |word: &str| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    let words = words.filter(|word| word.chars().any(char::is_alphanumeric) && !is_year(word));
    let capital = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_uppercase().collect::<String>());
        first.unwrap_or_default() + letters.as_str()
    };
    let title = words.map(capital).collect::<Vec<_>>().join(" ");
    if title.is_empty() { NO_NAME.into() } else { title }
}

/// `es_MX.UTF-8` → `es`, if a site can begin with that.
fn language(computer: &Computer, languages: &[&'static str]) -> &'static str {
    let said = computer.languages.iter().flatten().find(|said| !said.is_empty());
    let code = said.map(|said| said.split(['_', '.', '@', '-']).next().unwrap_or_default());
    let known = languages.iter().find(|known| code == Some(known));
    known.or(languages.first()).copied().unwrap_or("en")
}

/// The zone that the computer is in.
fn zone(computer: &Computer) -> Option<String> {
    // `TZ` may begin with a colon (POSIX, 8.3), and a link leads to a file below the database's folder.
    let own = computer.zone.as_deref().map(|zone| zone.trim_start_matches(':'));
    let link = computer.localtime.as_deref();
    let below = |path: &str| path.rsplit_once("zoneinfo/").map(|(_, name)| name.to_string());
    let names = [
        own.map(|zone| below(zone).unwrap_or_else(|| zone.into())),
        link.and_then(below),
        computer.timezone.as_deref().map(|text| text.trim().to_string()),
    ];
    names.into_iter().flatten().find_map(|name| Some(Zone::named(&name)?.name().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_that_of_the_folder() {
        for (folder, name) in [
            ("case-management-week-2027", "Case Management Week"),
            ("our_site", "Our Site"),
            ("élan vital", "Élan Vital"),
            ("2027", NO_NAME),
            ("...", NO_NAME),
            ("", NO_NAME),
        ] {
            assert_eq!(title(folder), name);
        }
    }

    #[test]
    fn the_language_is_the_first_that_is_said_and_known() {
        let of = |languages: [&str; 3]| {
            let languages = languages.map(|it| Some(it.to_string()));
            language(&Computer { languages, ..Computer::default() }, &["en", "es"])
        };
        assert_eq!(of(["", "", "es_MX.UTF-8"]), "es");
        assert_eq!(of(["C.UTF-8", "", "es_MX.UTF-8"]), "en");
        assert_eq!(of(["", "es", "en_US"]), "es");
        assert_eq!(of(["", "", "fi_FI"]), "en");
        assert_eq!(language(&Computer::default(), &["en", "es"]), "en");
    }

    #[test]
    fn the_zone_is_the_first_that_the_database_has() {
        let of = |zone: &str, link: &str, file: &str| {
            let said = |text: &str| Some(text.to_string()).filter(|text| !text.is_empty());
            let computer = Computer {
                zone: said(zone),
                localtime: said(link),
                timezone: said(file),
                ..Computer::default()
            };
            super::zone(&computer)
        };
        let berlin = Some("Europe/Berlin".to_string());
        assert_eq!(of(":Europe/Berlin", "", ""), berlin);
        assert_eq!(of("EST5EDT4,x", "/usr/share/zoneinfo/Europe/Berlin", "America/Lima"), berlin);
        assert_eq!(of("", "/etc/elsewhere", "Europe/Berlin\n"), berlin);
        assert_eq!(of("", "", ""), None);
    }
}
