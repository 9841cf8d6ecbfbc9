//! Owns the order of requests: one at a time for each host, a pause between two, several hosts side by side,
//! a second try where one does not suffice, redirects step by step. Must not know how a request is made.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::mpsc::Sender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::address::{Address, Unfit};
use super::curl::{Head, Method, Reply};
use super::{Answer, Settings, Why};

/// More redirects than this are no way to a page.
const MOST_REDIRECTS: usize = 10;

/// A host that was silent this often in a row is not asked for its other addresses.
const SILENT_TOO_OFTEN: usize = 3;

/// As many hosts must be silent, and no other heard, before the network is taken to be away.
const SILENT_HOSTS: usize = 24;

/// An address on its way to an answer.
#[derive(Debug)]
struct Job {
    /// Its number among those that were asked for.
    number: usize,
    /// Where it stands now, after so many redirects.
    at: Address,
    method: Method,
    /// Where it was, from the beginning.
    seen: Vec<Address>,
    /// How far redirects led that are meant for good.
    moved: Option<Address>,
    /// Whether all redirects so far were meant for good.
    for_good: bool,
    /// It waited as the host had asked.
    has_waited: bool,
}

/// What is known of a host.
#[derive(Debug)]
struct Host {
    queue: VecDeque<Job>,
    is_busy: bool,
    /// Not before this time is it asked again.
    ready: Instant,
    /// Its name was not found once.
    is_missed: bool,
    /// How often in a row it was silent.
    silent: usize,
    /// It answered at some time.
    is_heard: bool,
    /// What holds for all of its addresses from now on.
    verdict: Option<Why>,
}

/// All hosts and what is asked of them.
#[derive(Debug)]
struct State {
    hosts: BTreeMap<String, Host>,
    /// How many addresses have no answer yet.
    open: usize,
    /// Some host answered something.
    is_heard: bool,
    failed: Option<io::Error>,
    is_over: bool,
}

/// What there is to do.
enum Next {
    Ask(Box<Job>),
    /// Nothing before that time.
    Wait(Option<Instant>),
    Over,
}

/// Asks for all addresses with `request`, from as many threads as hosts are asked side by side, and tells every
/// answer with its number. Gives whether any host was heard at all.
///
/// # Errors
/// When a request could not even be tried.
pub(super) fn ask(
    settings: &Settings,
    addresses: Vec<Address>,
    answers: &Sender<(usize, Answer)>,
    request: impl Fn(&Address, Method) -> io::Result<Reply> + Sync,
) -> io::Result<bool> {
    let mut state = State {
        hosts: BTreeMap::new(),
        open: addresses.len(),
        is_heard: false,
        failed: None,
        is_over: false,
    };
    for (number, at) in addresses.into_iter().enumerate() {
        let seen = vec![at.clone()];
        let (moved, method) = (None, Method::Head);
        let job = Job { number, at, method, seen, moved, for_good: true, has_waited: false };
        state.host(&job.at).queue.push_back(job);
    }
    let threads = settings.at_once.min(state.hosts.len());
    let (state, changed) = (Mutex::new(state), Condvar::new());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| work(settings, &state, &changed, answers, &request));
        }
    });
    let state = state.into_inner().unwrap_or_else(PoisonError::into_inner);
    state.failed.map_or(Ok(state.is_heard), Err)
}

fn work(
    settings: &Settings,
    state: &Mutex<State>,
    changed: &Condvar,
    answers: &Sender<(usize, Answer)>,
    request: &(impl Fn(&Address, Method) -> io::Result<Reply> + Sync),
) {
    let lock = || state.lock().unwrap_or_else(PoisonError::into_inner);
    let mut now = lock();
    loop {
        match now.next(Instant::now()) {
            Next::Over => break,
            Next::Wait(until) => now = wait(now, changed, until),
            Next::Ask(job) => {
                drop(now);
                let reply = request(&job.at, job.method);
                now = lock();
                match reply {
                    Ok(reply) => {
                        let tell = |number, answer| {
                            // Whoever does not listen any more needs no answer.
                            let _ = answers.send((number, answer));
                        };
                        now.take(*job, reply, settings, tell);
                    }
                    Err(error) => {
                        now.failed = Some(error);
                        now.is_over = true;
                    }
                }
                changed.notify_all();
            }
        }
    }
}

fn wait<'a>(
    state: MutexGuard<'a, State>,
    changed: &Condvar,
    until: Option<Instant>,
) -> MutexGuard<'a, State> {
    match until {
        None => changed.wait(state).unwrap_or_else(PoisonError::into_inner),
        Some(until) => {
            let time = until.saturating_duration_since(Instant::now());
            changed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0
        }
    }
}

impl State {
    fn host(&mut self, address: &Address) -> &mut Host {
        self.hosts.entry(address.host().to_string()).or_insert_with(|| Host {
            queue: VecDeque::new(),
            is_busy: false,
            ready: Instant::now(),
            is_missed: false,
            silent: 0,
            is_heard: false,
            verdict: None,
        })
    }

    /// The next job of the host that waits longest, if its pause is over.
    fn next(&mut self, now: Instant) -> Next {
        if self.open == 0 || self.is_over {
            return Next::Over;
        }
        let free = self.hosts.values_mut().filter(|host| !host.is_busy && !host.queue.is_empty());
        let Some(host) = free.min_by_key(|host| host.ready) else { return Next::Wait(None) };
        if host.ready > now {
            return Next::Wait(Some(host.ready));
        }
        let Some(job) = host.queue.pop_front() else { return Next::Wait(None) };
        host.is_busy = true;
        Next::Ask(Box::new(job))
    }

    /// Takes what came of a request: an answer, or another request.
    fn take(
        &mut self,
        mut job: Job,
        reply: Reply,
        settings: &Settings,
        mut tell: impl FnMut(usize, Answer),
    ) {
        let host = self.host(&job.at);
        host.is_busy = false;
        host.ready = Instant::now() + settings.pause;
        let step = match reply {
            Reply::Answered(head) => {
                (host.silent, host.is_heard) = (0, true);
                self.is_heard = true;
                answered(&mut job, head, settings)
            }
            Reply::Failed(exit) => {
                let step = failed(host, &mut job, exit, settings);
                self.is_heard |= host.is_heard;
                step
            }
        };
        let done = match step {
            Step::Again { after } => {
                let host = self.host(&job.at);
                host.ready = host.ready.max(Instant::now() + after);
                host.queue.push_front(job);
                None
            }
            Step::Redirected(to) => {
                let host = self.host(&to);
                job.at = to;
                match host.verdict {
                    Some(why) => Some((job, why.answer())),
                    None => {
                        host.queue.push_back(job);
                        None
                    }
                }
            }
            Step::Done(answer) => Some((job, answer)),
            Step::AllDone(why) => {
                let host = self.host(&job.at);
                host.verdict = Some(why);
                let others = std::mem::take(&mut host.queue);
                for other in others {
                    self.open -= 1;
                    tell(other.number, why.answer());
                }
                Some((job, why.answer()))
            }
        };
        if let Some((job, answer)) = done {
            self.open -= 1;
            tell(job.number, answer);
        }
        let silent = self.hosts.values().filter(|host| host.verdict.is_some() || host.silent > 0);
        self.is_over |= !self.is_heard && silent.count() >= SILENT_HOSTS;
    }
}

/// What follows from a reply.
enum Step {
    /// Ask for it once more, not before that time.
    Again {
        after: Duration,
    },
    Redirected(Address),
    Done(Answer),
    /// The same holds for all addresses of the host.
    AllDone(Why),
}

fn answered(job: &mut Job, head: Head, settings: &Settings) -> Step {
    let again = Step::Again { after: Duration::ZERO };
    let unsure = |why| Step::Done(Answer::Unsure(why));
    match (head.status, head.location, head.retry_after) {
        (200..=299, _, _) => Step::Done(Answer::Works { moved: job.moved.take() }),
        (status @ (301 | 302 | 303 | 307 | 308), Some(location), _) => {
            let to = match job.at.join(&location) {
                Ok(to) => to,
                Err(Unfit::Login) => return unsure(Why::Login),
                Err(Unfit::Malformed) => return unsure(Why::Strange),
            };
            if job.seen.contains(&to) || job.seen.len() > MOST_REDIRECTS {
                return unsure(Why::Circle);
            }
            job.for_good &= matches!(status, 301 | 308);
            if job.for_good {
                job.moved = Some(to.clone());
            }
            job.seen.push(to.clone());
            (job.method, job.has_waited) = (Method::Head, false);
            Step::Redirected(to)
        }
        (429 | 503, _, Some(wait)) if !job.has_waited => {
            let wait = Duration::from_secs(wait);
            if wait > settings.longest_wait {
                return Step::AllDone(Why::Status(head.status));
            }
            job.has_waited = true;
            Step::Again { after: wait }
        }
        // To go on would be rude.
        (429, _, _) => Step::AllDone(Why::Status(429)),
        // Many hosts answer wrongly when they are asked what is known about an address.
        _ if job.method == Method::Head => {
            job.method = Method::Get;
            again
        }
        (status @ (404 | 410), _, _) => Step::Done(Answer::Dead(Why::Status(status))),
        (status, _, _) => unsure(Why::Status(status)),
    }
}

/// The exit codes of curl that are told apart.
fn failed(host: &mut Host, job: &mut Job, exit: i32, settings: &Settings) -> Step {
    let why = match exit {
        // A name that is not found may be a hiccup of the network, so it is looked up again later.
        6 if host.is_missed => return Step::AllDone(Why::NoHost),
        6 => {
            (host.is_missed, host.silent) = (true, host.silent + 1);
            return Step::Again { after: settings.again };
        }
        5 | 7 => Why::Unreachable,
        28 => Why::TooSlow,
        35 | 51 | 58 | 60 | 77 | 83 | 90 | 91 => Why::Insecure,
        52 | 55 | 56 => Why::HungUp,
        _ => Why::Strange,
    };
    if matches!(why, Why::Unreachable | Why::TooSlow) {
        host.silent += 1;
    } else {
        (host.silent, host.is_heard) = (0, true);
    }
    if host.silent >= SILENT_TOO_OFTEN {
        return Step::AllDone(why);
    }
    let may_be_the_method = matches!(why, Why::TooSlow | Why::HungUp | Why::Strange);
    if may_be_the_method && job.method == Method::Head {
        job.method = Method::Get;
        return Step::Again { after: Duration::ZERO };
    }
    Step::Done(Answer::Unsure(why))
}
