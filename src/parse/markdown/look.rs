//! Owns the first look at a text: what it may hold, so that nobody searches it for what is not there.
//! Must not know what is done about it.

use memchr::{memchr, memchr_iter, memchr2_iter};

/// What a text may hold. Where it says no, there is none; where it says yes, there may be some.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Look {
    /// One of the Unicode noncharacters from U+FDD0 on.
    pub(super) reserved: bool,
    /// A line end of two bytes.
    pub(super) long_ends: bool,
    /// A colon before a name or before another one: the call of a component.
    pub(super) calls: bool,
    /// The mark of a footnote.
    pub(super) notes: bool,
}

impl Look {
    /// Goes from one byte that matters to the next: most texts have few of them.
    pub(super) fn at(text: &str) -> Look {
        let bytes = text.as_bytes();
        let after = |at: usize| bytes.get(at + 1).copied();
        let mut look = Look {
            // The first byte of U+FDD0 in UTF-8, and of some thousand other characters.
            reserved: memchr(0xef, bytes).is_some(),
            long_ends: memchr_iter(b'\r', bytes).any(|at| after(at) == Some(b'\n')),
            calls: false,
            notes: false,
        };
        for at in memchr2_iter(b':', b'[', bytes) {
            match (bytes[at], after(at)) {
                (b':', Some(b':' | b'a'..=b'z')) => look.calls = true,
                (b'[', Some(b'^')) => look.notes = true,
                _ => {}
            }
        }
        look
    }
}

#[cfg(test)]
mod tests {
    use super::Look;

    #[test]
    fn what_is_there_is_seen() {
        let none = Look::default();
        for (text, expected) in [
            ("", none),
            ("12:30, https://a.example/ [b] \r", none),
            ("a\u{fdd0}", Look { reserved: true, ..none }),
            ("a\r\n", Look { long_ends: true, ..none }),
            ("x:y", Look { calls: true, ..none }),
            ("::", Look { calls: true, ..none }),
            ("a[^", Look { notes: true, ..none }),
        ] {
            for before in 0..40 {
                let text = " ".repeat(before) + text;
                assert_eq!(Look::at(&text), expected, "{text:?}");
            }
        }
    }
}
