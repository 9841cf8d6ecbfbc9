//! What is on show now, and who waits for what comes next.
//!
//! Owns the last good site, the number of the build on show, and the message that browsers get
//! about it. Must not know how a build is made, nor the protocol that carries the message.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::json::{array, object, string, string_or_null};
use super::media::is_page;
use super::{Built, Days, File, Files, PageNote, Problem, Severity};

/// For how many builds the message says what they changed. A page that was loaded earlier than
/// that reloads; the list only has to cover the moment between a page and its event stream.
const REMEMBERED_BUILDS: usize = 16;

/// A longer list of changed files is not worth sending: "any of them" is said instead.
const MOST_PATHS: usize = 200;

/// How many pages may be looked at: more windows than that are rarely open.
const MOST_LOOKED_AT: usize = 8;

/// One state of the site, as a value.
pub(super) struct Shown {
    /// Counts from 1; 0 is before the first build.
    pub(super) number: u64,
    /// The last good site, if there has been one.
    pub(super) site: Option<Arc<dyn Files>>,
    /// All that a browser has to know to catch up from any earlier build, as JSON.
    pub(super) message: Arc<str>,
}

/// What waiting for the next state brought.
pub(super) enum Next {
    /// Something newer is on show.
    Shown(Arc<Shown>),
    /// Nothing in that time.
    Quiet,
    /// The preview ends.
    Closing,
}

/// The place where builds are put on show.
pub(super) struct Stage {
    session: String,
    state: Mutex<State>,
    moved: Condvar,
}

struct State {
    building: bool,
    closing: bool,
    shown: Arc<Shown>,
    log: VecDeque<String>,
    /// The last good build as a whole.
    good: Option<Arc<dyn Files>>,
    /// What of the build under way is on show already.
    first: BTreeSet<String>,
    /// What of builds before in the same round was on show and may be different in this one.
    untold: BTreeSet<String>,
    /// The problems of the last build, and the same as JSON.
    problems: (Arc<[Problem]>, String),
    /// How many more there were.
    unshown: usize,
    /// The days that may be chosen, as JSON.
    days: String,
    /// The pages that were asked for last, the last first.
    looked_at: VecDeque<String>,
}

/// The first files of a build before those of the build before.
struct Over {
    first: Arc<dyn Files>,
    rest: Option<Arc<dyn Files>>,
}

impl Files for Over {
    fn get(&self, path: &str) -> Option<File> {
        self.first.get(path).or_else(|| self.rest.as_ref()?.get(path))
    }

    fn note(&self, path: &str) -> Option<PageNote> {
        self.rest.as_ref()?.note(path)
    }

    fn day(&self) -> Option<&str> {
        self.first.day()
    }
}

impl Stage {
    /// An empty stage; until the first build is shown, requests wait.
    pub(super) fn new() -> Stage {
        let shown = Shown { number: 0, site: None, message: Arc::from("") };
        let state = State {
            building: true,
            closing: false,
            shown: Arc::new(shown),
            log: VecDeque::new(),
            good: None,
            first: BTreeSet::new(),
            untold: BTreeSet::new(),
            problems: (Arc::default(), "[]".into()),
            unshown: 0,
            days: "null".into(),
            looked_at: VecDeque::new(),
        };
        Stage { session: new_session(), state: Mutex::new(state), moved: Condvar::new() }
    }

    /// Names this run of the preview, so that a page can tell that it was restarted.
    pub(super) fn session(&self) -> &str {
        &self.session
    }

    /// From now on requests wait for what is about to be shown.
    pub(super) fn begin(&self) {
        let mut state = self.lock();
        state.building = true;
        let first = std::mem::take(&mut state.first);
        state.untold.extend(first);
    }

    /// Nothing is under way any more: requests are answered at once.
    pub(super) fn rest(&self) {
        self.lock().building = false;
        self.moved.notify_all();
    }

    /// Puts a build on show and returns its number. Requests go on waiting until [`Stage::rest`]:
    /// more may have been saved while this was built.
    pub(super) fn show(&self, built: &Built) -> u64 {
        let mut state = self.lock();
        let first = std::mem::take(&mut state.first);
        let mut changed = built.changed.clone();
        match &built.site {
            // Who saw the first files of this build need not load them again.
            Some(site) => {
                changed.retain(|path| !first.contains(path));
                state.good = Some(site.clone());
            }
            // The build went wrong after its first files: back to the last good one.
            None => changed.extend(first),
        }
        changed.extend(std::mem::take(&mut state.untold));
        state.unshown = built.unshown;
        if !Arc::ptr_eq(&state.problems.0, &built.problems) {
            let json = array(built.problems.iter().map(problem_as_json));
            state.problems = (built.problems.clone(), json);
        }
        state.days = built.days.as_ref().map_or_else(|| "null".into(), days_as_json);
        let site = state.good.clone();
        self.put(&mut state, site, &changed)
    }

    /// Puts the first files of the build that is under way on show. What is asked for beyond them waits.
    pub(super) fn show_first(
        &self,
        first: Arc<dyn Files>,
        changed: Vec<String>,
        same: Vec<String>,
    ) {
        let mut state = self.lock();
        let earlier = std::mem::take(&mut state.untold);
        let site: Arc<dyn Files> = Arc::new(Over { first, rest: state.good.clone() });
        let all: Vec<String> = changed.iter().cloned().chain(earlier).collect();
        self.put(&mut state, Some(site), &all);
        state.first = changed.into_iter().chain(same).collect();
    }

    fn put(&self, state: &mut State, site: Option<Arc<dyn Files>>, changed: &[String]) -> u64 {
        let number = state.shown.number + 1;
        state.log.push_back(change_as_json(number, changed));
        if state.log.len() > REMEMBERED_BUILDS {
            state.log.pop_front();
        }
        let message = object([
            ("session", string(&self.session)),
            ("build", number.to_string()),
            ("site", site.is_some().to_string()),
            ("log", array(state.log.iter().cloned())),
            ("problems", state.problems.1.clone()),
            ("unshown", state.unshown.to_string()),
            ("day", string_or_null(site.as_ref().and_then(|site| site.day()))),
            ("days", state.days.clone()),
        ]);
        state.shown = Arc::new(Shown { number, site, message: message.into() });
        self.moved.notify_all();
        number
    }

    /// What is on show for a request; waits for a build that is under way, but not for ever, and not for
    /// a file that this build has put on show already.
    pub(super) fn settled(&self, path: &str, limit: Duration) -> Arc<Shown> {
        let mut state = self.lock();
        if is_page(path) {
            state.looked_at.retain(|other| other != path);
            state.looked_at.push_front(path.to_owned());
            state.looked_at.truncate(MOST_LOOKED_AT);
        }
        let waits =
            |state: &mut State| state.building && !state.closing && !state.first.contains(path);
        let (state, _) = self
            .moved
            .wait_timeout_while(state, limit, waits)
            .expect("nothing panics while it holds this lock");
        state.shown.clone()
    }

    /// The pages that were asked for last.
    pub(super) fn looked_at(&self) -> Vec<String> {
        self.lock().looked_at.iter().cloned().collect()
    }

    /// Waits until something newer than build `seen` is on show.
    pub(super) fn after(&self, seen: u64, limit: Duration) -> Next {
        let until = Instant::now() + limit;
        let mut state = self.lock();
        loop {
            if state.closing {
                return Next::Closing;
            }
            if state.shown.number > seen {
                return Next::Shown(state.shown.clone());
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Next::Quiet;
            }
            (state, _) = self
                .moved
                .wait_timeout(state, left)
                .expect("nothing panics while it holds this lock");
        }
    }

    /// Lets all who wait go home.
    pub(super) fn close(&self) {
        self.lock().closing = true;
        self.moved.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds this lock")
    }
}

/// A name that no other run has: the clock for other times, the process for other programs.
#[expect(clippy::disallowed_methods, reason = "two previews on one port must have two names")]
fn new_session() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_nanos());
    format!("{now:x}-{:x}", std::process::id())
}

fn change_as_json(number: u64, changed: &[String]) -> String {
    let (pages, assets): (Vec<&String>, Vec<&String>) =
        changed.iter().partition(|path| is_page(path));
    object([
        ("build", number.to_string()),
        ("pages", paths_as_json(&pages)),
        ("assets", paths_as_json(&assets)),
    ])
}

/// The paths, or `null` for "too many to list: any".
fn paths_as_json(paths: &[&String]) -> String {
    if paths.len() > MOST_PATHS {
        return "null".into();
    }
    array(paths.iter().map(|path| string(path)))
}

fn days_as_json(days: &Days) -> String {
    let choice =
        |it: &super::Choice| object([("title", string(&it.title)), ("date", string(&it.date))]);
    object([
        ("today", string(&days.today)),
        ("isFixed", days.is_fixed.to_string()),
        ("wanted", string_or_null(days.wanted.as_deref())),
        ("choices", array(days.choices.iter().map(choice))),
    ])
}

fn problem_as_json(problem: &Problem) -> String {
    let severity = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let place = problem.place.as_ref().map_or_else(
        || "null".into(),
        |place| {
            object([
                ("file", string(&place.file)),
                ("line", place.line.to_string()),
                ("column", place.column.to_string()),
                ("text", string(&place.text)),
                ("start", place.mark_start.to_string()),
                ("length", place.mark_len.to_string()),
                ("edit", string_or_null(place.edit.as_deref())),
            ])
        },
    );
    object([
        ("severity", string(severity)),
        ("code", string(&problem.code)),
        ("message", string(&problem.message)),
        ("place", place),
        ("hint", string_or_null(problem.hint.as_deref())),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Empty;

    impl Files for Empty {
        fn get(&self, _: &str) -> Option<File> {
            None
        }
    }

    fn built(good: bool, changed: &[&str]) -> Built {
        Built {
            site: good.then(|| Arc::new(Empty) as Arc<dyn Files>),
            problems: Arc::default(),
            unshown: 0,
            changed: changed.iter().map(ToString::to_string).collect(),
            watch: Vec::new(),
            days: None,
            until: None,
        }
    }

    fn first(stage: &Stage, path: &str) {
        stage.show_first(Arc::new(Empty), vec![path.into()], Vec::new());
    }

    fn last_log(stage: &Stage) -> String {
        stage.lock().log.back().cloned().unwrap_or_default()
    }

    #[test]
    fn who_saw_the_first_files_of_a_build_is_told_only_of_what_differs() {
        let stage = Stage::new();
        // The same build goes on: the page is what it was when it was shown first.
        stage.begin();
        first(&stage, "x.html");
        stage.show(&built(true, &["x.html", "y.html"]));
        assert!(!last_log(&stage).contains("x.html") && last_log(&stage).contains("y.html"));
        // The build goes wrong: back to the last good site.
        stage.begin();
        first(&stage, "x.html");
        stage.show(&built(false, &[]));
        assert!(last_log(&stage).contains("x.html"));
        // The build goes wrong, and the next one in the same round makes the page anew.
        stage.begin();
        first(&stage, "x.html");
        stage.begin();
        stage.show(&built(true, &["x.html"]));
        assert!(last_log(&stage).contains("x.html"));
    }

    #[test]
    fn only_what_was_shown_first_is_answered_before_the_build_is_done() {
        let stage = Stage::new();
        stage.show(&built(true, &[]));
        stage.begin();
        first(&stage, "x.html");
        let short = Duration::from_millis(20);
        let begun = Instant::now();
        stage.settled("x.html", Duration::from_secs(20));
        assert!(begun.elapsed() < Duration::from_secs(10));
        stage.settled("y.html", short);
        stage.begin();
        let begun = Instant::now();
        stage.settled("x.html", short);
        assert!(begun.elapsed() >= short, "what an earlier build showed is not sure any more");
        assert_eq!(stage.looked_at(), ["x.html", "y.html"]);
    }
}
