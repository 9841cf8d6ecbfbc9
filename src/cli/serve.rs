//! Owns `weekmark serve`: joins the pass to the preview, and says which day is shown. Must not know HTTP or how
//! files are watched.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::editor::Editor;
use super::texts::{PageText, Text};
use super::{Outcome, Serve, YesNo, new, pictures, pieces, print};
use crate::audit::Weigh;
use crate::calendar::{Date, Zone, end_of_day, today_in};
use crate::config::Config;
use crate::diag::{Code, Diagnostic, Located, Severity};
use crate::model::Site;
use crate::pass::{Memo, Options, Report, Sink, pass};
use crate::serve::{
    self, Built, Choice, Days, Event, File, Files, Onlookers, PageNote, Place, Problem, Settings,
};
use crate::source::{self, Builtin, Snapshot, Stamp, rescan, scan};
use crate::tree::{Content, Leaf, Leaves, Tree};

/// What the preview shows: the leaves of one good pass.
struct Shown {
    leaves: Leaves,
    report: Arc<Report>,
    opening: Opening,
    day: Option<String>,
}

/// How files are opened in the editor.
#[derive(Clone)]
struct Opening {
    root: Arc<Path>,
    /// None where other devices may look: the way to a file of this machine is nothing for them.
    editor: Option<Editor>,
}

impl Opening {
    /// The address that opens a file of the site; none for those that come with the program.
    #[expect(clippy::disallowed_methods, reason = "only a file that is there can be opened")]
    fn address(&self, file: &str, line: usize, column: usize) -> Option<String> {
        let path = self.root.join(file);
        self.editor.as_ref().filter(|_| path.is_file())?.address(&path, line, column)
    }

    /// Where a file of the site lies, as this machine writes it; none for other devices.
    fn place(&self, file: &str) -> Option<String> {
        self.editor.as_ref()?;
        Some(self.root.join(file).display().to_string())
    }
}

impl Files for Shown {
    fn get(&self, path: &str) -> Option<File> {
        let leaf = self.leaves.get(path)?;
        file_of(leaf).or_else(|| {
            let text = self.report.again.as_ref()?.text(path)?;
            Some(File::Bytes(text.into_bytes().into()))
        })
    }

    fn note(&self, path: &str) -> Option<PageNote> {
        let (source_file, status) = self.report.source_of(path)?;
        let text = |file: &str| {
            Some(Text { file: file.into(), text: source::text_now(&self.opening.root, file)? })
        };
        let page = text(source_file).map(PageText::of);
        let settings = text(crate::config::FILE);
        let open = |file: &str, line: usize| self.opening.address(file, line, 1);
        let site = self.report.site.as_deref();
        let pieces = page
            .as_ref()
            .zip(site)
            .map(|(page, site)| pieces::pieces(page, settings.as_ref(), site, &open));
        Some(PageNote {
            source_file: source_file.to_string(),
            status: status.word().to_string(),
            note: status.note(),
            edit: self.opening.address(source_file, 1, 1),
            place: self.opening.place(source_file),
            pieces: pieces.unwrap_or_default(),
            is_fresh: page.is_some_and(|page| new::is_starter(&page.text)),
        })
    }

    fn day(&self) -> Option<&str> {
        self.day.as_deref()
    }
}

/// What is in an output; `None` for a text that is not held.
fn file_of(leaf: &Leaf) -> Option<File> {
    Some(match &leaf.content {
        Content::Bytes(bytes) => File::Bytes(bytes.clone()),
        Content::Text(held) => File::Bytes(held.bytes()?),
        Content::Disk(path) => File::Disk(path.to_path_buf()),
    })
}

/// The outputs that somebody looks at, shown before the others are made.
struct First {
    leaves: BTreeMap<Arc<str>, Leaf>,
    day: Option<String>,
}

impl Files for First {
    fn get(&self, path: &str) -> Option<File> {
        self.leaves.get(path).and_then(file_of)
    }

    fn day(&self) -> Option<&str> {
        self.day.as_deref()
    }
}

/// A pass's outputs go to the tree; what is looked at goes on show at once.
struct Preview<'a> {
    tree: &'a Tree,
    onlookers: &'a Onlookers<'a>,
    /// The outputs that are made before the others.
    first: Mutex<Vec<String>>,
    day: Option<String>,
}

impl Sink for Preview<'_> {
    fn put(&self, path: &Arc<str>, bytes: Vec<u8>) -> std::io::Result<()> {
        self.tree.put(path, bytes)
    }
    fn put_text(&self, path: &Arc<str>, text: &mut String) -> std::io::Result<()> {
        self.tree.put_text(path, text)
    }
    fn copy(&self, path: &Arc<str>, from: &Path, stamp: Stamp) -> std::io::Result<()> {
        self.tree.copy(path, from, stamp)
    }
    fn looked_at(&self) -> Vec<String> {
        let paths = self.onlookers.looked_at();
        self.first.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&paths);
        paths
    }
    fn looked_at_is_made(&self) {
        let (new, lacking) = self.tree.so_far();
        if !new.is_empty() {
            let changed = new.keys().map(ToString::to_string).collect();
            let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
            // What differs and is not at hand must be waited for.
            let differs = |path: &str| new.contains_key(path) || lacking.contains(path);
            let same = first.extract_if(.., |path| !differs(path)).collect();
            let first = First { leaves: new, day: self.day.clone() };
            self.onlookers.show_first(Arc::new(first), changed, same);
        }
    }
}

/// Which day is shown: the one that somebody chose in a page, else the one of the command line, else the clock's.
struct Calendar {
    /// Chosen in a page. The preview's threads write it, the next build reads it.
    chosen: Arc<Mutex<Option<Date>>>,
    /// Named on the command line.
    fixed: Option<Date>,
    /// The site's zone, once it is known.
    zone: Option<Zone>,
    /// What the bar offered last.
    days: Option<Days>,
}

impl Calendar {
    fn new(fixed: Option<Date>) -> Calendar {
        Calendar { chosen: Arc::default(), fixed, zone: None, days: None }
    }

    /// Takes the wish for a day from a page.
    fn door(&self) -> serve::Choose {
        let chosen = self.chosen.clone();
        Arc::new(move |text| {
            let wish = match text.trim() {
                "" => None,
                text => Some(
                    Date::read(text)
                        .map_err(|error| format!("{} {}", error.message, error.hint))?,
                ),
            };
            *chosen.lock().unwrap_or_else(PoisonError::into_inner) = wish;
            Ok(())
        })
    }

    /// The day to build for; none is the clock's.
    fn wanted(&self) -> Option<Date> {
        let home = self.fixed.or_else(|| self.zone.as_ref().map(today_in));
        let mut chosen = self.chosen.lock().unwrap_or_else(PoisonError::into_inner);
        // Who chooses the day that it is anyway wants it to go on at midnight.
        *chosen = chosen.filter(|day| Some(*day) != home);
        chosen.or(self.fixed)
    }

    /// What the bar in the page offers, and when that is no longer true.
    fn days(
        &mut self,
        wanted: Option<Date>,
        site: Option<&Site>,
    ) -> (Option<Days>, Option<SystemTime>) {
        if let Some(site) = site {
            let zone = &site.config.time_zone;
            let today = match (self.fixed, wanted) {
                (Some(fixed), _) => fixed,
                // The pass has looked at the clock.
                (None, None) => site.today,
                (None, Some(_)) => today_in(zone),
            };
            self.zone = Some(zone.clone());
            let is_fixed = self.fixed.is_some();
            let choices = choices(site, today);
            self.days = Some(Days { today: today.to_string(), is_fixed, wanted: None, choices });
        }
        if let Some(days) = &mut self.days {
            days.wanted = wanted.map(|day| day.to_string());
        }
        let today = self.days.as_ref().filter(|days| !days.is_fixed);
        let today = today.and_then(|days| Date::read(&days.today).ok());
        let until = today.zip(self.zone.as_ref()).and_then(|(today, zone)| end_of_day(today, zone));
        (self.days.clone(), until)
    }
}

/// The days around the week that is on or comes next, as seen from `today`, in order.
fn choices(site: &Site, today: Date) -> Vec<Choice> {
    let mut weeks = (today.year() - 1..=today.year() + 8).filter_map(|year| site.week(Some(year)));
    let Some(week) = weeks.find(|week| today <= week.last) else { return Vec::new() };
    let (first, last) = (week.first, week.last);
    let after = week.year + 1;
    let third = first.plus_days(2);
    let mut days = vec![
        ("A week before", Some(first.plus_days(-7))),
        ("First day", Some(first)),
        ("Day 3", Some(third).filter(|third| *third < last)),
        ("Last day", Some(last).filter(|last| *last > first)),
        ("The day after", Some(last.plus_days(1))),
        ("January 1 after", Date::new(after, 1, 1)),
        ("First day, next year", site.week(Some(after)).map(|week| week.first)),
    ];
    days.sort_by_key(|(_, day)| *day);
    let choice = |(title, day): (&str, Option<Date>)| {
        Some(Choice { title: title.into(), date: day?.to_string() })
    };
    days.into_iter().filter_map(choice).collect()
}

pub(super) fn serve(root: &Path, arguments: &Serve, builtin: Builtin) -> Outcome {
    let mut calendar = Calendar::new(arguments.today);
    let mut options = Options {
        today: None,
        base_url: None,
        unpublished: arguments.drafts == YesNo::Yes,
        everything: true,
        weigh: Weigh::None,
        pictures: pictures::keep(root),
        once: false,
    };
    let mut snapshot = Some(scan(root, builtin));
    let settings = Settings {
        watch: watched(root),
        bind: arguments.bind,
        port: arguments.port,
        base_path: base_path(snapshot.as_ref()),
        open: arguments.open,
        choose: calendar.door(),
        ..Settings::new(root.to_path_buf())
    };
    let shown_at = settings.base_path.clone();
    let mut memo = Memo::default();
    let mut tree = Tree::default();
    let mut first = true;
    let mut list = None;
    let last_report = std::cell::RefCell::new(Arc::new(Report::default()));
    let opening = Opening {
        root: root.into(),
        editor: arguments.bind.is_loopback().then(|| arguments.editor.clone()),
    };
    let build = |hint: serve::Hint, onlookers: &Onlookers<'_>| {
        let now = match (snapshot.take(), hint) {
            (Some(before), _) if first => before,
            (Some(before), Some(paths)) => rescan(before, &paths, builtin),
            _ => scan(root, builtin),
        };
        first = false;
        options.today = calendar.wanted();
        let day = options.today.map(|day| day.to_string());
        let preview = Preview { tree: &tree, onlookers, first: Mutex::default(), day: day.clone() };
        let made = AssertUnwindSafe(|| pass(&mut memo, &now, &options, &preview));
        let report = Arc::new(catch_unwind(made).unwrap_or_else(|_| {
            // What was kept may be half done. The next save starts from nothing, and the last good site stays.
            (memo, tree) = (Memo::default(), Tree::default());
            broken_program()
        }));
        snapshot = Some(now);
        let mut changed = Vec::new();
        let mut site: Option<Arc<dyn Files>> = None;
        if let Some((leaves, paths)) = tree.finish(!report.failed(), &report.plan) {
            changed = paths;
            let (report, opening) = (report.clone(), opening.clone());
            site = Some(Arc::new(Shown { leaves, report, opening, day }));
        }
        // After most saves there is the same to say as before.
        if list.as_ref().is_none_or(|list: &Listed| list.of != report.problems) {
            list = Some(listed(&report.problems, &opening));
        }
        let list = list.as_ref();
        let problems = list.map(|list| list.shown.clone()).unwrap_or_default();
        let unshown = list.map_or(0, |list| list.unshown);
        let (days, until) = calendar.days(options.today, report.site.as_deref());
        *last_report.borrow_mut() = report;
        Built { site, problems, unshown, changed, watch: watched(root), days, until }
    };
    let mut said = Said { base_path: shown_at, ..Said::default() };
    let outcome =
        serve::run(settings, build, |event| tell(&event, &last_report.borrow(), &mut said));
    match outcome {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Failed(format!("The preview cannot start: {error}.")),
    }
}

/// More problems than that are not shown over a page: nobody reads on, and every page would carry them.
const MOST_LISTED: usize = 100;

/// What is shown of the problems of a pass.
struct Listed {
    of: Vec<Located>,
    shown: Arc<[Problem]>,
    unshown: usize,
}

/// The problems that are shown over a page, errors before warnings if there are too many; and how many are not.
fn listed(all: &[Located], opening: &Opening) -> Listed {
    let count = |severity| all.iter().filter(|it| it.severity() == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let mut room = [errors.min(MOST_LISTED), warnings.min(MOST_LISTED.saturating_sub(errors))];
    let fits = |located: &&Located| {
        let room = match located.severity() {
            Severity::Error => &mut room[0],
            Severity::Warning => &mut room[1],
            Severity::Notice => return false,
        };
        let fits = *room > 0;
        *room -= usize::from(fits);
        fits
    };
    let problems: Vec<Problem> =
        all.iter().filter(fits).filter_map(|located| problem(located, opening)).collect();
    let unshown = errors + warnings - problems.len();
    Listed { of: all.to_vec(), shown: problems.into(), unshown }
}

/// What is said when the program itself fails.
fn broken_program() -> Report {
    let message =
        "weekmark itself failed while it made the site. That is a fault of the program, not yours.";
    let problem = Diagnostic::whole(Code::Unreadable, crate::config::FILE, message)
        .hint("Take back what you did last, and please tell us what it was.");
    Report { problems: vec![problem.locate(None)], ..Report::default() }
}

/// What a site is made of.
fn watched(root: &Path) -> Vec<std::path::PathBuf> {
    [crate::config::FILE, crate::config::BRAND_FILE, "content", "themes", "templates", "assets"]
        .map(|part| root.join(part))
        .into()
}

/// Below which path the site lies, so that the preview is at the address that it will have.
fn base_path(snapshot: Option<&Snapshot>) -> String {
    let bytes = snapshot.and_then(|snapshot| snapshot.read(crate::config::FILE).ok());
    let text = bytes.and_then(|bytes| String::from_utf8(bytes.into_owned()).ok());
    let config = text.and_then(|text| Config::read(&text, &mut Vec::new()));
    config.and_then(|config| config.base_url).map_or("/".into(), |base| base.path)
}

fn problem(located: &Located, opening: &Opening) -> Option<Problem> {
    let severity = match located.severity() {
        Severity::Error => serve::Severity::Error,
        Severity::Warning => serve::Severity::Warning,
        Severity::Notice => return None,
    };
    let d = &located.diagnostic;
    let (line, column) = located.place.as_ref().map_or((1, 1), |place| (place.line, place.column));
    let edit = opening.address(&d.file, line, column);
    let place = match &located.place {
        Some(place) => Place {
            edit,
            file: d.file.clone(),
            line: place.line,
            column: place.column,
            text: place.text.clone(),
            mark_start: place.text[..place.mark.start].chars().count(),
            mark_len: place.text[place.mark.start..place.mark.end].chars().count(),
        },
        None => Place {
            edit,
            file: d.file.clone(),
            line: 1,
            column: 1,
            text: String::new(),
            mark_start: 0,
            mark_len: 0,
        },
    };
    let trail = d.trail.join("; ");
    let hint = match (&d.hint, trail.is_empty()) {
        (Some(hint), _) => Some(hint.clone()),
        (None, false) => Some(trail),
        (None, true) => None,
    };
    Some(Problem {
        severity,
        code: d.code.id().to_string(),
        message: d.message.clone(),
        place: Some(place),
        hint,
    })
}

/// What was said last, so that it is not said again.
#[derive(Default)]
struct Said {
    problems: Vec<Located>,
    failed: bool,
    /// There is a good site to show.
    was_good: bool,
    /// Below which path the site is shown.
    base_path: String,
    /// The day that is shown.
    day: Option<Date>,
}

fn tell(event: &Event<'_>, report: &Report, said: &mut Said) {
    match event {
        Event::PortBusy { wished, got } => {
            print::say(&format!(
                "Port {wished} is in use by another program, so this is port {got}."
            ));
        }
        Event::Listening { url, network } => {
            print::good(&format!("Your site is at {url}"));
            if let Some(network) = network {
                print::say(&format!("Other devices find it at {network}"));
            }
            print::say("Edit a file in content/ and save: the page follows. Ctrl-C ends.");
        }
        Event::Polling { why } => {
            print::say(&format!("Changes are looked for once a second, because {why}."));
        }
        Event::Shown { number, took, changed, .. } => {
            // The same problems are not printed again on every save.
            if said.problems != report.problems {
                print::problems(report);
                said.problems.clone_from(&report.problems);
            }
            let base = report.config.as_ref().map(|config| config.base_url.as_ref());
            let path = base.map(|base| base.map_or("/", |base| base.path.as_str()));
            if let Some(path) = path.filter(|path| *path != said.base_path) {
                print::say(
                    "base_url has another path now: start serve again to see the site there.",
                );
                said.base_path = path.to_string();
            }
            if std::mem::replace(&mut said.failed, report.failed()) && !report.failed() {
                print::good("All mended.");
            }
            said.was_good |= !report.failed();
            if let Some(today) = report.site.as_ref().map(|site| site.today)
                && !report.failed()
                && said.day.replace(today).is_some_and(|before| before != today)
            {
                let day = today.print("full", "en").unwrap_or_default();
                print::say(&format!("Shown as on {day}."));
            }
            let time = print::time(*took);
            if report.failed() {
                print::say(if said.was_good {
                    "The page shows the last good site until this is mended."
                } else {
                    "There is nothing to show until this is mended."
                });
            } else if *number == 1 {
                let pages = print::counted(report.pages, "page");
                print::say(&format!("Built {pages} in {time}."));
            } else if *changed > 0 {
                let files = print::counted(*changed, "file");
                print::say(&format!("Changed {files} in {time}."));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The site of a campaign in the second full week of October, or of none, on a day.
    fn site(today: &str, campaign: &str) -> Arc<Site> {
        let folder =
            std::env::temp_dir().join(format!("weekmark-days-{}-{today}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("site.yaml"), format!("title: x\n{campaign}")).unwrap();
        let snapshot = scan(&folder, crate::source::Builtin::default());
        let options = Options { today: Date::read(today).ok(), ..Options::default() };
        let report = pass(&mut Memo::default(), &snapshot, &options, &Tree::default());
        std::fs::remove_dir_all(&folder).unwrap();
        report.site.expect("a site")
    }

    const WEEK: &str =
        "campaign: {name: W, rule: {full_week: 2, month: October, week_starts: Sunday}}\n";

    fn offered(today: &str, campaign: &str) -> Vec<String> {
        let site = site(today, campaign);
        let choices = choices(&site, site.today);
        choices.iter().map(|it| format!("{} {}", it.date, it.title)).collect()
    }

    #[test]
    fn the_days_around_the_week_that_is_on_or_comes_next() {
        let of_2027 = [
            "2027-10-03 A week before",
            "2027-10-10 First day",
            "2027-10-12 Day 3",
            "2027-10-16 Last day",
            "2027-10-17 The day after",
            "2028-01-01 January 1 after",
            "2028-10-08 First day, next year",
        ];
        assert_eq!(offered("2026-11-22", WEEK), of_2027);
        assert_eq!(offered("2027-10-16", WEEK), of_2027);
        assert_eq!(offered("2027-10-17", WEEK)[1], "2028-10-08 First day");
    }

    #[test]
    fn a_site_without_a_campaign_offers_nothing_but_the_field() {
        assert_eq!(offered("2026-11-23", ""), [""; 0]);
    }

    #[test]
    fn the_chosen_day_comes_before_the_named_one_and_that_before_the_clock() {
        let day = |text: &str| Date::read(text).ok();
        let calendar = Calendar::new(day("2026-11-22"));
        let door = calendar.door();
        assert_eq!(calendar.wanted(), day("2026-11-22"));
        door("2027-10-12").unwrap();
        assert_eq!(calendar.wanted(), day("2027-10-12"));
        let refusal = door("12/10/2027").unwrap_err();
        assert!(refusal.contains("can be read in two ways"), "{refusal}");
        assert_eq!(calendar.wanted(), day("2027-10-12"), "a refused day changes nothing");
        door("").unwrap();
        assert_eq!(calendar.wanted(), day("2026-11-22"));
        let calendar = Calendar::new(None);
        assert_eq!(calendar.wanted(), None);
        calendar.door()("2027-10-12").unwrap();
        assert_eq!(calendar.wanted(), day("2027-10-12"));
    }

    #[test]
    fn who_chooses_today_gets_the_clock_back() {
        let zone = Zone::named("UTC").unwrap();
        let mut calendar = Calendar::new(None);
        calendar.zone = Some(zone.clone());
        calendar.door()(&today_in(&zone).to_string()).unwrap();
        assert_eq!(calendar.wanted(), None);
    }

    #[test]
    fn the_bar_keeps_its_days_while_the_site_cannot_be_read() {
        let site = site("2026-11-24", WEEK);
        let mut calendar = Calendar::new(Some(site.today));
        let (before, until) = calendar.days(Some(site.today), Some(&*site));
        assert_eq!(until, None, "a day that was named does not end");
        let (after, _) = calendar.days(Date::read("2027-10-12").ok(), None);
        let after = after.unwrap();
        assert_eq!(after.wanted.as_deref(), Some("2027-10-12"));
        assert_eq!(after.choices, before.unwrap().choices);
        let mut calendar = Calendar::new(None);
        let (_, until) = calendar.days(None, Some(&*site));
        assert_eq!(until, end_of_day(site.today, &site.config.time_zone));
    }
}
