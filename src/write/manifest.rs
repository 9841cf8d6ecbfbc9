//! Owns what weekmark remembers about its output: `.weekmark-manifest.json`, its text, and the sum of a file.
//! Must not know where the output folder is, what a page is, or what is done about a difference.
//!
//! The manifest is the proof that a folder is ours, so a text that is not exactly one of ours is damaged, and a damaged
//! manifest proves nothing. It is JSON for the sake of other tools; reading one fixed shape needs no JSON crate.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Read, Write};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

/// The manifest's name inside the output folder.
pub(super) const NAME: &str = ".weekmark-manifest.json";

/// The shape of the text; a higher one was written by a newer weekmark.
const VERSION: u64 = 1;

/// Path below the output folder → sum, in the order of the text.
pub(super) type Files = BTreeMap<String, Sum>;

/// How long a file is and the xxh3-128 of its bytes: equal sums are taken for equal files.
///
/// The hash does not withstand somebody who builds collisions on purpose; whoever can do that to `public/` can as well
/// write to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) bytes: u64,
    hash: u128,
}

impl Sum {
    pub(super) fn of(bytes: &[u8]) -> Sum {
        Sum { bytes: bytes.len() as u64, hash: xxh3_128(bytes) }
    }

    pub(super) fn read(from: impl Read) -> io::Result<Sum> {
        Sum::copy(from, io::sink())
    }

    /// Copies all of `from` and sums what went through, so that the sum is true even if `from` changes meanwhile.
    pub(super) fn copy(mut from: impl Read, mut to: impl Write) -> io::Result<Sum> {
        let mut hash = Xxh3::new();
        let mut bytes = 0;
        let mut part = [0; 32 * 1024];
        loop {
            match from.read(&mut part) {
                Ok(0) => return Ok(Sum { bytes, hash: hash.digest128() }),
                Ok(n) => {
                    hash.update(&part[..n]);
                    to.write_all(&part[..n])?;
                    bytes += n as u64;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }
}

/// Why a manifest cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    Damaged,
    Newer,
}

/// A path that weekmark writes: relative, `/` between plain names, nothing that leads elsewhere.
pub(super) fn is_path(path: &str) -> bool {
    let plain = |name: &str| !matches!(name, "" | "." | "..");
    path != NAME && !path.contains(['\\', '\0']) && path.split('/').all(plain)
}

/// The manifest's text: one line per file, so that a diff of two manifests can be read.
pub(super) fn print<'a>(files: impl Iterator<Item = (&'a str, Sum)>) -> String {
    let mut text = format!("{{\"weekmark\": {VERSION}, \"files\": {{");
    let mut comma = "\n";
    for (path, sum) in files {
        text.push_str(comma);
        quote(path, &mut text);
        let Sum { bytes, hash } = sum;
        // Writing to a String cannot fail.
        let _ = write!(text, ": {{\"bytes\": {bytes}, \"hash\": \"{hash:032x}\"}}");
        comma = ",\n";
    }
    text.push_str("\n}}\n");
    text
}

fn quote(path: &str, text: &mut String) {
    text.push('"');
    for c in path.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            // U+2028 and U+2029 are legal in JSON but end a line in old JavaScript.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text.push('"');
}

/// Reads what [`print()`] wrote; blanks and line ends may differ, because git and editors change them.
pub(super) fn parse(bytes: &[u8]) -> Result<Files, Flaw> {
    let text = std::str::from_utf8(bytes).map_err(|_| Flaw::Damaged)?;
    let mut rest = Rest(text);
    let version = rest.version().ok_or(Flaw::Damaged)?;
    if version > VERSION {
        return Err(Flaw::Newer);
    }
    rest.files().ok_or(Flaw::Damaged)
}

/// The part of the text that is still to be read; each method takes one thing off its front, or is `None`.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn version(&mut self) -> Option<u64> {
        self.token("{")?;
        self.key("weekmark")?;
        self.number()
    }

    fn files(&mut self) -> Option<Files> {
        self.token(",")?;
        self.key("files")?;
        self.token("{")?;
        let mut files = Files::new();
        if self.token("}").is_none() {
            loop {
                let path = self.string()?;
                self.token(":")?;
                let sum = self.sum()?;
                if !is_path(&path) || files.insert(path, sum).is_some() {
                    return None;
                }
                if self.token(",").is_none() {
                    break;
                }
            }
            self.token("}")?;
        }
        self.token("}")?;
        self.0.trim_start().is_empty().then_some(files)
    }

    fn sum(&mut self) -> Option<Sum> {
        self.token("{")?;
        self.key("bytes")?;
        let bytes = self.number()?;
        self.token(",")?;
        self.key("hash")?;
        let hex = self.string()?;
        self.token("}")?;
        let plain = hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_hexdigit());
        let hash = u128::from_str_radix(&hex, 16).ok().filter(|_| plain)?;
        Some(Sum { bytes, hash })
    }

    fn key(&mut self, name: &str) -> Option<()> {
        (self.string()? == name).then_some(())?;
        self.token(":")
    }

    fn token(&mut self, token: &str) -> Option<()> {
        self.0 = self.0.trim_start().strip_prefix(token)?;
        Some(())
    }

    fn number(&mut self) -> Option<u64> {
        self.0 = self.0.trim_start();
        let end = self.0.find(|c: char| !c.is_ascii_digit())?;
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest;
        digits.parse().ok()
    }

    fn string(&mut self) -> Option<String> {
        self.token("\"")?;
        let mut out = String::new();
        loop {
            let stop = self.0.find(['"', '\\'])?;
            out.push_str(&self.0[..stop]);
            let escape = self.0.as_bytes()[stop] == b'\\';
            self.0 = &self.0[stop + 1..];
            if !escape {
                return Some(out);
            }
            out.push(self.escaped()?);
        }
    }

    /// What follows a backslash, as far as [`quote`] writes it.
    fn escaped(&mut self) -> Option<char> {
        let c = self.0.chars().next()?;
        self.0 = &self.0[c.len_utf8()..];
        match c {
            '"' | '\\' => Some(c),
            'u' => {
                let (hex, rest) = self.0.split_at_checked(4)?;
                self.0 = rest;
                char::from_u32(u32::from_str_radix(hex, 16).ok()?)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(files: &Files) -> String {
        print(files.iter().map(|(path, sum)| (path.as_str(), *sum)))
    }

    #[test]
    fn reads_what_it_writes() {
        let names = ["a", "b/c d.html", "ü/\"q\".txt", "line\nbreak\u{1}", "\u{2028}", "z"];
        let files: Files = names.iter().map(|n| (n.to_string(), Sum::of(n.as_bytes()))).collect();
        let text = text_of(&files);
        assert_eq!(parse(text.as_bytes()), Ok(files));
        assert_eq!(text.lines().count(), names.len() + 2, "one line per file: {text}");
        assert_eq!(parse(text_of(&Files::new()).as_bytes()), Ok(Files::new()));
        let dos = text.replace('\n', "\r\n");
        assert!(parse(dos.as_bytes()).is_ok());
    }

    #[test]
    fn every_cut_is_damage() {
        let files: Files = [("a/b.html".to_string(), Sum::of(b"x"))].into();
        let text = text_of(&files);
        for end in 0..text.trim_end().len() {
            assert_eq!(parse(&text.as_bytes()[..end]), Err(Flaw::Damaged), "cut at {end}");
        }
        let swapped = text.replace("a/b.html", "../b.html");
        assert_eq!(parse(swapped.as_bytes()), Err(Flaw::Damaged));
        let short = text.replace("\"hash\": \"", "\"hash\": \"0");
        assert_eq!(parse(short.as_bytes()), Err(Flaw::Damaged));
        assert_eq!(parse(&vec![0; text.len()]), Err(Flaw::Damaged));
        assert_eq!(parse(b"{\"weekmark\": 2, \"pages\": []}"), Err(Flaw::Newer));
    }

    #[test]
    fn streamed_sums_equal_whole_ones() {
        for n in [0, 1, 240, 241, 16_384, 32_768, 100_000] {
            let bytes: Vec<u8> = (0..n).map(|i| (i * 7) as u8).collect();
            assert_eq!(Sum::read(&bytes[..]).unwrap(), Sum::of(&bytes));
        }
        assert_eq!(format!("{:032x}", Sum::of(b"").hash), "99aa06d3014798d86001c324468d497f");
    }

    #[test]
    fn only_plain_paths() {
        for good in ["a", "a/b.html", ".nojekyll", ".well-known/x", "a b/ü", "..a/b.."] {
            assert!(is_path(good), "{good}");
        }
        for bad in ["", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", "a\\b", "a\0", NAME] {
            assert!(!is_path(bad), "{bad}");
        }
    }
}
