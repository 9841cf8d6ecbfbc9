//! The browser's side of the preview, and the stream that keeps it informed.
//!
//! Owns the files below `__weekmark/` and the event stream. Must not know the site: what a change
//! means for a page is decided in the page, by `live.js`.
//!
//! Browsers allow six connections per host, and a stream takes one for as long as the page is
//! open; with seven tabs nothing would load any more. So the tabs share one stream, held by a
//! shared worker (`stream.js`). Unlike a tab that leads the others it needs no secure context, has
//! no moment without a leader, and lives under its own content security policy: the preview also
//! works for a page whose policy forbids connections.

use std::io::{self, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::json;
use super::stage::{Next, Stage};

/// The folder below the base path that belongs to the preview.
pub(super) const FOLDER: &str = "__weekmark/";

/// How often a quiet stream looks whether its reader is still there.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How many looks make a sign of life, for readers behind something that cuts quiet lines.
const LOOKS_PER_SIGN: u32 = 3;

/// The script with this name, if there is one.
pub(super) fn script(name: &str) -> Option<String> {
    match name {
        "live.js" => {
            let style = json::string(include_str!("live.css"));
            Some(format!("const weekmarkStyle = {style};\n{}", include_str!("live.js")))
        }
        "stream.js" => Some(include_str!("stream.js").to_owned()),
        _ => None,
    }
}

/// Tells a browser of every new state until it goes or the preview ends.
pub(super) fn stream(stage: &Stage, mut to: &TcpStream) -> io::Result<()> {
    // A restarted preview should be noticed soon; the browser's own pause is three seconds.
    to.write_all(b"retry: 500\n\n")?;
    let (mut seen, mut quiet) = (0, 0);
    loop {
        match stage.after(seen, LOOK_EVERY) {
            Next::Closing => return Ok(()),
            Next::Shown(shown) => {
                to.write_all(format!("data: {}\n\n", shown.message).as_bytes())?;
                seen = shown.number;
            }
            Next::Quiet if has_gone(to)? => return Ok(()),
            Next::Quiet => {
                quiet += 1;
                if quiet % LOOKS_PER_SIGN == 0 {
                    to.write_all(b":\n\n")?;
                }
            }
        }
    }
}

/// Whether the other side has closed the line. Nothing else would tell: a stream only writes.
fn has_gone(stream: &TcpStream) -> io::Result<bool> {
    stream.set_nonblocking(true)?;
    let looked = stream.peek(&mut [0]);
    stream.set_nonblocking(false)?;
    match looked {
        Ok(bytes) => Ok(bytes == 0),
        Err(error) => Ok(error.kind() != io::ErrorKind::WouldBlock),
    }
}
