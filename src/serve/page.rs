//! What the preview does to a page: one script tag, and pages of its own.
//!
//! Owns where the tag goes and what it carries, the "shape" of a page, and the built-in pages.
//! Must not know HTTP, nor what the live script does with what it is told.

use memchr::{memchr_iter, memrchr_iter};
use xxhash_rust::xxh3::Xxh3;

use super::json::{array, object, string, string_or_null};
use super::reload::FOLDER;
use super::{PageNote, Piece};

/// What a page's script tag carries.
pub(super) struct Tag<'a> {
    /// The base path as it stands in addresses, `/` or `/x/y/`.
    pub(super) base: &'a str,
    /// This run of the preview.
    pub(super) session: &'a str,
    /// The build that the page is of.
    pub(super) build: u64,
    /// The output path that is served, which may be `404.html` at another address.
    pub(super) path: &'a str,
    /// What the page's bar says.
    pub(super) note: Option<PageNote>,
    /// The day that the page is of, if that is not simply today, ISO 8601.
    pub(super) day: Option<&'a str>,
    /// Whether this is the page that stands in for a site that is not there yet.
    pub(super) stand_in: bool,
}

/// The page with the live script before the end of its body, and the day that it is of at the start of its
/// head, where the site's own script looks for it; all else stays as it is.
pub(super) fn with_live_script(html: &[u8], tag: &Tag<'_>) -> Vec<u8> {
    let data = object([
        ("session", string(tag.session)),
        ("build", tag.build.to_string()),
        ("path", string(tag.path)),
        ("shape", string(&format!("{:016x}", shape(html)))),
        ("note", tag.note.as_ref().map_or_else(|| "null".into(), note_as_json)),
        ("day", string_or_null(tag.day)),
        ("standIn", tag.stand_in.to_string()),
    ]);
    let script = format!(
        "<script src=\"{}{FOLDER}live.js\" defer data-weekmark=\"{}\"></script>",
        escaped(tag.base),
        escaped(&data)
    );
    let end = end_of_body(html).unwrap_or(html.len());
    let Some(day) = tag.day else {
        return [&html[..end], script.as_bytes(), &html[end..]].concat();
    };
    let day = format!("<meta name=\"weekmark-today\" content=\"{}\">", escaped(day));
    // A page without a head gets it beside the script.
    let start = start_of_head(html).filter(|start| *start <= end).unwrap_or(end);
    let parts =
        [&html[..start], day.as_bytes(), &html[start..end], script.as_bytes(), &html[end..]];
    parts.concat()
}

/// A page that stands in while there is no site.
pub(super) fn stand_in(building: bool) -> String {
    let (title, text) = if building {
        ("Your site is being built", "This page turns into your site in a moment.")
    } else {
        (
            "Your site is not there yet",
            "There is something to mend first. This page turns into your site as soon as it is.",
        )
    };
    plain(title, text)
}

/// A small page of the preview's own. The texts are fixed ones, so they need no escaping.
pub(super) fn plain(title: &str, text: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n\
         :root {{ color-scheme: light dark; }}\n\
         body {{ font: 1.125rem/1.5 system-ui, sans-serif; max-width: 34rem; \
         margin: 15vh auto; padding: 0 1.25rem; }}\n\
         </style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p>{text}</p>\n</main>\n\
         </body>\n</html>\n"
    )
}

/// The text as it may stand in HTML, also in an attribute.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn note_as_json(note: &PageNote) -> String {
    object([
        ("source", string(&note.source_file)),
        ("edit", string_or_null(note.edit.as_deref())),
        ("status", string(&note.status)),
        ("note", string_or_null(note.note.as_deref())),
        ("place", string_or_null(note.place.as_deref())),
        ("pieces", array(note.pieces.iter().map(piece_as_json))),
        ("fresh", note.is_fresh.to_string()),
    ])
}

fn piece_as_json(piece: &Piece) -> String {
    object([
        ("about", string(&piece.about)),
        ("file", string(&piece.file)),
        ("line", piece.line.map_or_else(|| "null".into(), |line| line.to_string())),
        ("written", string(&piece.written)),
        ("edit", string_or_null(piece.edit.as_deref())),
        ("text", string(&piece.text)),
        ("within", string(&piece.within)),
    ])
}

/// Where the head begins, behind its tag.
fn start_of_head(html: &[u8]) -> Option<usize> {
    const HEAD: &[u8] = b"<head";
    let is_head = |at: &usize| {
        let tag = &html[*at..];
        tag.get(..HEAD.len()).is_some_and(|it| it.eq_ignore_ascii_case(HEAD))
            // Not <header>.
            && tag.get(HEAD.len()).is_some_and(|next| *next == b'>' || next.is_ascii_whitespace())
    };
    let at = memchr_iter(b'<', html).find(is_head)?;
    Some(at + html[at..].iter().position(|byte| *byte == b'>')? + 1)
}

fn end_of_body(html: &[u8]) -> Option<usize> {
    const END: &[u8] = b"</body";
    memrchr_iter(b'<', html)
        .find(|at| html[*at..].get(..END.len()).is_some_and(|it| it.eq_ignore_ascii_case(END)))
}

/// A hash over a page that leaves out which files its style sheets are.
///
/// A style sheet's name carries a fingerprint of its bytes, so an edit to it changes every page.
/// When the shape is the same, the page in the browser needs no reload: the new style sheets do.
fn shape(html: &[u8]) -> u64 {
    let mut hasher = Xxh3::new();
    let mut done = 0;
    for start in memchr_iter(b'<', html) {
        let Some(link) = style_link(&html[start..]) else { continue };
        for (from, to) in values_of(link, &["href", "integrity"]) {
            hasher.update(&html[done..start + from]);
            done = start + to;
        }
    }
    hasher.update(&html[done..]);
    hasher.digest()
}

/// The tag at the start of `html`, if it links a style sheet.
fn style_link(html: &[u8]) -> Option<&[u8]> {
    if !html.get(1..5)?.eq_ignore_ascii_case(b"link") {
        return None;
    }
    let tag = &html[..html.iter().position(|byte| *byte == b'>')?];
    let is_style = tag.windows(10).any(|it| it.eq_ignore_ascii_case(b"stylesheet"));
    is_style.then_some(tag)
}

/// Where the values of these attributes lie in a tag, in order.
fn values_of(tag: &[u8], names: &[&str]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(equals) = tag[at..].iter().position(|byte| *byte == b'=').map(|it| at + it) {
        let name = tag[at..equals].trim_ascii();
        let start = equals + 1 + tag[equals + 1..].iter().take_while(|it| **it == b' ').count();
        let end = end_of_value(tag, start);
        let is_wanted = |wanted: &&str| {
            name.len() >= wanted.len()
                && name[name.len() - wanted.len()..].eq_ignore_ascii_case(wanted.as_bytes())
        };
        if names.iter().any(is_wanted) {
            found.push((start, end));
        }
        at = end;
    }
    found
}

fn end_of_value(tag: &[u8], start: usize) -> usize {
    let rest = &tag[start..];
    let length = match rest.first() {
        Some(quote @ (b'"' | b'\'')) => {
            rest[1..].iter().position(|byte| byte == quote).map(|length| length + 2)
        }
        _ => rest.iter().position(u8::is_ascii_whitespace),
    };
    start + length.unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag() -> Tag<'static> {
        let (base, session, path) = ("/x/", "s", "a.html");
        Tag { base, session, build: 3, path, note: None, day: None, stand_in: false }
    }

    #[test]
    fn the_day_stands_in_the_head_and_the_page_is_the_same_otherwise() {
        const META: &str = "<meta name=\"weekmark-today\" content=\"2027-10-12\">";
        let with_day = |html: &str| {
            let tag = Tag { day: Some("2027-10-12"), ..tag() };
            String::from_utf8(with_live_script(html.as_bytes(), &tag)).unwrap()
        };
        for (start, rest) in [
            ("<!doctype html><HEAD lang=en>", "<title>x</title></HEAD><body></body>"),
            ("<header></header><head\n>", "<body></body>"),
            ("<header>x</header>", ""),
        ] {
            let page = with_day(&format!("{start}{rest}"));
            assert!(page.starts_with(&format!("{start}{META}")), "{page}");
            assert_eq!(page.matches(META).count(), 1);
            assert!(page.contains("&quot;day&quot;:&quot;2027-10-12&quot;"), "{page}");
        }
        let page = String::from_utf8(with_live_script(b"<head></head>", &tag())).unwrap();
        assert!(!page.contains("<meta") && page.contains("&quot;day&quot;:null"), "{page}");
    }

    #[test]
    fn the_script_goes_before_the_end_of_the_body() {
        let page = with_live_script(b"<p></BODY ></html>", &tag());
        let page = String::from_utf8(page).unwrap();
        assert!(page.starts_with("<p><script src=\"/x/__weekmark/live.js\" defer data-weekmark="));
        assert!(page.ends_with("\"></script></BODY ></html>"));
    }

    #[test]
    fn a_page_without_a_body_gets_it_at_the_end() {
        let page = String::from_utf8(with_live_script(b"<p>x", &tag())).unwrap();
        assert!(page.starts_with("<p>x<script "));
        assert!(page.ends_with("</script>"));
    }

    #[test]
    fn data_cannot_leave_its_attribute() {
        let note = PageNote {
            source_file: "a\"><script>b".into(),
            edit: Some("x://\"><script>c".into()),
            status: "draft".into(),
            note: Some("x' & <y>".into()),
            place: Some("/\"><script>d".into()),
            pieces: vec![Piece { written: "\"><script>e".into(), ..Piece::default() }],
            is_fresh: true,
        };
        let page = with_live_script(b"", &Tag { note: Some(note), ..tag() });
        let page = String::from_utf8(page).unwrap();
        assert_eq!(page.matches('<').count(), 2, "{page}");
    }

    #[test]
    fn shape_ignores_which_style_sheet_but_nothing_else() {
        let page = |link: &str, text: &str| shape(format!("<head>{link}<p>{text}").as_bytes());
        let one = page("<link rel=\"stylesheet\" href=\"a.1.css\" media=\"all\">", "x");
        let two = page("<link rel=\"stylesheet\" href=\"a.2.css\" media=\"all\">", "x");
        assert_eq!(one, two);
        assert_ne!(one, page("<link rel=\"stylesheet\" href=\"a.1.css\" media=\"print\">", "x"));
        assert_ne!(one, page("<link rel=\"stylesheet\" href=\"a.1.css\" media=\"all\">", "y"));
        assert_ne!(
            page("<link rel=icon href=a.1.png>", ""),
            page("<link rel=icon href=b.png>", "")
        );
        assert_eq!(
            page("<LINK href=a.1.css integrity='x=' rel=stylesheet>", ""),
            page("<LINK href=a.css integrity='yz=' rel=stylesheet>", "")
        );
    }
}
