//! Opens the editor's browser at an address.
//!
//! Owns the one command per system that does it. Must not know what is shown there. That no
//! browser opens is no error: the address is printed anyway.

use std::process::{Command, Stdio};

/// Asks the system to show `url`; returns at once.
#[expect(clippy::disallowed_methods, reason = "the browser is another program")]
pub(super) fn open(url: &str) {
    let (program, before): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        // Not `cmd /c start`: it would read an `&` in the address as the next command.
        ("rundll32", &["url.dll,FileProtocolHandler"])
    } else {
        ("xdg-open", &[])
    };
    let mut command = Command::new(program);
    command.args(before).arg(url);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Ok(mut child) = command.spawn() {
        // Somebody has to collect its end; otherwise it stays behind as a zombie.
        std::thread::spawn(move || child.wait());
    }
}
