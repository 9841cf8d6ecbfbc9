//! Owns the first look at a text: what it may hold, so that nobody searches it for what is not there.
//! Must not know what is done about it.

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
    /// Looks at every byte and the one after it. All questions in one walk without a way out in the
    /// middle: the compiler makes one of it that takes sixteen bytes at a time.
    pub(super) fn at(text: &str) -> Look {
        let bytes = text.as_bytes();
        let (mut reserved, mut long_ends, mut calls, mut notes) = (false, false, false, false);
        for (&byte, &next) in bytes.iter().zip(bytes.iter().skip(1)) {
            // The first byte of U+FDD0 in UTF-8, and of some thousand other characters.
            reserved |= byte == 0xef;
            long_ends |= (byte == b'\r') & (next == b'\n');
            calls |= (byte == b':') & (next.is_ascii_lowercase() | (next == b':'));
            notes |= (byte == b'[') & (next == b'^');
        }
        Look { reserved, long_ends, calls, notes }
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
