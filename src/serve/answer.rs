//! Which answer a request gets: from path and headers to status, headers and body.
//!
//! Owns addresses (base path, folders, the page for what is not there), what a browser may keep,
//! who may ask, and who may choose the day. Must not know sockets, nor how the site came to be.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use xxhash_rust::xxh3::xxh3_64;

use super::http::{Answer, Body, Bytes, Request, Response};
use super::media::{is_page, type_of};
use super::page::{self, Tag};
use super::reload::{self, FOLDER};
use super::stage::{Shown, Stage};
use super::{Choose, File, Files};

/// How long a request waits for a build that is under way.
const PATIENCE: Duration = Duration::from_secs(2);

/// Answers from what is on show.
pub(super) struct Answerer {
    stage: Arc<Stage>,
    /// `/` or `/x/y/`, decoded.
    base: String,
    /// Whether only this machine may look, and only by its own names.
    guarded: bool,
    /// Takes the day that is wished for.
    choose: Choose,
}

/// Where the day is chosen, below the preview's folder.
const DAY: &str = "day";

impl Answer for Answerer {
    fn answer(&self, request: &Request) -> Response {
        if self.guarded && !request.host().is_none_or(is_this_machine) {
            return Response::text(403, "The preview answers only to this machine's own names.");
        }
        let Some(path) = decoded(&request.path) else {
            return Response::text(400, "This address cannot be a file of the site.");
        };
        let own = path.strip_prefix(&self.base).and_then(|inner| inner.strip_prefix(FOLDER));
        if own == Some(DAY) {
            return self.day(request);
        }
        if request.method != "GET" && request.method != "HEAD" {
            return Response::text(405, "The preview only shows things.")
                .with("Allow", "GET, HEAD");
        }
        match path.strip_prefix(&self.base) {
            Some(inner) => match inner.strip_prefix(FOLDER) {
                Some(name) => self.own_file(request, name),
                None => self.site_file(request, inner),
            },
            None if path == "/" => self.redirect(302, "", request),
            None if format!("{path}/") == self.base => self.redirect(301, "", request),
            None => Response::text(404, &format!("The site is at {}", encoded(&self.base))),
        }
    }
}

impl Answerer {
    /// `base` is a [`normal_base`]; `guarded` keeps out names that only pretend to be this machine.
    pub(super) fn new(stage: Arc<Stage>, base: String, guarded: bool, choose: Choose) -> Answerer {
        Answerer { stage, base, guarded, choose }
    }

    /// Takes the wish for a day: `POST __weekmark/day?date=2027-10-12`; an empty date goes back to today.
    fn day(&self, request: &Request) -> Response {
        if request.method != "POST" {
            return Response::text(405, "The day is chosen with POST.").with("Allow", "POST");
        }
        if !is_own_page(request) {
            return Response::text(403, "Only a page of this preview may choose the day.");
        }
        match (self.choose)(&value_of(request.query.as_deref().unwrap_or_default(), "date")) {
            Ok(()) => Response { status: 204, headers: Vec::new(), body: Body::None }
                .with("Cache-Control", "no-store"),
            Err(why) => Response::text(422, &why),
        }
    }

    /// What lies below `__weekmark/`.
    fn own_file(&self, request: &Request, name: &str) -> Response {
        if name == "events" {
            let stage = self.stage.clone();
            let live = move |to: &_| reload::stream(&stage, to);
            return Response { status: 200, headers: Vec::new(), body: Body::Live(Box::new(live)) }
                .with("Content-Type", "text/event-stream; charset=utf-8")
                .with("Cache-Control", "no-store")
                .with("X-Content-Type-Options", "nosniff");
        }
        let Some(script) = reload::script(name) else {
            return Response::text(404, "The preview has no such file.");
        };
        let content = Content::bytes(name, Bytes::Own(script.into_bytes()));
        // Another site's page has no business with it.
        content.answer(request).with("Cross-Origin-Resource-Policy", "same-origin")
    }

    /// A file of the site, or what stands in for it.
    fn site_file(&self, request: &Request, inner: &str) -> Response {
        let is_folder = inner.is_empty() || inner.ends_with('/');
        let path = if is_folder { format!("{inner}index.html") } else { inner.to_owned() };
        let shown = self.stage.settled(&path, PATIENCE);
        let Some(site) = &shown.site else {
            let page = page::stand_in(shown.number == 0);
            let page = self.live(page.as_bytes(), "", &shown);
            return Response::new(503, type_of("index.html"), page)
                .with("Cache-Control", "no-store");
        };
        if let Some(content) = self.content(site.as_ref(), &path, &shown) {
            return content.answer(request);
        }
        if !is_folder && site.get(&format!("{inner}/index.html")).is_some() {
            return self.redirect(301, &format!("{inner}/"), request);
        }
        self.not_found(site.as_ref(), &shown)
    }

    fn not_found(&self, site: &dyn Files, shown: &Shown) -> Response {
        let own = self.content(site, "404.html", shown);
        let page = match own.map(|content| content.body) {
            Some(Source::Bytes(bytes)) => bytes.to_vec(),
            _ => {
                let text = "There is no file of the site at this address.";
                self.live(page::plain("Not found", text).as_bytes(), "404.html", shown)
            }
        };
        Response::new(404, type_of("404.html"), page).with("Cache-Control", "no-store")
    }

    /// A file of the site as it is sent: pages get the live script.
    #[expect(
        clippy::disallowed_methods,
        reason = "a large file of the site is served from where it lies"
    )]
    fn content(&self, site: &dyn Files, path: &str, shown: &Shown) -> Option<Content> {
        match site.get(path)? {
            File::Bytes(bytes) if is_page(path) => {
                Some(Content::bytes(path, Bytes::Own(self.live(&bytes, path, shown))))
            }
            File::Disk(place) if is_page(path) => {
                let bytes = fs::read(place).ok()?;
                Some(Content::bytes(path, Bytes::Own(self.live(&bytes, path, shown))))
            }
            File::Bytes(bytes) => Some(Content::bytes(path, Bytes::Shared(bytes))),
            File::Disk(place) => Content::disk(path, &place),
        }
    }

    fn live(&self, html: &[u8], path: &str, shown: &Shown) -> Vec<u8> {
        let tag = Tag {
            base: &encoded(&self.base),
            session: self.stage.session(),
            build: shown.number,
            path,
            note: shown.site.as_ref().and_then(|site| site.note(path)),
            day: shown.site.as_ref().and_then(|site| site.day()),
            stand_in: shown.site.is_none(),
        };
        page::with_live_script(html, &tag)
    }

    /// Where the site really is. Browsers keep a 301 for ever unless they are told not to, and
    /// the next site on this port may have a file where this one has a folder.
    fn redirect(&self, status: u16, inner: &str, request: &Request) -> Response {
        let query = request.query.as_ref().map_or_else(String::new, |query| format!("?{query}"));
        let target = format!("{}{query}", encoded(&format!("{}{inner}", self.base)));
        Response::text(status, "The page is at another address.").with("Location", target)
    }
}

/// A file that is there, before the request's conditions are looked at.
struct Content {
    media_type: &'static str,
    etag: String,
    body: Source,
}

enum Source {
    Bytes(Bytes),
    Disk(fs::File, u64),
}

impl Content {
    fn bytes(path: &str, bytes: Bytes) -> Content {
        let etag = format!("\"{:016x}\"", xxh3_64(&bytes));
        Content { media_type: type_of(path), etag, body: Source::Bytes(bytes) }
    }

    /// Large files are not read for their tag: when they were written tells as much.
    #[expect(
        clippy::disallowed_methods,
        reason = "a large file of the site is served from where it lies"
    )]
    fn disk(path: &str, place: &Path) -> Option<Content> {
        let file = fs::File::open(place).ok()?;
        let metadata = file.metadata().ok().filter(fs::Metadata::is_file)?;
        let mut hasher = DefaultHasher::new();
        (place, metadata.len(), metadata.modified().ok()).hash(&mut hasher);
        let etag = format!("\"{:016x}\"", hasher.finish());
        let body = Source::Disk(file, metadata.len());
        Some(Content { media_type: type_of(path), etag, body })
    }

    fn length(&self) -> u64 {
        match &self.body {
            Source::Bytes(bytes) => bytes.len() as u64,
            Source::Disk(_, length) => *length,
        }
    }

    fn answer(self, request: &Request) -> Response {
        // Browsers may keep it but ask each time: the answer is 304 as long as it is the same.
        let common = |response: Response| {
            response.with("ETag", self.etag.clone()).with("Cache-Control", "no-cache")
        };
        let asked = request.header("if-none-match");
        if asked.is_some_and(|tags| names_tag(tags, &self.etag)) {
            return common(Response { status: 304, headers: Vec::new(), body: Body::None });
        }
        let length = self.length();
        let (status, part) = match self.wanted_part(request) {
            Wanted::Nothing => {
                return common(Response::text(416, "The file is not that long."))
                    .with("Content-Range", format!("bytes */{length}"));
            }
            Wanted::All => (200, 0..length),
            Wanted::Part(part) => (206, part),
        };
        let mut response = common(Response { status, headers: Vec::new(), body: Body::None })
            .with("Content-Type", self.media_type)
            .with("Accept-Ranges", "bytes");
        if status == 206 {
            let range = format!("bytes {}-{}/{length}", part.start, part.end - 1);
            response = response.with("Content-Range", range);
        }
        response.body = match self.body {
            // A part of bytes in memory fits into memory's own numbers.
            Source::Bytes(bytes) => Body::Bytes(bytes, part.start as usize..part.end as usize),
            Source::Disk(file, _) => Body::Disk(file, part),
        };
        response
    }

    fn wanted_part(&self, request: &Request) -> Wanted {
        let is_still_the_same = request.header("if-range").is_none_or(|tag| tag == self.etag);
        match request.header("range") {
            Some(range) if request.method == "GET" && is_still_the_same => {
                part_of(range, self.length())
            }
            _ => Wanted::All,
        }
    }
}

#[derive(Debug, PartialEq)]
enum Wanted {
    All,
    Part(Range<u64>),
    Nothing,
}

/// What a `Range` header asks for. Several parts, other units and nonsense get the whole file,
/// which is always a right answer.
fn part_of(range: &str, length: u64) -> Wanted {
    let Some((first, last)) = range.strip_prefix("bytes=").and_then(|it| it.split_once('-')) else {
        return Wanted::All;
    };
    match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first > last => Wanted::All,
        (Ok(first), _) if first >= length && (last.is_empty() || last.parse::<u64>().is_ok()) => {
            Wanted::Nothing
        }
        (Ok(first), Ok(last)) => Wanted::Part(first..(last.saturating_add(1)).min(length)),
        (Ok(first), Err(_)) if last.is_empty() => Wanted::Part(first..length),
        (Err(_), Ok(0)) if first.is_empty() => Wanted::Nothing,
        (Err(_), Ok(_)) if first.is_empty() && length == 0 => Wanted::Nothing,
        (Err(_), Ok(last)) if first.is_empty() => Wanted::Part(length.saturating_sub(last)..length),
        _ => Wanted::All,
    }
}

fn names_tag(tags: &str, etag: &str) -> bool {
    tags.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

/// Whether a `Host` is a name of this machine. A foreign name that resolves to loopback is how
/// a web page elsewhere would read a site that is not public yet.
fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|it| it.is_ascii_digit()) => {
            name
        }
        _ => host,
    };
    let bare = name.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(name);
    name.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether a page of this preview asks. A browser puts the `Origin` on every POST (Fetch, 3.2), and no page can
/// set it; what sends none is no page. The host itself has been looked at before.
fn is_own_page(request: &Request) -> bool {
    let (Some(origin), Some(host)) = (request.header("origin"), request.host()) else {
        return false;
    };
    let is_same = origin.strip_prefix("http://").is_some_and(|it| it.eq_ignore_ascii_case(host));
    is_same && request.header("sec-fetch-site").is_none_or(|site| site == "same-origin")
}

/// The value of this name in a query; empty if there is none, or if it is no text.
fn value_of(query: &str, name: &str) -> String {
    let mut pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let value = pairs.find(|(key, _)| *key == name).map_or("", |(_, value)| value);
    let bytes = percent_decoded(&value.replace('+', " "));
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

/// The path as the site knows it. `None` when no file of a site can have it: what climbs out of
/// its folder, and what hides a separator.
fn decoded(path: &str) -> Option<String> {
    let segments: Option<Vec<String>> = path.split('/').map(decoded_segment).collect();
    Some(segments?.join("/"))
}

fn decoded_segment(segment: &str) -> Option<String> {
    let text = String::from_utf8(percent_decoded(segment)?).ok()?;
    let is_odd = text == "."
        || text == ".."
        || text.chars().any(|it| it == '/' || it == '\\' || it.is_control());
    (!is_odd).then_some(text)
}

/// The bytes that a text with percent signs stands for (RFC 3986, 2.1).
fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = rest.get(..2).filter(|it| it.iter().all(u8::is_ascii_hexdigit))?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = &rest[2..];
    }
    Some(bytes)
}

/// `/x/y/` for any way to write it, percent signs resolved.
pub(super) fn normal_base(path: &str) -> String {
    let path = decoded(path).unwrap_or_else(|| path.to_owned());
    match path.trim_matches('/') {
        "" => "/".into(),
        inner => format!("/{inner}/"),
    }
}

/// The path as it may stand in an address.
pub(super) fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_no_site_has() {
        for path in ["/../x", "/a/%2e%2E/b", "/a%2fb", "/a%5Cb", "/a\\b", "/%00", "/%zz", "/%ff"] {
            assert_eq!(decoded(path), None, "{path}");
        }
        assert_eq!(decoded("/a%20b/%C3%A9+.html").as_deref(), Some("/a b/é+.html"));
    }

    #[test]
    fn values_of_queries() {
        for (query, value) in [
            ("date=2027-10-12", "2027-10-12"),
            ("x=1&date=Oct+12%2C%202027&date=y", "Oct 12, 2027"),
            ("date=10%2F12%2F2027", "10/12/2027"),
            ("date=", ""),
            ("dates=1", ""),
            ("date=%zz", ""),
            ("date=%ff", ""),
        ] {
            assert_eq!(value_of(query, "date"), value, "{query}");
        }
    }

    #[test]
    fn what_ranges_ask_for() {
        let cases = [
            ("bytes=0-4", Wanted::Part(0..5)),
            ("bytes=8-", Wanted::Part(8..10)),
            ("bytes=-3", Wanted::Part(7..10)),
            ("bytes=-30", Wanted::Part(0..10)),
            ("bytes=5-99", Wanted::Part(5..10)),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=10-12", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=5-2", Wanted::All),
            ("bytes=0-1,4-5", Wanted::All),
            ("bytes=-", Wanted::All),
            ("lines=1-2", Wanted::All),
        ];
        for (range, wanted) in cases {
            assert_eq!(part_of(range, 10), wanted, "{range}");
        }
        assert_eq!(part_of("bytes=0-", 0), Wanted::Nothing);
    }

    #[test]
    fn names_of_this_machine() {
        for host in ["localhost", "LocalHost:80", "127.0.0.1:1111", "[::1]", "[::1]:8080"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example:1111", "192.168.0.1", "", "[::1"] {
            assert!(!is_this_machine(host), "{host}");
        }
    }

    #[test]
    fn locations_stay_on_this_host() {
        assert_eq!(encoded("/a b/é?"), "/a%20b/%C3%A9%3F");
        for path in ["x/é", "/x/%C3%A9", "/x/é/"] {
            assert_eq!(normal_base(path), "/x/é/");
        }
    }
}
