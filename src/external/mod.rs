//! Owns the question whether an address of the web leads somewhere: asked politely, answered in three ways,
//! kept for a while. The only module that uses the network. Must not know pages, or who wrote an address; uses
//! no other module.

mod address;
mod curl;
mod kept;
mod pace;

pub use address::{Address, Unfit};
pub use kept::{FOLDER, Kept, USUAL_DAYS, make_folder};

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use curl::{Curl, Method};

/// What came of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// There is something.
    Works {
        /// Where it is now, if the host says that it has moved for good.
        moved: Option<Address>,
    },
    /// There is nothing, for sure.
    Dead(Why),
    /// There may be something or not.
    Unsure(Why),
}

/// Why a link does not work, or why nobody can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// What the host answered (RFC 9110, section 15).
    Status(u16),
    /// It is no complete address of the web.
    Malformed,
    /// It holds a user name, which is not sent to anybody.
    Login,
    /// There is no host of that name.
    NoHost,
    /// The host takes no connection.
    Unreachable,
    /// The host took too long.
    TooSlow,
    /// No secure connection could be made.
    Insecure,
    /// The host ended the connection without an answer.
    HungUp,
    /// Redirects without end.
    Circle,
    /// An answer that is none.
    Strange,
}

impl Why {
    fn answer(self) -> Answer {
        match self {
            Why::NoHost | Why::Malformed | Why::Status(404 | 410) => Answer::Dead(self),
            _ => Answer::Unsure(self),
        }
    }
}

impl From<Unfit> for Answer {
    fn from(unfit: Unfit) -> Answer {
        match unfit {
            Unfit::Malformed => Why::Malformed.answer(),
            Unfit::Login => Why::Login.answer(),
        }
    }
}

/// How the network is asked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The program that asks.
    pub program: OsString,
    /// The pause between two requests to one host.
    pub pause: Duration,
    /// The longest that one request may take.
    pub limit: Duration,
    /// After which time a name is looked up again that was not found.
    pub again: Duration,
    /// The longest pause that a host may ask for.
    pub longest_wait: Duration,
    /// How many hosts are asked side by side.
    pub at_once: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            program: "curl".into(),
            pause: Duration::from_secs(1),
            limit: Duration::from_secs(20),
            again: Duration::from_secs(3),
            longest_wait: Duration::from_secs(30),
            at_once: 8,
        }
    }
}

/// Why the network could not be asked.
#[derive(Debug)]
pub enum Trouble {
    /// The program that asks is not there.
    NoProgram,
    /// The program that asks does not run.
    Program(io::Error),
    /// Nobody answered anything.
    Silence,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::NoProgram => f.write_str(
                "Outside links are asked for with the program curl, which is not on this machine. \
                 Install it (apt install curl, brew install curl, winget install cURL.cURL) and try again.",
            ),
            Trouble::Program(error) => write!(
                f,
                "Outside links are asked for with the program curl, which cannot be started: {error}."
            ),
            Trouble::Silence => f.write_str(
                "No outside link could be asked for, because no host was reached. Is this machine connected to \
                 the network?",
            ),
        }
    }
}

/// What is asked for, and what for sure is known of it.
#[derive(Debug)]
pub struct Asked {
    /// The answers, in the order of the addresses.
    pub answers: Vec<Answer>,
    /// How many the network was asked for.
    pub fresh: usize,
    /// Why the answers could not be kept.
    pub not_kept: Option<io::Error>,
}

/// How often the answers are written down meanwhile: whoever loses patience has lost little.
const SAVED_EVERY: Duration = Duration::from_secs(5);

/// The name under which hosts see the program.
const AGENT: &str = concat!("weekmark/", env!("CARGO_PKG_VERSION"), " (looks whether links work)");

/// Finds an answer for every address: what was kept and holds, and else the network's. `progress` is told how many
/// of how many are answered.
///
/// # Errors
/// When the network cannot be asked at all.
pub fn ask(
    settings: &Settings,
    addresses: &[Address],
    kept: &mut Kept,
    mut progress: impl FnMut(usize, usize),
) -> Result<Asked, Trouble> {
    let on_site: BTreeSet<Address> = addresses.iter().cloned().collect();
    let fresh: Vec<Address> =
        on_site.iter().filter(|address| kept.get(address).is_none()).cloned().collect();
    let mut not_kept = None;
    if !fresh.is_empty() {
        let curl = Curl {
            program: settings.program.clone(),
            agent: AGENT.to_string(),
            limit: settings.limit,
        };
        curl.is_there().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Trouble::NoProgram,
            _ => Trouble::Program(error),
        })?;
        let (told, answers) = mpsc::channel();
        let request = |address: &Address, method| curl.request(address, method);
        // Until somebody was heard, silence may be the network's: such answers are not kept.
        let (mut held_back, mut saved) = (Vec::new(), Instant::now());
        let is_heard = std::thread::scope(|scope| {
            let list = fresh.clone();
            let asking = scope.spawn(move || pace::ask(settings, list, &told, request));
            let (mut done, mut is_heard) = (0, false);
            for (number, answer) in answers {
                done += 1;
                progress(done, fresh.len());
                is_heard |= answer.is_heard();
                held_back.push((number, answer));
                if is_heard && saved.elapsed() > SAVED_EVERY {
                    for (number, answer) in held_back.drain(..) {
                        kept.put(&fresh[number], answer);
                    }
                    not_kept = kept.save(&on_site).err();
                    saved = Instant::now();
                }
            }
            asking.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        let is_heard = is_heard.map_err(Trouble::Program)?;
        if !is_heard && !has_network(&curl, kept).map_err(Trouble::Program)? {
            return Err(Trouble::Silence);
        }
        for (number, answer) in held_back {
            kept.put(&fresh[number], answer);
        }
        not_kept = kept.save(&on_site).err().or(not_kept);
    }
    let mut answers = Vec::with_capacity(addresses.len());
    for address in addresses {
        answers.push(kept.latest(address).cloned().ok_or(Trouble::Silence)?);
    }
    Ok(Asked { answers, fresh: fresh.len(), not_kept })
}

/// Whether an address that worked before is reached now. Without this, a site whose only new link is misspelled
/// would hear that the network is away.
fn has_network(curl: &Curl, kept: &Kept) -> io::Result<bool> {
    let Some(witness) = kept.witness() else { return Ok(false) };
    Ok(matches!(curl.request(&witness, Method::Head)?, curl::Reply::Answered(_)))
}

impl Answer {
    /// Whether somebody out there must have answered.
    fn is_heard(&self) -> bool {
        let silent = [Why::NoHost, Why::Unreachable, Why::TooSlow, Why::Malformed, Why::Login];
        match self {
            Answer::Works { .. } => true,
            Answer::Dead(why) | Answer::Unsure(why) => !silent.contains(why),
        }
    }
}
