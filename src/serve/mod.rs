//! The preview: serves the last good site from memory and keeps the browser true to the files.
//!
//! Owns the loop of `serve`: a file changes, the site is built, whoever looks at it sees the new
//! state. Must not know pages, sections, templates, the memo or the command line: a build is a
//! function it is given, a site is something that answers to paths, and nothing is printed here.
//!
//! ```text
//! files ──► watch (the doorbell) ──► build (the caller's) ──► stage (what is shown now)
//!                                                               │            │
//!                       browser ◄── http ◄── answer ◄───────────┘   reload ◄─┘ (event stream)
//! ```
//!
//! Five rules make it feel right:
//!
//! - The first event starts a build; nothing is debounced. What comes while a build runs starts
//!   one more. Only a file that is still open for writing is waited for, and 10 ms at most.
//! - A request that arrives while a build runs waits for it, so a reload never shows the page of
//!   before the save.
//! - Errors are shown 50 ms late. Editors write files in two halves; if the next build is good,
//!   nobody sees the error of the half file.
//! - The last good site stays. Problems lie over it and go when they are mended.
//! - The day is an input like the files. Choosing one rings the bell, and so does midnight; a page that was
//!   made for another day than the one on show is loaded again.

mod answer;
mod browser;
mod http;
mod json;
mod media;
mod page;
mod reload;
mod stage;
mod watch;

#[cfg(test)]
mod tests;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use answer::Answerer;
use stage::Stage;
use watch::{Bell, Note, Rung};

/// How long a build with errors is kept back in case the next one is good.
const GRACE: Duration = Duration::from_millis(50);

/// How often the clock is looked at while the day is waited for to end. A machine that slept does not count
/// the time in between, so one long wait would end too late.
const LOOK_AT_CLOCK: Duration = Duration::from_secs(60);

/// How many ports after the wished one are tried.
const PORTS_TO_TRY: u16 = 100;

/// Where to look again: `None` is everywhere, otherwise only these files may have changed.
pub type Hint = Option<Vec<PathBuf>>;

/// What one build hands to the preview.
pub struct Built {
    /// The whole site of that build. `None` when there is none: the last good one stays.
    pub site: Option<Arc<dyn Files>>,
    /// What is wrong, in the order in which it is shown. Errors make the preview wait a moment
    /// before it shows them; see the module's text. The same list may be handed in again.
    pub problems: Arc<[Problem]>,
    /// How many more problems there are that are not in the list.
    pub unshown: usize,
    /// Output paths that were added, removed or differ from the build before
    /// (`careers/index.html`, `assets/site.ab12.css`). May stay empty for the first build.
    pub changed: Vec<String>,
    /// Absolute paths of the folders (with all below them) and files that this site is made of.
    /// A path that does not exist yet is watched for.
    pub watch: Vec<PathBuf>,
    /// The days that the bar in the page offers; `None` while nothing is known of the site.
    pub days: Option<Days>,
    /// When the day ends that this was built on: then it is built again. `None` is never.
    pub until: Option<SystemTime>,
}

/// The day that the site is made for, and the days that somebody may want to see. All dates are ISO 8601
/// (`2027-10-12`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Days {
    /// The day that "today" leads back to.
    pub today: String,
    /// That day was named when the preview started; the clock has no say.
    pub is_fixed: bool,
    /// The day that the build was asked for, if that is not simply the clock's.
    pub wanted: Option<String>,
    /// The days that are worth a look, in the order in which they are offered.
    pub choices: Vec<Choice>,
}

/// A day that is worth a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What it is (`First day`).
    pub title: String,
    /// When it is, ISO 8601.
    pub date: String,
}

/// Takes the wish for a day as it was typed or chosen, empty for today; the next build is of that day. An error
/// says in a sentence why the text is no day. Called on any thread.
pub type Choose = Arc<dyn Fn(&str) -> Result<(), String> + Send + Sync>;

impl Built {
    fn has_errors(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }
}

/// The output of one build, as a value that no longer changes.
pub trait Files: Send + Sync {
    /// The file at an output path such as `careers/index.html` (no leading slash).
    fn get(&self, path: &str) -> Option<File>;

    /// What the bar in the page says about an output path; `None` for files without a source.
    fn note(&self, path: &str) -> Option<PageNote> {
        let _ = path;
        None
    }

    /// The day that the site was made for, ISO 8601; `None` when that is the clock's.
    fn day(&self) -> Option<&str> {
        None
    }
}

/// Those who look at the preview while a build is under way.
pub struct Onlookers<'a> {
    stage: &'a Stage,
}

impl Onlookers<'_> {
    /// The output paths of the pages that were asked for last, the last first.
    pub fn looked_at(&self) -> Vec<String> {
        self.stage.looked_at()
    }

    /// Puts the first files of the build that is under way on show: those at the paths `changed`, and those
    /// at the paths `same`, which are as they were. All other requests go on waiting for the end of the build.
    pub fn show_first(&self, first: Arc<dyn Files>, changed: Vec<String>, same: Vec<String>) {
        self.stage.show_first(first, changed, same);
    }
}

/// One file of the output.
#[derive(Clone)]
pub enum File {
    /// The bytes themselves.
    Bytes(Arc<[u8]>),
    /// A large file that is served from where it lies.
    Disk(PathBuf),
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The site cannot be published like this.
    Error,
    /// Worth a look.
    Warning,
}

/// One thing that is wrong with the site, as the overlay shows it.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Error or warning.
    pub severity: Severity,
    /// A stable short name (`unknown-key`).
    pub code: String,
    /// The sentence that says what is wrong.
    pub message: String,
    /// Where, if it is at a place.
    pub place: Option<Place>,
    /// How to mend it.
    pub hint: Option<String>,
}

/// A place in a source file, with the line to show.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file, as the editor knows it (`content/careers.md`).
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Column, counted from 1.
    pub column: usize,
    /// The text of that line.
    pub text: String,
    /// Where the mark starts in `text`, in characters.
    pub mark_start: usize,
    /// How many characters are marked.
    pub mark_len: usize,
    /// An address that opens the file there.
    pub edit: Option<String>,
}

/// What the bar in the page tells the editor about it.
#[derive(Clone, Debug)]
pub struct PageNote {
    /// The file to edit (`content/careers.md`).
    pub source_file: String,
    /// `published`, `draft`, `held` or `expired`.
    pub status: String,
    /// Why, in words (`starts 1 September`).
    pub note: Option<String>,
    /// An address that opens the file.
    pub edit: Option<String>,
    /// Where the file lies on this machine, to be copied into a dialog; `None` for other devices.
    pub place: Option<String>,
    /// What the page shows and where it was written.
    pub pieces: Vec<Piece>,
    /// The page still is what a new site begins with: the list of pieces opens by itself.
    pub is_fresh: bool,
}

/// Something that a page shows, and where somebody wrote it.
#[derive(Clone, Debug, Default)]
pub struct Piece {
    /// What it is (`The title of this page`).
    pub about: String,
    /// The file to edit.
    pub file: String,
    /// The line in it, counted from 1; `None` is the whole file.
    pub line: Option<usize>,
    /// What stands in that line.
    pub written: String,
    /// An address that opens the file there.
    pub edit: Option<String>,
    /// The words by which it is found on the page; empty is the first element that `within` finds.
    pub text: String,
    /// A CSS selector for where to look; empty for what has no place on the page.
    pub within: String,
}

/// How to serve. [`Settings::new`] gives the defaults.
pub struct Settings {
    /// The site's root folder, absolute.
    pub root: PathBuf,
    /// What to watch before the first build has said it, so that a save during that build counts.
    pub watch: Vec<PathBuf>,
    /// The address to listen on; other than loopback means: other devices may look.
    pub bind: IpAddr,
    /// The wished port. The next free one is taken when it is busy; 0 lets the system choose.
    pub port: u16,
    /// Where the site lies: `/` or `/x/y/`, as in an address. `/` itself leads there.
    pub base_path: String,
    /// Whether to open a browser.
    pub open: bool,
    /// Where the wish for another day goes.
    pub choose: Choose,
    /// Ends [`run`].
    pub stop: Stop,
}

impl Settings {
    /// Loopback, port 1111, at the root of the host, without opening a browser.
    pub fn new(root: PathBuf) -> Settings {
        Settings {
            root,
            watch: Vec::new(),
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 1111,
            base_path: "/".into(),
            open: false,
            choose: Arc::new(|_| Err("This preview shows one day only.".into())),
            stop: Stop::default(),
        }
    }
}

/// Ends a preview from another thread. Clones end the same preview.
#[derive(Clone, Default)]
pub struct Stop {
    shared: Arc<StopState>,
}

#[derive(Default)]
struct StopState {
    wanted: AtomicBool,
    bell: Mutex<Option<Sender<Note>>>,
}

impl Stop {
    /// Lets [`run`] return after the build it is in, if any.
    pub fn stop(&self) {
        self.shared.wanted.store(true, Ordering::SeqCst);
        if let Some(bell) = self.bell().as_ref() {
            // The preview may have ended by itself: then there is nobody to tell.
            let _ = bell.send(Note::Stop);
        }
    }

    fn is_wanted(&self) -> bool {
        self.shared.wanted.load(Ordering::SeqCst)
    }

    fn connect(&self, bell: Sender<Note>) {
        *self.bell() = Some(bell);
    }

    fn bell(&self) -> std::sync::MutexGuard<'_, Option<Sender<Note>>> {
        self.shared.bell.lock().expect("nothing panics while it holds this lock")
    }
}

/// What the preview has to say; the caller prints it.
#[derive(Debug)]
pub enum Event<'a> {
    /// The wished port is taken by another program; the next free one is used.
    PortBusy {
        /// The port that was asked for.
        wished: u16,
        /// The port that is used.
        got: u16,
    },
    /// The preview answers. Said once, before the first build.
    Listening {
        /// The address for this machine.
        url: &'a str,
        /// The address for other devices, when they may look.
        network: Option<&'a str>,
    },
    /// Changes are now looked for every second, because the system cannot tell of them.
    Polling {
        /// What the system said.
        why: &'a str,
    },
    /// A build is on show.
    Shown {
        /// Counts the builds on show, from 1.
        number: u64,
        /// From the first sign of a change until it could be seen in a browser.
        took: Duration,
        /// How many output files differ.
        changed: usize,
        /// What is wrong.
        problems: &'a [Problem],
    },
}

/// Serves, watches and builds until [`Settings::stop`] is triggered.
///
/// `build` is called on this thread, never twice at a time; `say` too. An error means that the
/// preview could not start: no free port, or no way at all to watch files.
pub fn run(
    settings: Settings,
    build: impl FnMut(Hint, &Onlookers<'_>) -> Built,
    mut say: impl FnMut(Event<'_>),
) -> io::Result<()> {
    let base = answer::normal_base(&settings.base_path);
    let listener = listen(settings.bind, settings.port)?;
    let address = listener.local_addr()?;
    let stage = Arc::new(Stage::new());
    let bell = Bell::hang(&settings.root)?;
    let choose = ringing(settings.choose.clone(), bell.sender());
    let answerer = Answerer::new(stage.clone(), base.clone(), settings.bind.is_loopback(), choose);
    let server = http::Server::start(listener, Arc::new(answerer))?;

    if settings.port != 0 && address.port() != settings.port {
        say(Event::PortBusy { wished: settings.port, got: address.port() });
    }
    let url = url_of(local_address(address), &base);
    let network = network_address(address).map(|it| url_of(it, &base));
    say(Event::Listening { url: &url, network: network.as_deref() });
    if settings.open {
        browser::open(&url);
    }
    let outcome = follow(&settings, &stage, bell, build, &mut say);
    stage.close();
    server.close();
    outcome
}

/// The same choice, and a ring of the bell after it.
fn ringing(choose: Choose, bell: Sender<Note>) -> Choose {
    Arc::new(move |text| {
        choose(text)?;
        // The preview may be about to end: then nobody builds any more.
        let _ = bell.send(Note::Again);
        Ok(())
    })
}

/// The loop: build, show, wait for the bell.
fn follow(
    settings: &Settings,
    stage: &Stage,
    mut bell: Bell,
    mut build: impl FnMut(Hint, &Onlookers<'_>) -> Built,
    say: &mut impl FnMut(Event<'_>),
) -> io::Result<()> {
    settings.stop.connect(bell.sender());
    bell.watch(&settings.watch)?;
    let mut hint = None;
    let mut round = Round::since(Instant::now());
    while !settings.stop.is_wanted() {
        stage.begin();
        let built = build(hint.take(), &Onlookers { stage });
        let new_ground = bell.watch(&built.watch)?;
        let until = built.until;
        round.take(built);
        let mut rung = if new_ground {
            // What was saved between the build's look and the new watch has rung no bell.
            Rung::Changed(None)
        } else {
            bell.wait(Some(round.patience().unwrap_or_default()), || {})?
        };
        if let Some(why) = bell.new_reason_to_poll() {
            say(Event::Polling { why: &why });
        }
        let is_quiet = matches!(rung, Rung::Quiet);
        if is_quiet || round.patience().is_none() {
            round.show(stage, is_quiet, say);
            let mut first_sign = Instant::now();
            if is_quiet {
                rung = bell_or_midnight(&mut bell, until, || {
                    stage.begin();
                    first_sign = Instant::now();
                })?;
            }
            round = Round::since(first_sign);
        }
        match rung {
            Rung::Changed(paths) => hint = paths,
            Rung::Stop | Rung::Quiet => break,
        }
    }
    Ok(())
}

/// Waits for the bell, or until a moment: then the same files are built again.
#[expect(clippy::disallowed_methods, reason = "a preview that stands overnight follows the day")]
fn bell_or_midnight(
    bell: &mut Bell,
    until: Option<SystemTime>,
    mut rang: impl FnMut(),
) -> io::Result<Rung> {
    loop {
        let left = until.map(|until| until.duration_since(SystemTime::now()).unwrap_or_default());
        match bell.wait(left.map(|left| left.min(LOOK_AT_CLOCK)), &mut rang)? {
            Rung::Quiet if left.is_some_and(|left| left <= LOOK_AT_CLOCK) => {
                rang();
                return Ok(Rung::Changed(Some(Vec::new())));
            }
            // Not yet, or the clock was set back meanwhile.
            Rung::Quiet if left.is_some() => {}
            rung => return Ok(rung),
        }
    }
}

/// The builds between two states that are shown: usually one, more when errors are kept back.
struct Round {
    rung: Instant,
    bad_since: Option<Instant>,
    changed: Vec<String>,
    built: Option<Built>,
}

impl Round {
    fn since(rung: Instant) -> Round {
        Round { rung, bad_since: None, changed: Vec::new(), built: None }
    }

    fn take(&mut self, mut built: Built) {
        self.changed.append(&mut built.changed);
        let earlier = self.built.take();
        // A good site that was built but not shown yet must not be lost behind a bad build.
        built.site = built.site.or(earlier.and_then(|earlier| earlier.site));
        if built.has_errors() {
            self.bad_since.get_or_insert_with(Instant::now);
        } else {
            self.bad_since = None;
        }
        self.built = Some(built);
    }

    /// How much longer to wait for a better build; `None` when this one is to be shown now.
    fn patience(&self) -> Option<Duration> {
        GRACE.checked_sub(self.bad_since?.elapsed()).filter(|left| !left.is_zero())
    }

    /// Puts the last build on show. If nothing was saved meanwhile, who waits for it is answered before the terminal.
    fn show(&mut self, stage: &Stage, is_quiet: bool, say: &mut impl FnMut(Event<'_>)) {
        let Some(mut built) = self.built.take() else { return };
        self.changed.sort_unstable();
        self.changed.dedup();
        built.changed = std::mem::take(&mut self.changed);
        let number = stage.show(&built);
        let (took, changed) = (self.rung.elapsed(), built.changed.len());
        if is_quiet {
            stage.rest();
        }
        say(Event::Shown { number, took, changed, problems: &built.problems });
    }
}

/// Takes the wished port or the next free one.
fn listen(bind: IpAddr, wished: u16) -> io::Result<TcpListener> {
    let last = if wished == 0 { 0 } else { wished.saturating_add(PORTS_TO_TRY) };
    let mut port = wished;
    loop {
        match TcpListener::bind(SocketAddr::new(bind, port)) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && port < last => port += 1,
            outcome => return outcome,
        }
    }
}

fn url_of(address: SocketAddr, base: &str) -> String {
    format!("http://{address}{}", answer::encoded(base))
}

/// The address that works on this machine, also when listening on all of them.
fn local_address(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(_) => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
        });
    }
    address
}

/// The address that other devices can use when listening on all addresses.
///
/// "Connecting" a datagram socket sends nothing; it only makes the system choose the route and
/// with it our own address. The target is one of those reserved for documentation.
fn network_address(address: SocketAddr) -> Option<SocketAddr> {
    if !address.ip().is_unspecified() {
        return None;
    }
    let socket = UdpSocket::bind((address.ip(), 0)).ok()?;
    socket.connect(if address.is_ipv4() { "192.0.2.1:9" } else { "[2001:db8::1]:9" }).ok()?;
    let own = socket.local_addr().ok()?.ip();
    (!own.is_loopback()).then(|| SocketAddr::new(own, address.port()))
}
