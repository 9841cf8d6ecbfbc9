//! Owns the one program that asks the network, `curl`, and how it is told what to do. Must not know which
//! addresses are asked for, or when.

#![expect(clippy::disallowed_methods, reason = "the network is asked through another program")]

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::address::Address;

/// How an address is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// What is known about it, not what is there.
    Head,
    /// What is there; only its head is read.
    Get,
}

/// What came of one request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// The host answered.
    Answered(Head),
    /// No answer; the exit code of curl says why, or -1 if it was ended.
    Failed(i32),
}

/// The head of an answer, as far as it is used.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: u16,
    /// Where it sends on to.
    pub(super) location: Option<String>,
    /// How many seconds to wait; `u64::MAX` for a time that is not given in seconds.
    pub(super) retry_after: Option<u64>,
}

/// More than this is no head of an answer.
const LONGEST_HEAD: u64 = 256 * 1024;

/// The program and what every request has in common.
#[derive(Debug)]
pub(super) struct Curl {
    pub(super) program: OsString,
    pub(super) agent: String,
    /// The longest that one request may take.
    pub(super) limit: Duration,
}

/// A program that is ended when nobody waits for it any more.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may be over already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Curl {
    /// Whether the program is there at all.
    ///
    /// # Errors
    /// Why it cannot be started.
    pub(super) fn is_there(&self) -> io::Result<()> {
        let mut command = Command::new(&self.program);
        command.args(["-q", "--version"]).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().map(drop)
    }

    /// Asks for an address once. Redirects are not followed. What is there is not read.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub(super) fn request(&self, address: &Address, method: Method) -> io::Result<Reply> {
        let mut command = Command::new(&self.program);
        command.args(self.arguments(address, method));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut running = Running(command.spawn()?);
        let head = running.0.stdout.take().and_then(|out| read_head(out.take(LONGEST_HEAD)));
        // The body is not read: whoever still sends it is hung up on.
        Ok(match head {
            Some(head) => Reply::Answered(head),
            None => Reply::Failed(running.0.wait()?.code().unwrap_or(-1)),
        })
    }

    /// Only options that curl has had since 2017. The address cannot be taken for an option: it stands behind
    /// `--url` and begins with `http`, and nothing in it is a pattern.
    fn arguments(&self, address: &Address, method: Method) -> Vec<String> {
        let seconds = |time: Duration| format!("{:.3}", time.as_secs_f64());
        let mut arguments: Vec<String> = [
            // First: the person's own settings of curl have no effect, so there are no cookies or names in them.
            "-q",
            "--silent",
            "--globoff",
            // The head is handed on as soon as it is there.
            "--no-buffer",
            "--suppress-connect-headers",
            "--proto",
            "=http,https",
            match method {
                Method::Head => "--head",
                Method::Get => "--include",
            },
        ]
        .map(String::from)
        .into();
        if address.is_this_machine() {
            arguments.extend(["--noproxy", "*"].map(String::from));
        }
        arguments.extend(["--connect-timeout".into(), seconds(self.limit / 2)]);
        arguments.extend(["--max-time".into(), seconds(self.limit)]);
        arguments.extend(["--user-agent".into(), self.agent.clone()]);
        arguments.extend(["--url".into(), address.to_string()]);
        arguments
    }
}

/// Reads the head of an answer; what a host says before it (status 1xx) is skipped.
fn read_head(out: impl Read) -> Option<Head> {
    let mut out = BufReader::new(out);
    let mut found: Option<Head> = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        if out.read_until(b'\n', &mut line).ok()? == 0 {
            // The connection broke within the head: the status is known.
            return found;
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end();
        match &mut found {
            None if text.starts_with("HTTP/") => {
                let status = text.split_ascii_whitespace().nth(1)?.parse().ok()?;
                found = Some(Head { status, ..Head::default() });
            }
            None => return None,
            Some(head) if text.is_empty() && (100..200).contains(&head.status) => found = None,
            Some(_) if text.is_empty() => return found,
            Some(head) => head.note(text),
        }
    }
}

impl Head {
    fn note(&mut self, line: &str) {
        let Some((name, value)) = line.split_once(':') else { return };
        let value = value.trim();
        if name.eq_ignore_ascii_case("location") {
            self.location = Some(value.to_string());
        } else if name.eq_ignore_ascii_case("retry-after") {
            self.retry_after = Some(value.parse().unwrap_or(u64::MAX));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_an_answer_is_read() {
        let head = |text: &str| read_head(text.as_bytes());
        let moved = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/2 301 \r\nLOCATION: /a b\r\n\r\nbody";
        let there = head(moved).expect("a head");
        assert_eq!((there.status, there.location.as_deref()), (301, Some("/a b")));
        let wait = |value: &str| {
            head(&format!("HTTP/1.0 429 Wait\nRetry-After: {value}\n\n"))
                .and_then(|h| h.retry_after)
        };
        assert_eq!(wait("7"), Some(7));
        assert_eq!(wait("Wed, 21 Oct 2026 07:28:00 GMT"), Some(u64::MAX));
        for nothing in
            ["", "SSH-2.0\r\n\r\n", "HTTP/1.1 x\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n"]
        {
            assert_eq!(head(nothing), None, "{nothing}");
        }
        assert_eq!(head("HTTP/1.1 200 OK\r\nServ").map(|head| head.status), Some(200));
    }

    #[test]
    fn an_address_is_never_an_option() {
        let curl =
            Curl { program: "curl".into(), agent: "a".into(), limit: Duration::from_secs(20) };
        let address = Address::read("https://example.org/ -o /tmp/x --next").expect("an address");
        let arguments = curl.arguments(&address, Method::Get);
        assert_eq!(arguments[0], "-q");
        let last: Vec<&str> = arguments.iter().rev().take(2).map(String::as_str).collect();
        assert_eq!(last, ["https://example.org/%20-o%20/tmp/x%20--next", "--url"]);
        assert!(
            !arguments.iter().any(|a| a.contains("cookie") || a.contains("netrc") || a == "-u")
        );
    }
}
