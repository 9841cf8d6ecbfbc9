//! Owns the proof of `check --external`: what is asked of a host, how often and how fast, what is made of the
//! answers, and that nothing else asks. The hosts are threads on this machine; nothing reaches the network.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test works on a disk, starts the program and may fail"
)]

mod support;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use support::Folder;
use weekmark::external::{Address, Answer, Asked, Kept, Settings, Trouble, USUAL_DAYS, Why, ask};

// ---- a host ---------------------------------------------------------------------------------------

/// One request as it came in.
#[derive(Debug, Clone)]
struct Request {
    method: String,
    path: String,
    /// The whole head in small letters.
    head: String,
    begun: Instant,
    ended: Instant,
}

/// A host on this machine that answers each path in its own way and remembers who asked.
struct Host {
    port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
    /// How many bytes of the endless page went out.
    sent: Arc<AtomicUsize>,
}

impl Host {
    fn start() -> Host {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let sent: Arc<AtomicUsize> = Arc::default();
        let (log, count) = (requests.clone(), sent.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, count) = (log.clone(), count.clone());
                std::thread::spawn(move || converse(stream, &log, &count));
            }
        });
        Host { port, requests, sent }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn address(&self, path: &str) -> Address {
        Address::read(&self.url(path)).unwrap()
    }

    fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The methods with which a path was asked for, in order.
    fn asked(&self, path: &str) -> String {
        let requests = self.requests();
        let own = requests.iter().filter(|request| request.path == path);
        own.map(|request| request.method.as_str()).collect::<Vec<_>>().join(" ")
    }
}

fn converse(stream: TcpStream, log: &Mutex<Vec<Request>>, sent: &AtomicUsize) {
    let begun = Instant::now();
    let mut head = String::new();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return;
        }
    }
    let mut words = head.split(' ');
    let (method, path) = (words.next().unwrap().to_string(), words.next().unwrap().to_string());
    let before = log.lock().unwrap().iter().filter(|r| r.path == path).count();
    let is_head = method == "HEAD";
    let place = {
        let mut log = log.lock().unwrap();
        let (method, path) = (method.clone(), path.clone());
        log.push(Request { method, path, head: head.to_lowercase(), begun, ended: begun });
        log.len() - 1
    };
    answer(stream, &path, is_head, before, sent);
    log.lock().unwrap()[place].ended = Instant::now();
}

/// Answers as the path says; `before` is how often it was asked for before.
fn answer(mut stream: TcpStream, path: &str, is_head: bool, before: usize, sent: &AtomicUsize) {
    let mut say = |head: &str, body: &str| {
        let length = body.len();
        let body = if is_head { "" } else { body };
        let _ = write!(
            stream,
            "HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
    };
    match path {
        "/gone" | "/gone?a" => say("404 Not Found", "no"),
        "/gone-for-good" => say("410 Gone", "no"),
        "/no-head" if is_head => say("405 Method Not Allowed", ""),
        "/wrong-head" if is_head => say("404 Not Found", ""),
        "/forbidden" => say("403 Forbidden", "no"),
        "/broken" => say("500 Internal Server Error", "no"),
        "/odd" => say("999 Request denied", "no"),
        "/later" if before == 0 => say("429 Too Many Requests\r\nRetry-After: 1", ""),
        "/much-later" => say("429 Too Many Requests\r\nRetry-After: 3600", ""),
        "/moved" => say("301 Moved Permanently\r\nLocation: moved-on?a=b#c", ""),
        "/moved-on?a=b" => say("308 Permanent Redirect\r\nLocation: /ok", ""),
        "/moved-to-login" => say("301 Moved Permanently\r\nLocation: /found", ""),
        "/moved-home" => say("301 Moved Permanently\r\nLocation: /", ""),
        "/moved-to-nothing" => say("301 Moved Permanently\r\nLocation: /gone", ""),
        "/found" => say("302 Found\r\nLocation: /ok\r\nSet-Cookie: a=b", ""),
        "/circle" => say("302 Found\r\nLocation: /circle-2", ""),
        "/circle-2" => say("302 Found\r\nLocation: /circle", ""),
        "/elsewhere" => say("302 Found\r\nLocation: file:///etc/passwd", ""),
        "/strange" => {
            let _ = stream.write_all(b"220 mail.example ESMTP\r\n");
        }
        "/closes" => {}
        "/slow" => std::thread::sleep(Duration::from_secs(8)),
        "/rather-slow" => {
            std::thread::sleep(Duration::from_millis(700));
            say("200 OK", "");
        }
        "/huge" if is_head => say("501 Not Implemented", ""),
        "/huge" => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
            let portion = [b'x'; 64 * 1024];
            let until = Instant::now() + Duration::from_secs(10);
            while Instant::now() < until && stream.write_all(&portion).is_ok() {
                sent.fetch_add(portion.len(), Ordering::Relaxed);
            }
        }
        _ => match path.strip_prefix("/many/").and_then(|n| n.parse::<usize>().ok()) {
            Some(n) => say(&format!("302 Found\r\nLocation: /many/{}", n + 1), ""),
            None => say("200 OK", "here"),
        },
    }
}

// ---- asking ---------------------------------------------------------------------------------------

const PAUSE: Duration = Duration::from_millis(60);

/// As the command asks, but with shorter times.
fn quick() -> Settings {
    let again = Duration::from_millis(200);
    Settings { pause: PAUSE, again, limit: Duration::from_secs(3), ..Settings::default() }
}

fn ask_in(folder: &Folder, settings: &Settings, all: &[Address]) -> Result<Asked, Trouble> {
    ask(settings, all, &mut Kept::open(folder.path(), USUAL_DAYS), |_, _| {})
}

#[test]
fn every_answer_has_its_outcome_and_its_number_of_requests() {
    let (host, folder) = (Host::start(), Folder::new("external"));
    let works = || Answer::Works { moved: None };
    let moved = |to: &str| Answer::Works { moved: Some(host.address(to)) };
    let dead = |status| Answer::Dead(Why::Status(status));
    let unsure = Answer::Unsure;
    let cases = [
        ("/ok", works(), "HEAD"),
        ("/gone", dead(404), "HEAD GET"),
        ("/gone-for-good", dead(410), "HEAD GET"),
        ("/no-head", works(), "HEAD GET"),
        ("/wrong-head", works(), "HEAD GET"),
        ("/forbidden", unsure(Why::Status(403)), "HEAD GET"),
        ("/broken", unsure(Why::Status(500)), "HEAD GET"),
        ("/odd", unsure(Why::Status(999)), "HEAD GET"),
        ("/later", works(), "HEAD HEAD"),
        ("/moved", moved("/ok"), "HEAD"),
        ("/moved-to-login", moved("/found"), "HEAD"),
        ("/moved-to-nothing", dead(404), "HEAD"),
        ("/circle", unsure(Why::Circle), "HEAD"),
        ("/many/1", unsure(Why::Circle), "HEAD"),
        ("/elsewhere", unsure(Why::Strange), "HEAD"),
        ("/strange", unsure(Why::Strange), "HEAD GET"),
        ("/closes", unsure(Why::HungUp), "HEAD GET"),
        ("/slow", unsure(Why::TooSlow), "HEAD GET"),
        ("/huge", works(), "HEAD GET"),
        ("/a b\"c'd", works(), ""),
        ("/ -o /tmp/x --next", works(), ""),
        ("/año/[1-3]/{a,b}?ñ=&x", works(), ""),
    ];
    let addresses: Vec<Address> = cases.iter().map(|(path, ..)| host.address(path)).collect();
    let asked = ask_in(&folder, &quick(), &addresses).unwrap();
    for ((path, answer, methods), found) in cases.iter().zip(&asked.answers) {
        assert_eq!(found, answer, "{path}");
        // Some are also asked for on the way of a redirect.
        if !methods.is_empty() && !["/ok", "/gone"].contains(path) {
            assert_eq!(host.asked(path), *methods, "{path}");
        }
    }
    for (path, methods) in [
        ("/a%20b%22c%27d", "HEAD"),
        ("/%20-o%20/tmp/x%20--next", "HEAD"),
        ("/a%C3%B1o/[1-3]/%7Ba,b%7D?%C3%B1=&x", "HEAD"),
        // By itself, from /moved, and from /found.
        ("/ok", "HEAD HEAD HEAD"),
        ("/many/11", "HEAD"),
        ("/many/12", ""),
    ] {
        assert_eq!(host.asked(path), methods, "{path}");
    }
    assert!(
        host.sent.load(Ordering::Relaxed) < 8_000_000,
        "who sends without an end is hung up on"
    );
    assert_eq!(asked.fresh, cases.len());

    // One at a time, with a pause between, and longer where the host asked for it.
    let requests = host.requests();
    for pair in requests.windows(2) {
        let pause = pair[1].begun.saturating_duration_since(pair[0].begun);
        assert!(pause >= PAUSE, "{} follows {} after {pause:?}", pair[1].path, pair[0].path);
    }
    let later: Vec<&Request> = requests.iter().filter(|r| r.path == "/later").collect();
    assert!(later[1].begun - later[0].begun >= Duration::from_secs(1));

    // Hosts learn who asks, and nothing else.
    for request in &requests {
        let agent = format!("user-agent: weekmark/{} ", env!("CARGO_PKG_VERSION"));
        assert!(request.head.contains(&agent), "{}", request.head);
        for private in ["cookie", "authorization", "referer"] {
            assert!(!request.head.contains(private), "{}", request.head);
        }
    }

    // All of it is known now.
    let again = ask_in(&folder, &quick(), &addresses).unwrap();
    assert_eq!((again.fresh, &again.answers), (0, &asked.answers));
    assert_eq!(host.requests().len(), requests.len());
}

#[test]
fn a_host_that_wants_a_long_pause_is_left_alone() {
    let (host, folder) = (Host::start(), Folder::new("external"));
    let addresses = ["/a", "/much-later", "/z"].map(|path| host.address(path));
    let asked = ask_in(&folder, &quick(), &addresses).unwrap();
    let unsure = Answer::Unsure(Why::Status(429));
    assert_eq!(asked.answers, [Answer::Works { moved: None }, unsure.clone(), unsure]);
    assert_eq!(host.requests().len(), 2, "nothing more was asked of it");
}

#[test]
fn hosts_are_asked_side_by_side() {
    let (host, folder) = (Host::start(), Folder::new("external"));
    let other = Address::read(&format!("http://localhost:{}/rather-slow", host.port)).unwrap();
    let addresses = [host.address("/rather-slow"), other];
    let asked = ask_in(&folder, &quick(), &addresses).unwrap();
    assert!(asked.answers.iter().all(|answer| *answer == Answer::Works { moved: None }));
    let requests = host.requests();
    assert!(requests[1].begun < requests[0].ended, "{requests:?}");
}

/// A program that stands in for curl: it finds no host but this machine.
#[cfg(unix)]
fn program_that_finds_nobody(folder: &Folder) -> std::ffi::OsString {
    use std::os::unix::fs::PermissionsExt;
    let script = "#!/bin/sh\ncase \"$*\" in\n*//127.0.0.1:*|*--version*) exec curl \"$@\" ;;\nesac\n\
                  echo \"$*\" >> \"$0.log\"\nexit 6\n";
    folder.write("bin/curl", script);
    let path = folder.at("bin/curl");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    // Another test may have started a program while the script was open here, and hold it for a moment.
    let start = || std::process::Command::new(&path).arg("--version").output();
    let is_busy = |error: std::io::Error| error.kind() == std::io::ErrorKind::ExecutableFileBusy;
    while start().is_err_and(is_busy) {
        std::thread::sleep(Duration::from_millis(5));
    }
    path.into()
}

#[cfg(unix)]
#[test]
fn a_host_that_does_not_exist_is_looked_for_twice() {
    let (host, folder) = (Host::start(), Folder::new("external"));
    let settings = Settings { program: program_that_finds_nobody(&folder), ..quick() };
    let nobody = ["https://nobody.example/a", "https://nobody.example/b"];
    let nobody = nobody.map(|url| Address::read(url).unwrap());
    // With nobody else to ask, the network may be what is missing.
    assert!(matches!(ask_in(&folder, &settings, &nobody), Err(Trouble::Silence)));
    assert_eq!(folder.read("bin/curl.log").lines().count(), 2);
    assert!(!folder.at(".weekmark").exists(), "silence is no answer to keep");
    // Somebody who answered before is asked again, so that one misspelled link is found.
    ask_in(&folder, &settings, &[host.address("/ok")]).unwrap();
    let asked = ask_in(&folder, &settings, &nobody).unwrap();
    assert_eq!(asked.answers, [Answer::Dead(Why::NoHost), Answer::Dead(Why::NoHost)]);
    assert_eq!(folder.read("bin/curl.log").lines().count(), 4, "once more, later, for both");
    assert_eq!(host.asked("/ok"), "HEAD HEAD");
}

#[test]
fn a_damaged_file_of_answers_is_asked_anew() {
    let (host, folder) = (Host::start(), Folder::new("external"));
    let address = [host.address("/ok")];
    for damage in [&b"weekmark links 99\n"[..], b"\xff\xfe\0", b"weekmark links 1\nx y z\n\n"] {
        let before = host.requests().len();
        folder.write(".weekmark/links.txt", damage);
        ask_in(&folder, &quick(), &address).unwrap();
        assert_eq!(host.requests().len(), before + 1);
        assert!(folder.read(".weekmark/links.txt").starts_with("weekmark links 1\n"));
    }
    assert_eq!(folder.read(".weekmark/.gitignore"), "*\n");
}

#[test]
fn what_cannot_be_kept_is_answered_all_the_same() {
    let (host, folder) = (Host::start(), Folder::new("external"));
    folder.write(".weekmark", "a file where the folder should be");
    let asked = ask_in(&folder, &quick(), &[host.address("/ok")]).unwrap();
    assert!(asked.not_kept.is_some());
    assert_eq!(asked.answers, [Answer::Works { moved: None }]);
    assert_eq!(folder.read(".weekmark"), "a file where the folder should be");
}

// ---- the command ----------------------------------------------------------------------------------

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn run(mut command: Command, folder: &Path, arguments: &[&str]) -> Ran {
    let output = command.args(arguments).current_dir(folder).output().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn weekmark(folder: &Folder, arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weekmark"));
    command.env_remove("GITHUB_WORKSPACE");
    run(command, folder.path(), arguments)
}

/// A site with an outside link of each kind in each place where one can stand.
fn site(host: &Host) -> Folder {
    let folder = Folder::new("external");
    let url = |path: &str| host.url(path);
    folder.write(
        "site.yaml",
        format!(
            "title: Test\nbase_url: https://own.invalid/\nmarkdown: {{raw_html: true}}\nbrand: {{name: B, url: \"{}\"}}\n\
             menus:\n  main:\n    - {{title: M, url: \"{}\"}}\n",
            url("/brand"),
            url("/gone")
        ),
    );
    folder.write("content/_index.md", "---\ntitle: Home\n---\n\nWelcome.\n");
    folder.write(
        "content/page.md",
        format!(
            "---\ntitle: A page\ndescription: d\nsources:\n  - {{title: T, url: \"{}\"}}\n---\n\n\
             [one]({}) [two]({}#part) <{}>\n\n[three][3] [four](<{}>) [mail](mailto:a@own.invalid)\n\n\
             <a href=\"{}\">five</a> :button[six]{{link={}}} [seven](https:own.invalid)\n\n[3]: {} \"T\"\n",
            url("/gone"),
            url("/ok"),
            url("/gone"),
            url("/auto"),
            url("/with space \"and\" ñ -o x"),
            url("/gone?a"),
            url("/button"),
            url("/moved"),
        ),
    );
    folder.write(
        "content/_data/sources.yaml",
        format!("one:\n  title: One\n  url: {}\n", url("/forbidden")),
    );
    folder
}

#[test]
fn check_says_what_it_found_where_it_stands() {
    let host = Host::start();
    let folder = site(&host);
    let ran = weekmark(&folder, &["check", "--external", "--format", "json"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(ran.err, "", "progress is for a terminal");
    let places: Vec<(String, String, String)> = ran
        .out
        .split("{\"severity\":")
        .skip(1)
        .map(|problem| {
            let value = |name: &str| {
                let rest = problem.split(&format!("\"{name}\":")).nth(1).unwrap();
                rest.split(",\"").next().unwrap().trim_matches('"').to_string()
            };
            let place = format!("{}:{}:{}", value("file"), value("line"), value("column"));
            (value("code"), place, value("message"))
        })
        .filter(|(code, ..)| code.starts_with("W32"))
        .collect();
    let found: Vec<(&str, &str)> =
        places.iter().map(|(code, place, _)| (code.as_str(), place.as_str())).collect();
    let at = |file: &str, what: &str| {
        let text = folder.read(file);
        let before = &text[..text.find(what).unwrap()];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before[line_start..].chars().count() + 1;
        format!("{file}:{}:{column}", before.matches('\n').count() + 1)
    };
    let gone = host.url("/gone");
    assert_eq!(
        found,
        [
            ("W321", &*at("content/_data/sources.yaml", "http")),
            ("W320", &at("content/page.md", &format!("\"{gone}\""))),
            ("W320", &at("content/page.md", &format!("{gone}#part"))),
            ("W322", &at("content/page.md", "[three]")),
            ("W320", &at("content/page.md", &format!("{gone}?a"))),
            ("W320", &at("content/page.md", "https:own")),
            ("W320", &at("site.yaml", &format!("\"{gone}\""))),
        ],
        "{places:#?}"
    );
    assert!(places[0].2.ends_with("the host does not let programs look (403)."), "{places:?}");
    assert!(places[3].2.contains(&host.url("/ok")), "{places:?}");
    let tally =
        "\"links\":{\"addresses\":10,\"asked\":9,\"works\":5,\"moved\":1,\"dead\":3,\"unsure\":1}}";
    assert!(ran.out.contains(tally), "{}", ran.out);
    assert_eq!(host.asked("/with%20space%20%22and%22%20%C3%B1%20-o%20x"), "HEAD");

    // Nothing but the command with its option asks, and what is known is not asked again.
    let before = host.requests().len();
    for arguments in [&["build"][..], &["check"], &["build", "--strict"]] {
        weekmark(&folder, arguments);
    }
    assert!(folder.at("public/page/index.html").is_file());
    let strict = weekmark(&folder, &["check", "--external", "--strict"]);
    assert_eq!(strict.code, 1, "{}", strict.err);
    assert!(strict.err.contains("9 known from before"), "{}", strict.err);
    assert!(strict.err.contains("note: content/page.md:10:1: This page has moved for good"));
    assert_eq!(host.requests().len(), before);
    assert!(!folder.at("public/.weekmark").exists());

    let github = weekmark(&folder, &["check", "--external", "--format", "github"]);
    let line = "::warning file=site.yaml,line=7,col=23,endColumn=";
    assert!(github.out.contains(line), "{}", github.out);
    assert!(
        github
            .out
            .contains(",title=W320::This link leads nowhere: there is no such page (404).%0A")
    );
    assert_eq!(host.requests().len(), before);
}

#[test]
fn what_is_said_of_links_can_be_switched_off() {
    let host = Host::start();
    let folder = Folder::new("external");
    let off = "checks:\n  off: {W321: \"Our host turns programs away.\"}\n";
    folder.write("site.yaml", format!("title: Test\nbase_url: https://own.invalid/\n{off}"));
    let page = |off: &str| {
        let links = format!("[a way]({}) [another]({})", host.url("/gone"), host.url("/forbidden"));
        format!("---\ntitle: Home\ndescription: d\n{off}---\n{links}\n")
    };
    folder.write("content/_index.md", page("checks: {off: {W320: \"Kept for the record.\"}}\n"));
    let ran = weekmark(&folder, &["check", "--external"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!ran.err.contains("W32") && ran.err.contains("1 dead, 1 unsure"), "{}", ran.err);
    // Without the network nobody knows whether a switch does something.
    let ran = weekmark(&folder, &["check"]);
    assert!(!ran.err.contains("W605"), "{}", ran.err);
    folder.write("content/_index.md", page("").replace("/forbidden", "/ok"));
    let ran = weekmark(&folder, &["check", "--external"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("[W320]"), "{}", ran.err);
    assert!(ran.err.contains("[W605]: W321 is switched off here"), "{}", ran.err);
}

#[test]
fn the_age_of_answers_is_said() {
    let host = Host::start();
    let folder = Folder::new("external");
    folder.write("site.yaml", "title: Test\n");
    folder.write("content/_index.md", format!("---\ntitle: Home\n---\n[a]({})\n", host.url("/ok")));
    for (arguments, requests) in [
        (&["check", "--external"][..], 1),
        (&["check", "--external"], 1),
        (&["check", "--external", "--max-age", "0"], 2),
        (&["check", "--external", "--max-age", "30"], 2),
    ] {
        let ran = weekmark(&folder, arguments);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert_eq!(host.requests().len(), requests, "{arguments:?}");
    }
    assert_eq!(weekmark(&folder, &["check", "--max-age", "3"]).code, 2, "of what?");
    // A link that is not on the site any more is not asked for, and none needs no network.
    folder.write("content/_index.md", "---\ntitle: Home\n---\n");
    let mut nowhere = Command::new(env!("CARGO_BIN_EXE_weekmark"));
    nowhere.env("PATH", folder.at("nothing"));
    let ran = run(nowhere, folder.path(), &["check", "--external"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("Outside links: none."), "{}", ran.err);
}

#[test]
fn without_curl_or_network_it_is_2_in_one_sentence() {
    let folder = Folder::new("external");
    folder.write("site.yaml", "title: Test\n");
    // A port that nobody listens on.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let page = format!("---\ntitle: Home\n---\n[a](http://127.0.0.1:{free}/) ![](x.png)\n");
    folder.write("content/_index.md", page);
    let ran = weekmark(&folder, &["check", "--external", "--format", "json"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert!(ran.err.contains("no host was reached"), "{}", ran.err);
    let mut nowhere = Command::new(env!("CARGO_BIN_EXE_weekmark"));
    nowhere.env("PATH", folder.at("nothing"));
    let ran = run(nowhere, folder.path(), &["check", "--external"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("the program curl, which is not on this machine"), "{}", ran.err);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    assert!(!folder.at(".weekmark").exists());
}

#[test]
fn annotations_name_files_from_the_checkout() {
    let folder = Folder::new("external");
    folder.write("docs/site.yaml", "title: Test\n");
    folder.write("docs/content/_index.md", "---\ntitel: Home\n---\n## A\n");
    let mut command = Command::new(env!("CARGO_BIN_EXE_weekmark"));
    command.env("GITHUB_WORKSPACE", folder.path());
    let ran = run(command, folder.path(), &["--root", "docs", "check", "--format", "github"]);
    assert_eq!(ran.code, 1);
    let lines: BTreeMap<&str, usize> =
        ran.out.lines().map(|line| (line.split(',').next().unwrap(), 1)).collect();
    assert!(lines.contains_key("::error file=docs/content/_index.md"), "{}", ran.out);
    assert!(ran.out.contains(",line=2,col=1,endColumn=6,title=W102::"), "{}", ran.out);
}
