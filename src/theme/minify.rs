//! Owns the short form of a style sheet: without comments and without blanks that mean nothing (CSS Syntax
//! Module Level 3, section 4). Must not know what the rules mean: it only leaves out what never counts.

/// The style sheet in its short form. Texts in quotation marks and addresses stay as they are, and so do
/// comments that begin with `/*!`, which is how licenses are written.
pub(super) fn minify(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    // Blanks and comments were left out since the last character.
    let mut gap = false;
    // The sign that was written last; one behind a backslash is none.
    let mut last = None;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            c if c.is_ascii_whitespace() => {
                gap = true;
                rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
                continue;
            }
            '/' if rest.starts_with("/*") => {
                let length = rest[2..].find("*/").map_or(rest.len(), |end| end + 4);
                if rest.starts_with("/*!") {
                    length
                } else {
                    gap = true;
                    rest = &rest[length..];
                    continue;
                }
            }
            '"' | '\'' => quoted(rest, first),
            '\\' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            'u' | 'U' if is_address(rest) => rest.find(')').map_or(rest.len(), |end| end + 1),
            other => other.len_utf8(),
        };
        let token = &rest[..length];
        if gap && needs_blank(last, first) {
            out.push(' ');
        }
        gap = false;
        if first == '}' && out.ends_with(';') {
            out.pop();
        }
        out.push_str(token);
        last = if first == '\\' { Some(first) } else { token.chars().next_back() };
        rest = &rest[length..];
    }
    out
}

/// Whether a blank between what was written and the next character may count. Around braces, semicolons and commas none
/// does, and none behind a colon, but for the empty value of a custom property (`--x: ;`), which older browsers want.
fn needs_blank(last: Option<char>, next: char) -> bool {
    match (last, next) {
        (None, _) => false,
        (Some(':'), ';' | '}') => true,
        (Some('{' | '}' | ';' | ',' | ':' | '('), _) | (_, '{' | '}' | ';' | ',' | ')') => false,
        _ => true,
    }
}

/// The length of the text in quotation marks that begins here.
fn quoted(rest: &str, mark: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if c == mark => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Whether an address without quotation marks begins here: what is in it are no words of CSS.
fn is_address(rest: &str) -> bool {
    let is_url = rest.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("url("));
    is_url && !rest[4..].trim_start().starts_with(['"', '\''])
}

#[cfg(test)]
mod tests {
    use super::minify;

    #[test]
    fn only_what_never_counts_is_left_out() {
        for (css, short) in [
            ("a { b : c ; }\n\n d { }", "a{b :c}d{}"),
            ("a /* x */ b,c{}/*! keep */", "a b,c{}/*! keep */"),
            ("a/**/b{}", "a b{}"),
            ("p{content:\"a  /* \\\" */ b\" ;}", "p{content:\"a  /* \\\" */ b\"}"),
            ("p{background:url( a b ;/*x*/ )  1px}", "p{background:url( a b ;/*x*/ ) 1px}"),
            ("p{background:URL( \"a  b\" )}", "p{background:URL(\"a  b\")}"),
            ("p{width:calc( 1px  +  2px * ( 3 - 1 ) )}", "p{width:calc(1px + 2px * (3 - 1))}"),
            (
                "@media (min-width : 1px) and (not (x: y)) { a :hover { b: c } }",
                "@media (min-width :1px) and (not (x:y)){a :hover{b:c}}",
            ),
            (".a\\: b > c + d { --x: ; --y:  1  2 }", ".a\\: b > c + d{--x: ;--y:1 2}"),
            (".a\\{ b{}", ".a\\{ b{}"),
            ("a:is( .b , .c ) d{}", "a:is(.b,.c) d{}"),
            ("a{b:\"open", "a{b:\"open"),
            ("a{}/* open", "a{}"),
            ("é  {}\\", "é{}\\"),
        ] {
            assert_eq!(minify(css), short, "{css}");
            assert_eq!(minify(short), short, "again: {short}");
        }
    }
}
