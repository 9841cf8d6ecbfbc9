//! The preview as a whole: a small builder over a real folder, a real watcher, real connections.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::*;

/// The folder of one test, removed with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("weekmark-serve-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(path.join("content")).unwrap();
        Folder(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The output is the files of `content/` and `templates/`, under their own names.
struct Output(BTreeMap<String, Vec<u8>>, Option<String>);

impl Files for Output {
    fn get(&self, path: &str) -> Option<File> {
        let bytes = self.0.get(path)?;
        if path.ends_with(".mp4") {
            return Some(File::Disk(PathBuf::from(String::from_utf8(bytes.clone()).unwrap())));
        }
        Some(File::Bytes(bytes.as_slice().into()))
    }

    fn note(&self, path: &str) -> Option<PageNote> {
        path.ends_with("draft.html").then(|| PageNote {
            source_file: format!("content/{path}"),
            edit: None,
            status: "draft".into(),
            note: None,
            place: None,
            pieces: Vec::new(),
            is_fresh: false,
        })
    }

    fn day(&self) -> Option<&str> {
        self.1.as_deref()
    }
}

/// Builds by reading everything. A file with `BROKEN` in it is an error.
struct Builder {
    root: PathBuf,
    before: BTreeMap<String, Vec<u8>>,
    pause: Duration,
    chosen: Arc<Mutex<Option<String>>>,
    /// When the day ends; the next one does not.
    until: Option<SystemTime>,
}

impl Builder {
    fn build(&mut self) -> Built {
        let mut now = BTreeMap::new();
        for top in ["content", "templates"] {
            read_all(&self.root.join(top), &self.root.join(top), &mut now);
        }
        thread::sleep(self.pause);
        let is_broken = now.values().any(|bytes| String::from_utf8_lossy(bytes).contains("BROKEN"));
        let names = now.keys().chain(self.before.keys());
        let changed = names.filter(|name| now.get(*name) != self.before.get(*name)).cloned();
        let mut changed: Vec<String> = changed.collect();
        changed.dedup();
        let wanted = self.chosen.lock().unwrap().clone();
        let first = Choice { title: "First day".into(), date: "2027-10-10".into() };
        let days = Some(Days {
            today: "2026-11-22".into(),
            is_fixed: false,
            wanted: wanted.clone(),
            choices: vec![first],
        });
        let watch = ["content", "templates", "site.yaml"].map(|it| self.root.join(it)).to_vec();
        if is_broken {
            return Built {
                site: None,
                problems: [broken()].into(),
                unshown: 0,
                changed: Vec::new(),
                watch,
                days,
                until: None,
            };
        }
        self.before = now.clone();
        Built {
            site: Some(Arc::new(Output(now, wanted))),
            problems: Arc::default(),
            unshown: 0,
            changed,
            watch,
            days,
            until: self.until.filter(|until| until.elapsed().is_err()),
        }
    }
}

fn broken() -> Problem {
    Problem {
        severity: Severity::Error,
        code: "broken".into(),
        message: "A \"word\" of <b>evil</b>".into(),
        place: None,
        hint: None,
    }
}

fn read_all(top: &Path, folder: &Path, into: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            read_all(top, &path, into);
        } else if let Ok(bytes) = fs::read(&path) {
            let name = path.strip_prefix(top).unwrap().to_str().unwrap().replace('\\', "/");
            into.insert(name, bytes);
        }
    }
}

/// A running preview.
struct Preview {
    folder: Folder,
    port: u16,
    stop: Stop,
    shown: Receiver<(u64, usize)>,
    hints: Arc<Mutex<Vec<Hint>>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

#[derive(Default)]
struct Wishes {
    base: Option<&'static str>,
    port: u16,
    pause: Duration,
    until: Option<SystemTime>,
}

/// A door that takes what looks like a date.
fn door(chosen: &Arc<Mutex<Option<String>>>) -> Choose {
    let chosen = chosen.clone();
    Arc::new(move |text| {
        if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
            return Err(format!("\"{text}\" is not a date."));
        }
        *chosen.lock().unwrap() = Some(text.to_owned()).filter(|text| !text.is_empty());
        Ok(())
    })
}

impl Preview {
    fn of(folder: Folder) -> Preview {
        Preview::with(folder, Wishes::default())
    }

    fn with(folder: Folder, wishes: Wishes) -> Preview {
        let mut settings = Settings::new(folder.0.clone());
        settings.port = wishes.port;
        settings.base_path = wishes.base.unwrap_or("/").into();
        let stop = settings.stop.clone();
        let (root, pause, until) = (folder.0.clone(), wishes.pause, wishes.until);
        let chosen = Arc::default();
        settings.choose = door(&chosen);
        let mut builder = Builder { root, before: BTreeMap::new(), pause, chosen, until };
        let hints = Arc::new(Mutex::new(Vec::new()));
        let (tell_port, port) = channel();
        let (tell_shown, shown) = channel();
        let seen = hints.clone();
        let thread = thread::spawn(move || {
            let build = |hint: Hint, _: &Onlookers<'_>| {
                seen.lock().unwrap().push(hint);
                builder.build()
            };
            run(settings, build, |event| match event {
                Event::Listening { url, .. } => {
                    let port = url.split([':', '/']).nth(4).unwrap().parse::<u16>().unwrap();
                    tell_port.send(port).unwrap();
                }
                Event::Shown { number, problems, .. } => {
                    let _ = tell_shown.send((number, problems.len()));
                }
                _ => {}
            })
        });
        let port = port.recv_timeout(Duration::from_secs(5)).unwrap();
        let mut preview = Preview { folder, port, stop, shown, hints, thread: Some(thread) };
        preview.rest();
        preview
    }

    /// Waits until no more builds are shown.
    fn rest(&mut self) {
        let quiet = Duration::from_millis(200);
        let _ = self.shown.recv_timeout(Duration::from_secs(5));
        let start = Instant::now();
        while self.shown.recv_timeout(quiet).is_ok() {
            assert!(start.elapsed() < Duration::from_secs(5), "the builds never end");
        }
        self.hints.lock().unwrap().clear();
    }

    fn builds(&self) -> usize {
        self.hints.lock().unwrap().len()
    }

    fn ask(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let end = "Host: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(format!("{request}\r\n{end}").as_bytes()).unwrap();
        Answer::read(stream)
    }

    fn get(&self, path: &str) -> Answer {
        self.ask(&format!("GET {path} HTTP/1.1"))
    }

    /// Waits until a path's body contains a text, and says how long it took.
    fn until(&self, path: &str, text: &str) -> Duration {
        let start = Instant::now();
        while !self.get(path).text().contains(text) {
            assert!(start.elapsed() < Duration::from_secs(5), "{path} never says {text}");
            thread::sleep(Duration::from_millis(1));
        }
        start.elapsed()
    }

    fn events(&self) -> Events {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let head = "GET /__weekmark/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        Events(BufReader::new(stream))
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        self.stop.stop();
        let outcome = self.thread.take().unwrap().join();
        if !thread::panicking() {
            outcome.unwrap().unwrap();
        }
    }
}

struct Events(BufReader<TcpStream>);

impl Events {
    /// The next message.
    fn next(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "the stream ended");
            if let Some(data) = line.strip_prefix("data: ") {
                return data.trim().to_owned();
            }
        }
    }
}

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn read(mut stream: TcpStream) -> Answer {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        let end = all.windows(4).position(|it| it == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8(all[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head, body: all[end + 4..].to_vec() }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn site() -> Folder {
    let folder = Folder::new();
    folder.write("content/index.html", "<body><h1>Home</h1></body>");
    folder.write("content/careers/index.html", "<body>Careers</body>");
    folder.write("content/a.css", "p { color: red }");
    folder.write("content/feed.xml", "<feed/>");
    folder.write("content/week.ics", "BEGIN:VCALENDAR");
    folder.write("content/data.txt", "0123456789");
    folder
}

// ---- HTTP ---------------------------------------------------------------------------------------

#[test]
fn serves_pages_with_the_script_and_files_as_they_are() {
    let preview = Preview::of(site());
    let home = preview.get("/");
    assert_eq!(home.status, 200);
    assert_eq!(home.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(home.header("cache-control"), Some("no-cache"));
    assert_eq!(home.header("content-length"), Some(home.body.len().to_string().as_str()));
    let text = home.text();
    assert!(text.starts_with("<body><h1>Home</h1><script src=\"/__weekmark/live.js\" defer "));
    assert!(text.ends_with("</script></body>"));
    assert_eq!(text.matches("<script").count(), 1);
    assert_eq!(preview.get("/a.css").text(), "p { color: red }");
    assert_eq!(preview.get("/a.css?x=1").status, 200);
}

#[test]
fn types_follow_names() {
    let preview = Preview::of(site());
    for (path, wanted) in [
        ("/a.css", "text/css; charset=utf-8"),
        ("/feed.xml", "application/atom+xml; charset=utf-8"),
        ("/week.ics", "text/calendar; charset=utf-8"),
        ("/__weekmark/live.js", "text/javascript; charset=utf-8"),
    ] {
        assert_eq!(preview.get(path).header("content-type"), Some(wanted), "{path}");
    }
}

#[test]
fn head_sends_the_same_head_only() {
    let preview = Preview::of(site());
    let (get, head) = (preview.get("/"), preview.ask("HEAD / HTTP/1.1"));
    assert_eq!(get.head, head.head);
    assert!(head.body.is_empty());
}

#[test]
fn other_methods_are_refused() {
    let preview = Preview::of(site());
    let answer = preview.ask("POST / HTTP/1.1\r\nContent-Length: 3");
    assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")));
}

#[test]
fn what_has_not_changed_is_not_sent_again() {
    let preview = Preview::of(site());
    for path in ["/", "/a.css"] {
        let tag = preview.get(path).header("etag").unwrap().to_owned();
        let again = preview.ask(&format!("GET {path} HTTP/1.1\r\nIf-None-Match: \"x\", W/{tag}"));
        assert_eq!((again.status, again.body.len()), (304, 0));
        assert_eq!(again.header("etag"), Some(tag.as_str()));
        assert_eq!(again.header("content-length"), None);
    }
}

#[test]
fn parts_of_files() {
    let folder = site();
    fs::write(folder.at("film"), "abcdefghij").unwrap();
    folder.write("content/film.mp4", folder.at("film").to_str().unwrap());
    let preview = Preview::of(folder);
    for (path, part) in [("/data.txt", "234"), ("/film.mp4", "cde")] {
        let answer = preview.ask(&format!("GET {path} HTTP/1.1\r\nRange: bytes=2-4"));
        assert_eq!((answer.status, answer.text().as_str()), (206, part));
        assert_eq!(answer.header("content-range"), Some("bytes 2-4/10"));
        assert_eq!(answer.header("content-length"), Some("3"));
        let tag = answer.header("etag").unwrap();
        let range = format!("GET {path} HTTP/1.1\r\nRange: bytes=-2\r\nIf-Range: ");
        assert_eq!(preview.ask(&format!("{range}{tag}")).body.len(), 2);
        assert_eq!(preview.ask(&format!("{range}\"old\"")).status, 200);
        let beyond = preview.ask(&format!("GET {path} HTTP/1.1\r\nRange: bytes=10-"));
        assert_eq!((beyond.status, beyond.header("content-range")), (416, Some("bytes */10")));
    }
}

#[test]
fn a_folder_has_one_address() {
    let preview = Preview::of(site());
    let answer = preview.get("/careers?x=y");
    assert_eq!((answer.status, answer.header("location")), (301, Some("/careers/?x=y")));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(preview.get("/careers/").text().contains("Careers"));
    assert_eq!(preview.get("//careers").status, 404);
    assert_eq!(preview.get("/a.css/").status, 404);
}

#[test]
fn what_is_not_there() {
    let preview = Preview::of(site());
    let built_in = preview.get("/nope/");
    assert_eq!(built_in.status, 404);
    assert!(built_in.text().contains("live.js"));
    preview.folder.write("content/404.html", "<body>Own page</body>");
    preview.until("/nope/", "Own page");
    let own = preview.get("/nope");
    assert_eq!(own.status, 404);
    assert!(own.text().contains("live.js"));
}

#[test]
fn nothing_outside_of_the_site() {
    let preview = Preview::of(site());
    for path in ["/../Cargo.toml", "/%2e%2e/x", "/a%2f..%2fb", "/a%5Cb", "/%00", "/careers/../"] {
        assert_eq!(preview.get(path).status, 400, "{path}");
    }
}

#[test]
fn foreign_names_are_refused() {
    let preview = Preview::of(site());
    let ask = |host: &str| {
        let mut stream = TcpStream::connect(("127.0.0.1", preview.port)).unwrap();
        let head = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        Answer::read(stream).status
    };
    assert_eq!(ask("evil.example"), 403);
    assert_eq!(ask("[::1]:99"), 200);
    assert_eq!(preview.ask("GET http://evil.example/ HTTP/1.1").status, 403);
}

#[test]
fn nonsense_is_answered_and_does_no_harm() {
    let preview = Preview::of(site());
    let send = |text: &str| {
        let mut stream = TcpStream::connect(("127.0.0.1", preview.port)).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        Answer::read(stream).status
    };
    assert_eq!(send("\x16\x03\x01 hello\r\n\r\n"), 400);
    assert_eq!(send("GET / HTTP/1.1\r\n\r\n"), 400);
    assert_eq!(send(&format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(20_000))), 431);
    assert_eq!(preview.get("/").status, 200);
}

#[test]
fn one_connection_carries_many_requests() {
    let preview = Preview::of(site());
    let mut stream = TcpStream::connect(("127.0.0.1", preview.port)).unwrap();
    let one = "GET /data.txt HTTP/1.1\r\nHost: localhost\r\n\r\n";
    stream.write_all(one.repeat(3).as_bytes()).unwrap();
    let mut reader = BufReader::new(stream);
    for _ in 0..3 {
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            reader.read_line(&mut line).unwrap();
        }
        let mut body = [0; 10];
        reader.read_exact(&mut body).unwrap();
        assert_eq!(&body, b"0123456789");
    }
}

#[test]
fn a_site_below_a_path() {
    let wishes = Wishes { base: Some("x/y"), ..Wishes::default() };
    let preview = Preview::with(site(), wishes);
    let root = preview.get("/");
    assert_eq!((root.status, root.header("location")), (302, Some("/x/y/")));
    assert_eq!(preview.get("/x/y").header("location"), Some("/x/y/"));
    assert!(preview.get("/x/y/").text().contains("src=\"/x/y/__weekmark/live.js\""));
    assert_eq!(preview.get("/x/y/careers").header("location"), Some("/x/y/careers/"));
    assert_eq!(preview.get("/x/y/__weekmark/stream.js").status, 200);
    assert_eq!(preview.get("/careers/").status, 404);
}

#[test]
fn a_busy_port_moves_to_the_next() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let wished = taken.local_addr().unwrap().port();
    let preview = Preview::with(site(), Wishes { port: wished, ..Wishes::default() });
    assert!(preview.port > wished, "{} is the next after {wished}", preview.port);
    assert_eq!(preview.get("/").status, 200);
}

#[test]
fn stopping_ends_open_streams_and_frees_the_port() {
    let preview = Preview::of(site());
    let (port, mut events) = (preview.port, preview.events());
    events.next();
    let start = Instant::now();
    drop(preview);
    assert!(start.elapsed() < Duration::from_secs(1), "took {:?}", start.elapsed());
    let mut rest = Vec::new();
    events.0.read_to_end(&mut rest).unwrap();
    TcpListener::bind(("127.0.0.1", port)).unwrap();
}

#[test]
fn twenty_streams_leave_room_for_pages() {
    let preview = Preview::of(site());
    let mut streams: Vec<Events> = (0..20).map(|_| preview.events()).collect();
    for stream in &mut streams {
        stream.next();
    }
    assert_eq!(preview.get("/").status, 200);
    preview.folder.write("content/index.html", "<body>New</body>");
    for stream in &mut streams {
        assert!(stream.next().contains("\"pages\":[\"index.html\"]"));
    }
    assert!(preview.get("/").text().contains("New"));
}

// ---- Watching -----------------------------------------------------------------------------------

#[test]
fn a_write_is_seen_with_its_name() {
    let preview = Preview::of(site());
    preview.folder.write("content/index.html", "<body>Two</body>");
    preview.until("/", "Two");
    let hints = preview.hints.lock().unwrap();
    let wanted = Some(vec![preview.folder.at("content/index.html")]);
    assert!(hints.iter().all(|hint| *hint == wanted), "{hints:?}");
}

#[test]
fn a_file_that_replaces_another_is_seen_with_its_name() {
    let mut preview = Preview::of(site());
    preview.folder.write("content/.index.tmp", "<body>Two</body>");
    fs::rename(preview.folder.at("content/.index.tmp"), preview.folder.at("content/index.html"))
        .unwrap();
    preview.until("/", "Two");
    let hints = preview.hints.lock().unwrap().clone();
    assert!(hints.iter().all(Option::is_some), "{hints:?}");
    preview.rest();
    // From a folder that is not watched: as good as a new file.
    preview.folder.write("elsewhere/x", "<body>Three</body>");
    fs::rename(preview.folder.at("elsewhere/x"), preview.folder.at("content/index.html")).unwrap();
    preview.until("/", "Three");
}

#[test]
fn a_save_in_two_halves_ends_right() {
    let preview = Preview::of(site());
    let path = preview.folder.at("content/index.html");
    for number in 0..50 {
        let begun = Instant::now();
        let mut file = fs::File::create(&path).unwrap();
        file.write_all(b"<body>BROKEN").unwrap();
        thread::sleep(Duration::from_millis(25));
        file.set_len(0).unwrap();
        file.rewind_and_write(format!("<body>Whole {number}</body>").as_bytes());
        drop(file);
        let took = begun.elapsed();
        preview.until("/", &format!("Whole {number}"));
        let errors = preview.shown.try_iter().filter(|(_, problems)| *problems > 0).count();
        // On a busy machine the halves may lie further apart than any program would wait.
        if took < GRACE - Duration::from_millis(15) {
            assert_eq!(errors, 0, "an error of a half-written file was shown");
            return;
        }
    }
    panic!("the machine was too busy to save anything within {GRACE:?}");
}

trait RewindAndWrite {
    fn rewind_and_write(&mut self, bytes: &[u8]);
}

impl RewindAndWrite for fs::File {
    fn rewind_and_write(&mut self, bytes: &[u8]) {
        use std::io::Seek;
        self.rewind().unwrap();
        self.write_all(bytes).unwrap();
    }
}

#[test]
fn the_second_of_two_quick_saves_wins() {
    let pause = Duration::from_millis(30);
    let preview = Preview::with(site(), Wishes { pause, ..Wishes::default() });
    for number in 0..20 {
        preview.folder.write("content/index.html", &format!("<body>Save {number} first</body>"));
        thread::sleep(Duration::from_millis(number));
        preview.folder.write("content/index.html", &format!("<body>Save {number} second</body>"));
        preview.until("/", &format!("Save {number} second"));
    }
}

#[test]
fn new_folders_with_files_are_seen_however_quickly_they_fill() {
    let preview = Preview::of(site());
    for number in 0..30 {
        let path = format!("a{number}/b/c/d");
        preview.folder.write(&format!("content/{path}/index.html"), "<body>Deep</body>");
        preview.until(&format!("/{path}/"), "Deep");
        preview.folder.write(&format!("content/{path}/index.html"), "<body>Deeper</body>");
        preview.until(&format!("/{path}/"), "Deeper");
    }
}

#[test]
fn what_is_removed_goes() {
    let preview = Preview::of(site());
    fs::remove_file(preview.folder.at("content/a.css")).unwrap();
    preview.until("/a.css", "no file of the site");
    fs::remove_dir_all(preview.folder.at("content/careers")).unwrap();
    preview.until("/careers/", "no file of the site");
}

#[test]
fn a_renamed_folder_is_followed() {
    let preview = Preview::of(site());
    fs::rename(preview.folder.at("content/careers"), preview.folder.at("content/jobs")).unwrap();
    preview.until("/jobs/", "Careers");
    preview.until("/careers/", "no file of the site");
    preview.folder.write("content/jobs/index.html", "<body>Jobs</body>");
    preview.until("/jobs/", "Jobs");
    fs::rename(preview.folder.at("content/jobs"), preview.folder.at("elsewhere")).unwrap();
    preview.until("/jobs/", "no file of the site");
}

#[test]
fn a_watched_folder_may_come_go_and_come_back() {
    let preview = Preview::of(site());
    for text in ["One", "Two"] {
        preview.folder.write("templates/t.html", &format!("<body>{text}</body>"));
        preview.until("/t.html", text);
        preview.folder.write("templates/t.html", &format!("<body>{text} again</body>"));
        preview.until("/t.html", &format!("{text} again"));
        fs::remove_dir_all(preview.folder.at("templates")).unwrap();
        preview.until("/t.html", "no file of the site");
    }
    let swapped = preview.folder.at("content.old");
    fs::rename(preview.folder.at("content"), &swapped).unwrap();
    preview.until("/", "no file of the site");
    fs::rename(&swapped, preview.folder.at("content")).unwrap();
    preview.until("/", "Home");
    preview.folder.write("content/index.html", "<body>Back</body>");
    preview.until("/", "Back");
}

#[test]
fn a_watched_folder_may_be_replaced_in_a_moment() {
    let folder = site();
    folder.write("templates/t.html", "<body>Old</body>");
    let preview = Preview::of(folder);
    for number in 0..10 {
        fs::remove_dir_all(preview.folder.at("templates")).unwrap();
        preview.folder.write("templates/t.html", &format!("<body>New {number}</body>"));
        preview.until("/t.html", &format!("New {number}"));
        preview.folder.write("templates/t.html", &format!("<body>Newer {number}</body>"));
        preview.until("/t.html", &format!("Newer {number}"));
    }
}

#[test]
fn a_save_during_the_very_first_build_is_not_lost() {
    let folder = site();
    let path = folder.at("content/index.html");
    let save = thread::spawn(move || {
        thread::sleep(Duration::from_millis(150));
        fs::write(path, "<body>Early</body>").unwrap();
    });
    let pause = Duration::from_millis(300);
    let preview = Preview::with(folder, Wishes { pause, ..Wishes::default() });
    save.join().unwrap();
    preview.until("/", "Early");
}

#[test]
fn idle_and_reading_ring_no_bell() {
    let preview = Preview::of(site());
    for _ in 0..20 {
        fs::read(preview.folder.at("content/index.html")).unwrap();
        fs::read_dir(preview.folder.at("content")).unwrap().for_each(drop);
        preview.get("/");
    }
    preview.folder.write("public/index.html", "x");
    preview.folder.write("target/debug/x", "x");
    preview.folder.write("notes.txt", "x");
    thread::sleep(Duration::from_millis(300));
    assert_eq!(preview.builds(), 0, "{:?}", preview.hints.lock().unwrap());
}

#[test]
fn files_in_the_root_count_when_asked_for() {
    let preview = Preview::of(site());
    preview.folder.write("site.yaml", "title: x");
    let start = Instant::now();
    while preview.builds() == 0 {
        assert!(start.elapsed() < Duration::from_secs(5));
        thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(preview.hints.lock().unwrap()[0], Some(vec![preview.folder.at("site.yaml")]));
}

#[test]
fn what_changes_during_a_build_is_one_more_build() {
    let pause = Duration::from_millis(50);
    let preview = Preview::with(site(), Wishes { pause, ..Wishes::default() });
    let start = Instant::now();
    for number in 0..400 {
        preview.folder.write(&format!("content/{number}.html"), "x");
    }
    preview.until("/399.html", "x");
    let most = start.elapsed().as_millis() / pause.as_millis() + 2;
    assert!(preview.builds() as u128 <= most, "{} builds", preview.builds());
}

// ---- Building and showing -----------------------------------------------------------------------

#[test]
fn a_reload_after_a_save_never_shows_the_old_page() {
    let pause = Duration::from_millis(200);
    let preview = Preview::with(site(), Wishes { pause, ..Wishes::default() });
    preview.folder.write("content/index.html", "<body>New</body>");
    thread::sleep(Duration::from_millis(50));
    assert!(preview.get("/").text().contains("New"));
}

#[test]
fn a_save_during_a_build_is_waited_for_as_well() {
    let pause = Duration::from_millis(200);
    let preview = Preview::with(site(), Wishes { pause, ..Wishes::default() });
    for text in ["First", "Second"] {
        preview.folder.write("content/index.html", &format!("<body>{text}</body>"));
        thread::sleep(Duration::from_millis(50));
    }
    assert!(preview.get("/").text().contains("Second"));
}

#[test]
fn errors_leave_the_last_good_site_and_go_when_mended() {
    let preview = Preview::of(site());
    let mut events = preview.events();
    assert!(events.next().contains("\"problems\":[]"));
    preview.folder.write("content/index.html", "<body>BROKEN</body>");
    let bad = events.next();
    assert!(bad.contains(r#""message":"A \"word\" of <b>evil</b>""#), "{bad}");
    assert!(preview.get("/").text().contains("Home"));
    preview.folder.write("content/index.html", "<body>Mended</body>");
    assert!(events.next().contains("\"problems\":[]"));
    assert!(preview.get("/").text().contains("Mended"));
}

#[test]
fn a_site_that_starts_broken_comes_alive() {
    let folder = site();
    folder.write("content/index.html", "BROKEN");
    let preview = Preview::of(folder);
    let answer = preview.get("/careers/");
    assert_eq!(answer.status, 503);
    assert!(answer.text().contains("Your site is not there yet"));
    assert!(answer.text().contains("&quot;standIn&quot;:true"));
    preview.folder.write("content/index.html", "<body>Here</body>");
    preview.until("/", "Here");
}

#[test]
fn a_page_says_where_it_comes_from() {
    let folder = site();
    folder.write("content/draft.html", "x");
    let preview = Preview::of(folder);
    let text = preview.get("/draft.html").text();
    assert!(text.contains("&quot;source&quot;:&quot;content/draft.html&quot;"), "{text}");
    assert!(preview.get("/").text().contains("&quot;note&quot;:null"));
}

// ---- The day ------------------------------------------------------------------------------------

const META: &str = "<meta name=\"weekmark-today\" content=\"2027-10-12\">";

/// Chooses a day as a page of the preview does.
fn choose(preview: &Preview, day: &str) -> Answer {
    preview.ask(&format!("POST /__weekmark/day?date={day} HTTP/1.1\r\nOrigin: http://localhost"))
}

#[test]
fn a_chosen_day_is_built_told_and_marked_in_pages() {
    let preview = Preview::of(site());
    let mut events = preview.events();
    let start = events.next();
    assert!(
        start.contains(r#""day":null,"days":{"today":"2026-11-22","isFixed":false,"wanted":null"#)
    );
    assert!(start.contains(r#""choices":[{"title":"First day","date":"2027-10-10"}]"#), "{start}");
    assert!(!preview.get("/").text().contains("weekmark-today"));
    let answer = choose(&preview, "2027-10-12");
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    let told = events.next();
    assert!(told.contains(r#""day":"2027-10-12""#) && told.contains(r#""wanted":"2027-10-12""#));
    let hints = preview.hints.lock().unwrap().clone();
    assert_eq!(hints, [Some(Vec::new())], "no file is looked at again");
    assert_eq!(preview.get("/").text().matches(META).count(), 1);
    // What is no page stays as it is, and edits keep the day.
    assert_eq!(preview.get("/feed.xml").text(), "<feed/>");
    preview.folder.write("content/index.html", "<body>Edited</body>");
    preview.until("/", "Edited");
    assert!(preview.get("/").text().contains(META));
    // A site that is wrong on that day, or by an edit, leaves the last good one with the day that it is of.
    preview.folder.write("content/index.html", "<body>BROKEN</body>");
    while !events.next().contains("\"code\":\"broken\"") {}
    assert_eq!(choose(&preview, "").status, 204);
    let told = events.next();
    assert!(told.contains(r#""day":"2027-10-12""#) && told.contains(r#""wanted":null"#), "{told}");
    assert!(preview.get("/").text().contains(META));
    preview.folder.write("content/index.html", "<body>Mended</body>");
    preview.until("/", "Mended");
    assert!(!preview.get("/").text().contains("weekmark-today"));
}

#[test]
fn a_day_that_cannot_be_read_is_refused_and_changes_nothing() {
    let preview = Preview::of(site());
    let answer = choose(&preview, "10%2F12%2F2027");
    assert_eq!((answer.status, answer.text().as_str()), (422, "\"10/12/2027\" is not a date.\n"));
    assert!(!preview.get("/").text().contains("weekmark-today"));
    assert_eq!(preview.builds(), 0);
}

#[test]
fn only_pages_of_the_preview_choose_the_day() {
    let preview = Preview::of(site());
    let path = "/__weekmark/day?date=2027-10-12";
    for (head, status) in [
        (format!("POST {path} HTTP/1.1"), 403),
        (format!("POST {path} HTTP/1.1\r\nOrigin: null"), 403),
        (format!("POST {path} HTTP/1.1\r\nOrigin: http://evil.example"), 403),
        (format!("POST {path} HTTP/1.1\r\nOrigin: http://localhost:1"), 403),
        (format!("POST {path} HTTP/1.1\r\nOrigin: https://localhost"), 403),
        (
            format!(
                "POST {path} HTTP/1.1\r\nOrigin: http://localhost\r\nSec-Fetch-Site: cross-site"
            ),
            403,
        ),
        (format!("POST http://evil.example{path} HTTP/1.1\r\nOrigin: http://evil.example"), 403),
        (format!("GET {path} HTTP/1.1\r\nOrigin: http://localhost"), 405),
        (format!("POST {path} HTTP/1.1\r\nOrigin: http://localhost"), 204),
    ] {
        assert_eq!(preview.ask(&head).status, status, "{head}");
    }
    let allowed = preview.get(path);
    assert_eq!(allowed.header("allow"), Some("POST"));
    preview.until("/", "weekmark-today");
    assert_eq!(preview.builds(), 1);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the end of the day is a moment of the clock")]
fn the_end_of_the_day_is_one_more_build_of_the_same_files() {
    let until = Some(SystemTime::now() + Duration::from_secs(2));
    let preview = Preview::with(site(), Wishes { until, ..Wishes::default() });
    assert_eq!(preview.builds(), 0);
    thread::sleep(Duration::from_secs(3));
    assert_eq!(*preview.hints.lock().unwrap(), [Some(Vec::new())]);
}

/// Not a test of right and wrong: `cargo test --release -- --ignored --nocapture latency`.
#[test]
#[ignore = "a measurement"]
#[expect(clippy::print_stdout, reason = "its output is what it is for")]
fn latency_from_write_to_event_and_page() {
    let preview = Preview::of(site());
    let mut events = preview.events();
    events.next();
    let (mut told, mut served) = (Vec::new(), Vec::new());
    for number in 0..200 {
        thread::sleep(Duration::from_millis(15));
        let start = Instant::now();
        preview.folder.write("content/index.html", &format!("<body>Edit {number}</body>"));
        while !events.next().contains("\"index.html\"") {}
        told.push(start.elapsed());
        assert!(preview.get("/").text().contains(&format!("Edit {number}<")));
        served.push(start.elapsed());
    }
    for (name, times) in [("write to event", &mut told), ("write to page", &mut served)] {
        times.sort();
        println!("{name}: median {:?}, 95% {:?}, worst {:?}", times[100], times[190], times[199]);
    }
}
