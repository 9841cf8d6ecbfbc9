//! A small HTTP/1.1 server: connections, requests read, answers written.
//!
//! Owns sockets, limits and the wording on the wire. Must not know what is asked for: that is for
//! whoever answers. The only module that touches `httparse`.
//!
//! Why not `tiny_http`: its threads get no time limits (a client that stalls in the middle of a
//! request keeps one for ever), a failing `accept` (too many open files) ends the server, requests
//! and header lines have no bound, dropping the server leaves open connections and their threads
//! behind, and its pool can queue a connection behind one that never ends: two that arrive while
//! one thread is idle both count on it. A preview holds event streams open for hours, so it would
//! meet that. One thread per connection with a bound is enough here: browsers open a handful.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// More connections than this are refused. A browser with many tabs opens about ten.
const MOST_CONNECTIONS: usize = 256;

/// More header bytes than this are refused.
const MOST_HEAD_BYTES: usize = 16 * 1024;

/// How long a connection may wait for its next request.
const IDLE: Duration = Duration::from_secs(75);

/// How long the head of a request may take from its first byte.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// How long a reader may take nothing. Paused films do; they ask again for the rest.
const WRITE_TIME: Duration = Duration::from_secs(30);

/// How long ending waits for the connections' threads.
const CLOSE_TIME: Duration = Duration::from_secs(2);

/// As much stack as the threads have that build: an answer may be a page that is made while it is asked for, from
/// templates that nest. It is address space, of which hardly any is used.
const STACK: usize = 2 << 20;

/// Bodies up to this size are sent in one piece with their head.
const SMALL: usize = 16 * 1024;

/// Whoever knows the answers.
pub(super) trait Answer: Send + Sync {
    /// The answer to one request.
    fn answer(&self, request: &Request) -> Response;
}

/// What is asked for. Bodies of requests are never read.
pub(super) struct Request {
    /// `GET`, `HEAD` or another.
    pub(super) method: String,
    /// The path as it was sent, percent signs and all.
    pub(super) path: String,
    /// What follows the first question mark.
    pub(super) query: Option<String>,
    headers: Vec<(String, String)>,
    keep_alive: bool,
}

impl Request {
    /// The first header of this name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut of_name = self.headers.iter().filter(|(it, _)| it.eq_ignore_ascii_case(name));
        of_name.next().map(|(_, value)| value.as_str())
    }

    /// The host that the client thinks it talks to, with its port.
    pub(super) fn host(&self) -> Option<&str> {
        self.header("host")
    }
}

/// An answer.
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Body,
}

/// Writes to a connection for as long as it likes.
pub(super) type Live = Box<dyn FnOnce(&TcpStream) -> io::Result<()> + Send>;

/// The body of an answer.
pub(super) enum Body {
    /// None, and no length either (304).
    None,
    /// A part of some bytes.
    Bytes(Bytes, Range<usize>),
    /// A part of a file on disk.
    Disk(std::fs::File, Range<u64>),
    /// Written by a function until the connection ends.
    Live(Live),
}

/// Bytes, shared or not.
pub(super) enum Bytes {
    /// Part of the site.
    Shared(Arc<[u8]>),
    /// Made for this answer.
    Own(Vec<u8>),
}

impl std::ops::Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Shared(bytes) => bytes,
            Bytes::Own(bytes) => bytes,
        }
    }
}

impl Response {
    /// An answer whose body is all of `bytes`.
    pub(super) fn new(status: u16, media_type: &str, bytes: Vec<u8>) -> Response {
        let all = 0..bytes.len();
        let headers = vec![("Content-Type", media_type.to_owned())];
        Response { status, headers, body: Body::Bytes(Bytes::Own(bytes), all) }
    }

    /// An answer in one sentence.
    pub(super) fn text(status: u16, text: &str) -> Response {
        Response::new(status, "text/plain; charset=utf-8", format!("{text}\n").into_bytes())
            .with("Cache-Control", "no-store")
    }

    /// The same with one more header.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Response {
        self.headers.push((name, value.into()));
        self
    }
}

/// The running server.
pub(super) struct Server {
    address: SocketAddr,
    lines: Arc<Lines>,
    accepting: JoinHandle<()>,
}

/// The open connections, so that they can be counted and closed.
struct Lines {
    state: Mutex<LinesState>,
    one_less: Condvar,
}

struct LinesState {
    closing: bool,
    next: u64,
    open: BTreeMap<u64, Arc<TcpStream>>,
}

impl Server {
    /// Starts to accept connections.
    pub(super) fn start(listener: TcpListener, answer: Arc<dyn Answer>) -> io::Result<Server> {
        let address = listener.local_addr()?;
        let state = LinesState { closing: false, next: 0, open: BTreeMap::new() };
        let lines = Arc::new(Lines { state: Mutex::new(state), one_less: Condvar::new() });
        let shared = lines.clone();
        let accepting = thread::Builder::new()
            .name("preview: accept".into())
            .spawn(move || accept(&listener, &shared, &answer))?;
        Ok(Server { address, lines, accepting })
    }

    /// Stops to accept, cuts all lines, and waits for their threads.
    pub(super) fn close(self) {
        self.lines.close();
        // `accept` has no time limit; a last caller wakes it.
        if let Ok(stream) = TcpStream::connect_timeout(&reachable(self.address), CLOSE_TIME) {
            drop(stream);
            // A panic there has been reported by its thread.
            let _ = self.accepting.join();
        }
        self.lines.wait_for_the_last();
    }
}

impl Lines {
    /// A place for one more, or `None` when there are too many already or the server ends.
    fn enter(self: &Arc<Lines>, stream: &Arc<TcpStream>) -> Option<Place> {
        let mut state = self.lock();
        if state.closing || state.open.len() >= MOST_CONNECTIONS {
            return None;
        }
        state.next += 1;
        let number = state.next;
        state.open.insert(number, stream.clone());
        Some(Place { number, lines: self.clone() })
    }

    fn close(&self) {
        let mut state = self.lock();
        state.closing = true;
        for stream in state.open.values() {
            // The other side may have closed it already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn is_closing(&self) -> bool {
        self.lock().closing
    }

    fn wait_for_the_last(&self) {
        let state = self.lock();
        // When time runs out the threads are left to themselves: their sockets are shut.
        let _ = self
            .one_less
            .wait_timeout_while(state, CLOSE_TIME, |state| !state.open.is_empty())
            .expect("nothing panics while it holds this lock");
    }

    fn lock(&self) -> MutexGuard<'_, LinesState> {
        self.state.lock().expect("nothing panics while it holds this lock")
    }
}

/// One connection's place among the open ones; given back when dropped, also by a panic.
struct Place {
    number: u64,
    lines: Arc<Lines>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.lines.lock().open.remove(&self.number);
        self.lines.one_less.notify_all();
    }
}

fn accept(listener: &TcpListener, lines: &Arc<Lines>, answer: &Arc<dyn Answer>) {
    loop {
        let accepted = listener.accept();
        if lines.is_closing() {
            return;
        }
        let Ok((stream, _)) = accepted else {
            // Out of file handles, most likely: that passes when a connection ends.
            thread::sleep(Duration::from_millis(50));
            continue;
        };
        let stream = Arc::new(stream);
        let Some(place) = lines.enter(&stream) else {
            refuse(&stream);
            continue;
        };
        let answer = answer.clone();
        let talk = move || {
            // Errors of a connection concern nobody but its client, who has gone.
            let _ = converse(&stream, answer.as_ref());
            let _ = stream.shutdown(Shutdown::Both);
            drop(place);
        };
        // Without a thread the connection is dropped, and with it the place.
        let _ = thread::Builder::new().name("preview: talk".into()).stack_size(STACK).spawn(talk);
    }
}

fn refuse(mut stream: &TcpStream) {
    let answer = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\
                  Connection: close\r\n\r\n";
    // There is nobody to tell if it does not arrive.
    let _ = stream.set_write_timeout(Some(Duration::from_millis(100)));
    let _ = stream.write_all(answer.as_bytes());
}

/// Reads requests and answers them, one after the other.
fn converse(stream: &TcpStream, answer: &dyn Answer) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(WRITE_TIME))?;
    let mut unread = Vec::new();
    loop {
        let request = match read_request(stream, &mut unread)? {
            Heard::Request(request) => request,
            Heard::End => return Ok(()),
            Heard::Nonsense(status, why) => {
                write_response(stream, Response::text(status, why), false, false)?;
                return linger(stream);
            }
        };
        let response = answer.answer(&request);
        let is_head = request.method == "HEAD";
        let live = matches!(response.body, Body::Live(_));
        write_response(stream, response, is_head, request.keep_alive && !live)?;
        if live {
            return Ok(());
        }
        if !request.keep_alive {
            return linger(stream);
        }
    }
}

/// Closes without losing the answer: bytes that were sent but not read would reset the
/// connection, and the client might never see what it was told.
fn linger(mut stream: &TcpStream) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    stream.set_read_timeout(Some(Duration::from_millis(500)))?;
    let until = Instant::now() + Duration::from_secs(2);
    let mut rest = [0; 4096];
    while Instant::now() < until && stream.read(&mut rest)? > 0 {}
    Ok(())
}

enum Heard {
    Request(Request),
    End,
    Nonsense(u16, &'static str),
}

/// Reads up to the end of one head; what follows stays in `unread` for the next.
fn read_request(mut stream: &TcpStream, unread: &mut Vec<u8>) -> io::Result<Heard> {
    let mut until = Instant::now() + if unread.is_empty() { IDLE } else { HEAD_TIME };
    let mut chunk = [0; 4096];
    loop {
        if !unread.is_empty() {
            match parse(unread) {
                Parsed::Partial => {}
                Parsed::Nonsense(status, why) => return Ok(Heard::Nonsense(status, why)),
                Parsed::Whole(request, length) => {
                    unread.drain(..length);
                    return Ok(Heard::Request(request));
                }
            }
            if unread.len() >= MOST_HEAD_BYTES {
                return Ok(Heard::Nonsense(431, "This request has too many header lines."));
            }
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(Heard::End);
        }
        stream.set_read_timeout(Some(left))?;
        let read = stream.read(&mut chunk)?;
        if read == 0 {
            return Ok(Heard::End);
        }
        if unread.is_empty() {
            until = Instant::now() + HEAD_TIME;
        }
        unread.extend_from_slice(&chunk[..read]);
    }
}

enum Parsed {
    Whole(Request, usize),
    Partial,
    Nonsense(u16, &'static str),
}

fn parse(bytes: &[u8]) -> Parsed {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut parsed = httparse::Request::new(&mut headers);
    let length = match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Parsed::Partial,
        Err(httparse::Error::TooManyHeaders) => {
            return Parsed::Nonsense(431, "This request has too many header lines.");
        }
        Err(_) => return Parsed::Nonsense(400, "This is not an HTTP request."),
    };
    let (Some(method), Some(target), Some(version)) = (parsed.method, parsed.path, parsed.version)
    else {
        return Parsed::Nonsense(400, "This is not an HTTP request.");
    };
    let mut request = Request {
        method: method.to_owned(),
        path: String::new(),
        query: None,
        headers: parsed
            .headers
            .iter()
            .map(|it| (it.name.to_owned(), String::from_utf8_lossy(it.value).trim().to_owned()))
            .collect(),
        keep_alive: false,
    };
    if let Err(why) = aim(&mut request, target) {
        return Parsed::Nonsense(400, why);
    }
    let hosts = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("host"));
    if hosts.count() != 1 && version == 1 {
        return Parsed::Nonsense(400, "A request names one host.");
    }
    // A body is left unread, so nothing after it could be understood.
    let has_body = request.header("transfer-encoding").is_some()
        || request.header("content-length").is_some_and(|it| it != "0");
    request.keep_alive = version == 1 && !has_body && !asks_to_close(&request);
    Parsed::Whole(request, length)
}

fn asks_to_close(request: &Request) -> bool {
    request
        .header("connection")
        .is_some_and(|it| it.split(',').any(|token| token.trim().eq_ignore_ascii_case("close")))
}

/// Splits the target into path and query. A whole address stands there when a proxy asks; its
/// host then counts instead of the header's.
fn aim(request: &mut Request, target: &str) -> Result<(), &'static str> {
    let mut local = target;
    if let Some(rest) = target.strip_prefix("http://") {
        let (host, _) = rest.split_once(['/', '?']).unwrap_or((rest, ""));
        local = &rest[host.len()..];
        request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("host"));
        request.headers.push(("host".into(), host.to_owned()));
    }
    let (path, query) = match local.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (local, None),
    };
    request.query = query;
    request.path = match path {
        "" if local.len() != target.len() => "/".into(),
        path if path.starts_with('/') => path.to_owned(),
        // `OPTIONS *` names no file; the method's answer comes first anyway.
        "*" => "/".into(),
        _ => return Err("A request names a path."),
    };
    Ok(())
}

fn write_response(
    mut to: &TcpStream,
    response: Response,
    is_head: bool,
    keep_alive: bool,
) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {} {}\r\n", response.status, reason(response.status));
    let length = match &response.body {
        Body::None | Body::Live(_) => None,
        Body::Bytes(_, part) => Some(part.len() as u64),
        Body::Disk(_, part) => Some(part.end - part.start),
    };
    let headers = response.headers.iter().map(|(name, value)| (*name, Cow::from(value)));
    let length = length.map(|it| ("Content-Length", Cow::from(it.to_string())));
    let close = (!keep_alive).then_some(("Connection", Cow::from("close")));
    for (name, value) in headers.chain(length).chain(close) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let mut head = head.into_bytes();
    match response.body {
        Body::Bytes(bytes, part) if !is_head => {
            let body = &bytes[part];
            if body.len() <= SMALL {
                head.extend_from_slice(body);
                return to.write_all(&head);
            }
            to.write_all(&head)?;
            to.write_all(body)
        }
        Body::Disk(mut file, part) if !is_head => {
            to.write_all(&head)?;
            file.seek(SeekFrom::Start(part.start))?;
            let length = part.end - part.start;
            let sent = io::copy(&mut file.take(length), &mut to)?;
            // The file has become shorter: only a cut line says that the answer is not whole.
            if sent == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
        }
        Body::Live(write) if !is_head => {
            to.write_all(&head)?;
            write(to)
        }
        _ => to.write_all(&head),
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        416 => "Range Not Satisfiable",
        422 => "Unprocessable Content",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        _ => "",
    }
}

/// An address at which a listener can be reached from this machine.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}
