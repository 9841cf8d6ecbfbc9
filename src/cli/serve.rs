//! Owns `weekmark serve`: joins the pass to the preview. Must not know HTTP or how files are watched.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::editor::Editor;
use super::{Outcome, Serve, YesNo, print};
use crate::config::Config;
use crate::diag::{Code, Diagnostic, Located, Severity};
use crate::pass::{Memo, Options, Report, Sink, pass};
use crate::serve::{
    self, Built, Event, File, Files, Onlookers, PageNote, Place, Problem, Settings,
};
use crate::source::{Builtin, Snapshot, Stamp, rescan, scan};
use crate::tree::{Content, Leaf, Leaves, Tree};

/// What the preview shows: the leaves of one good pass.
struct Shown {
    leaves: Leaves,
    report: Arc<Report>,
    opening: Opening,
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
}

impl Files for Shown {
    fn get(&self, path: &str) -> Option<File> {
        self.leaves.get(path).map(file_of)
    }

    fn note(&self, path: &str) -> Option<PageNote> {
        let (source_file, status) = self.report.source_of(path)?;
        Some(PageNote {
            source_file: source_file.to_string(),
            status: status.word().to_string(),
            note: status.note(),
            edit: self.opening.address(source_file, 1, 1),
        })
    }
}

fn file_of(leaf: &Leaf) -> File {
    match &leaf.content {
        Content::Bytes(bytes) => File::Bytes(bytes.clone()),
        Content::Disk(path) => File::Disk(path.to_path_buf()),
    }
}

/// The outputs that somebody looks at, shown before the others are made.
struct First(BTreeMap<Arc<str>, Leaf>);

impl Files for First {
    fn get(&self, path: &str) -> Option<File> {
        self.0.get(path).map(file_of)
    }
}

/// A pass's outputs go to the tree; what is looked at goes on show at once.
struct Preview<'a> {
    tree: &'a Tree,
    onlookers: &'a Onlookers<'a>,
    /// The outputs that are made before the others.
    first: Mutex<Vec<String>>,
}

impl Sink for Preview<'_> {
    fn put(&self, path: &Arc<str>, bytes: Vec<u8>) -> std::io::Result<()> {
        self.tree.put(path, bytes)
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
        let new = self.tree.so_far();
        if !new.is_empty() {
            let changed = new.keys().map(ToString::to_string).collect();
            let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
            let same = first.extract_if(.., |path| !new.contains_key(&**path)).collect();
            self.onlookers.show_first(Arc::new(First(new)), changed, same);
        }
    }
}

pub(super) fn serve(root: &Path, arguments: &Serve, builtin: Builtin) -> Outcome {
    let options = Options {
        today: arguments.today,
        base_url: None,
        unpublished: arguments.drafts == YesNo::Yes,
        everything: true,
    };
    let mut snapshot = Some(scan(root, builtin));
    let settings = Settings {
        watch: watched(root),
        bind: arguments.bind,
        port: arguments.port,
        base_path: base_path(snapshot.as_ref()),
        open: arguments.open,
        ..Settings::new(root.to_path_buf())
    };
    let shown_at = settings.base_path.clone();
    let mut memo = Memo::default();
    let mut tree = Tree::default();
    let mut first = true;
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
        let preview = Preview { tree: &tree, onlookers, first: Mutex::default() };
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
            site =
                Some(Arc::new(Shown { leaves, report: report.clone(), opening: opening.clone() }));
        }
        let (problems, unshown) = listed(&report.problems, &opening);
        *last_report.borrow_mut() = report;
        Built { site, problems, unshown, changed, watch: watched(root) }
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

/// The problems that are shown over a page, errors before warnings if there are too many; and how many are not.
fn listed(all: &[Located], opening: &Opening) -> (Vec<Problem>, usize) {
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
    (problems, unshown)
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
    [crate::config::FILE, "content", "themes", "templates", "assets"]
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
