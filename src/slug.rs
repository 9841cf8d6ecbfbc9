//! Owns slugs: the form that words take in an address or an anchor, and their form at the start of a
//! sentence. Must not know pages.

/// Lower case, letters and digits, hyphens between words; Latin letters lose their accents
/// (`¿Qué es?` → `que-es`), other scripts stay as they are.
pub fn slug(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    let mut rest = text;
    loop {
        // Most letters are of these, and need no table.
        let mut len = 0;
        for byte in rest.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => {
                    if gap && !out.is_empty() {
                        out.push('-');
                    }
                    gap = false;
                    out.push(char::from(byte.to_ascii_lowercase()));
                }
                b' ' => gap = true,
                _ => break,
            }
            len += 1;
        }
        let Some(c) = rest[len..].chars().next() else { return out };
        rest = &rest[len + c.len_utf8()..];
        for c in c.to_lowercase() {
            let mut letter = [0; 4];
            let piece = match fold(c) {
                Some(piece) => piece,
                None if c.is_alphanumeric() => c.encode_utf8(&mut letter),
                // An apostrophe or a combining accent is inside a word: "manager's" is "managers".
                None if matches!(c, '\'' | '’' | '\u{300}'..='\u{36f}') => continue,
                None => {
                    gap = true;
                    if c != '&' {
                        continue;
                    }
                    "and"
                }
            };
            if gap && !out.is_empty() {
                out.push('-');
            }
            gap = c == '&';
            out.push_str(piece);
        }
    }
}

/// The text with a capital first letter.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// Latin letters with accents, as their plain letters.
fn fold(c: char) -> Option<&'static str> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => "e",
        'ğ' => "g",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' => "i",
        'ł' | 'ľ' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => "o",
        'ř' => "r",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ť' | 'ț' => "t",
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ž' | 'ż' => "z",
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn slugs_are_readable() {
        for (text, expected) in [
            ("What case managers do", "what-case-managers-do"),
            ("¿Qué es?", "que-es"),
            ("A case manager’s day – in 10 steps!", "a-case-managers-day-in-10-steps"),
            ("R&D", "r-and-d"),
            ("日本 語", "日本-語"),
            ("--", ""),
        ] {
            assert_eq!(slug(text), expected);
        }
    }
}
