//! Owns how a picture stands on a page: the element with its versions, and what a template sees of it.
//! Must not know how versions are made.

use tera::Value;

use super::value::{map, maybe, text};
use crate::diag::Span;
use crate::gallery::{Shown, variant_path};
use crate::parse::markdown::escape_into;
use crate::picture::{FALLBACK, Format, Variant};
use crate::view::View;
use crate::yaml::shape::Shape::Text;
use crate::yaml::shape::{Group, key};

/// How wide pictures are shown, for themes that do not say: as wide as the screen, up to the width of a text.
pub(super) const USUAL_SIZES: &str = "(min-width: 48rem) 44rem, 100vw";

/// What theme.yaml may say about pictures.
pub(super) const PICTURES: Group = Group::of(
    "the pictures of a theme",
    &[key("sizes", Text, "How wide they are shown, as the value of a `sizes` attribute.")],
);

/// A picture of the site on a page.
#[derive(Debug)]
pub struct Element<'a> {
    /// The page.
    pub view: &'a View,
    /// The picture's path on the site.
    pub path: &'a str,
    /// What is shown of it.
    pub shown: &'a Shown,
    /// The alternative text and the title, as HTML; the title may be empty.
    pub words: (&'a str, &'a str),
    /// It is the first one of the text, which people may see at once.
    pub is_first: bool,
}

impl Element<'_> {
    fn of_format(&self, is_webp: bool) -> impl Iterator<Item = &Variant> {
        self.shown.variants.iter().filter(move |it| (it.format == Format::WebP) == is_webp)
    }

    /// The version that every browser can show: path, width, height, format.
    fn main(&self) -> (String, u32, u32, Format) {
        let facts = &self.shown.facts;
        let own = if facts.format == Format::WebP {
            self.of_format(true).filter(|variant| variant.width <= FALLBACK).last()
        } else {
            self.of_format(false).next()
        };
        match own {
            Some(it) => (variant_path(self.path, it), it.width, it.height, it.format),
            None => (self.path.to_string(), facts.width, facts.height, facts.format),
        }
    }

    /// The WebP versions as the value of a `srcset` attribute (HTML 4.8.4.2.1), and whether there are several.
    fn srcset(&self) -> Option<(String, bool)> {
        let all: Vec<&Variant> = self.of_format(true).collect();
        let url = |variant: &Variant| self.view.url(&variant_path(self.path, variant));
        match all.as_slice() {
            [] => None,
            [one] => Some((url(one), false)),
            all => {
                let each: Vec<String> =
                    all.iter().map(|it| format!("{} {}w", url(it), it.width)).collect();
                Some((each.join(", "), true))
            }
        }
    }

    /// The element. `sizes` says how wide it is shown.
    pub fn html(&self, sizes: &str) -> String {
        let (path, width, height, format) = self.main();
        let mut out = String::with_capacity(512);
        let sources = |out: &mut String, srcset: &str, several: bool| {
            out.push_str(" srcset=\"");
            escape_into(out, srcset);
            if several {
                out.push_str("\" sizes=\"");
                escape_into(out, sizes);
            }
            out.push('"');
        };
        let srcset = self.srcset();
        let wraps = srcset.is_some() && format != Format::WebP;
        if let Some((srcset, several)) = srcset.as_ref().filter(|_| wraps) {
            out.push_str("<picture><source type=\"image/webp\"");
            sources(&mut out, srcset, *several);
            out.push('>');
        }
        out.push_str("<img src=\"");
        escape_into(&mut out, &self.view.url(&path));
        out.push('"');
        if let Some((srcset, true)) = srcset.as_ref().filter(|_| !wraps) {
            sources(&mut out, srcset, true);
        }
        if width > 0 && height > 0 {
            out.push_str(&format!(" width=\"{width}\" height=\"{height}\""));
        }
        push_words(&mut out, self.words);
        if !self.is_first {
            out.push_str(" loading=\"lazy\"");
        }
        out.push_str(" decoding=\"async\">");
        if wraps {
            out.push_str("</picture>");
        }
        out
    }

    /// What a template sees of it.
    pub(super) fn value(&self, alt: &str, sizes: &str) -> Value {
        let (path, width, height, format) = self.main();
        let side = |side: u32| maybe((side > 0).then_some(i64::from(side)));
        let (srcset, several) = self.srcset().unzip();
        map([
            ("url", Value::from(self.view.url(&path))),
            ("permalink", maybe(self.view.permalink(&path))),
            ("alt", text(alt)),
            ("width", side(width)),
            ("height", side(height)),
            ("type", text(format.media_type())),
            ("srcset", maybe(srcset)),
            ("sizes", maybe((several == Some(true)).then_some(sizes))),
            ("html", Value::safe_string(&self.html(sizes))),
        ])
    }
}

/// What a template sees of a file that is no picture of ours, or of one with which something is wrong.
fn unknown(view: &View, path: &str, alt: &str) -> Value {
    bare(&view.url(path), view.permalink(path), alt)
}

/// What a template sees of a picture on another site, where an author wants one.
pub(super) fn unknown_outside(url: &str, alt: &str) -> Value {
    bare(url, Some(url.to_string()), alt)
}

fn bare(url: &str, permalink: Option<String>, alt: &str) -> Value {
    let mut words = String::new();
    escape_into(&mut words, alt);
    map([
        ("url", text(url)),
        ("permalink", maybe(permalink)),
        ("alt", text(alt)),
        ("width", Value::none()),
        ("height", Value::none()),
        ("type", maybe(Format::of_name(url).map(Format::media_type))),
        ("srcset", Value::none()),
        ("sizes", Value::none()),
        ("html", Value::safe_string(&plain_picture(url, (&words, "")))),
    ])
}

/// How a template wants to show a picture.
pub(super) struct Shows<'a> {
    /// The alternative text.
    pub(super) alt: &'a str,
    /// The value of the `sizes` attribute.
    pub(super) sizes: &'a str,
    /// People may see it at once.
    pub(super) is_first: bool,
}

/// What a template sees of the picture of a page. What is wrong with it is told of its file, once.
pub(super) fn of_page(view: &View, path: &str, alt: &str, sizes: &str) -> Value {
    value(view, path, None, &Shows { alt, sizes, is_first: false })
}

/// The version of a page's picture that link previews load, by its path, with its width and height in pixels where they
/// are known. What is wrong with it is told of its file.
pub(super) fn for_preview(view: &View, path: &str) -> (String, Option<(u32, u32)>) {
    let Some(Ok(shown)) = view.picture(path, None) else { return (path.to_string(), None) };
    let element = Element { view, path, shown: &shown, words: ("", ""), is_first: false };
    let (path, width, height, _) = element.main();
    (path, (width > 0 && height > 0).then_some((width, height)))
}

/// What a template sees of a picture; what is wrong with it is told at `place`, where there is one.
pub(super) fn value(
    view: &View,
    path: &str,
    place: Option<(&str, Span)>,
    shows: &Shows<'_>,
) -> Value {
    let Shows { alt, sizes, is_first } = *shows;
    match view.picture(path, place) {
        Some(Ok(shown)) => {
            let mut words = String::new();
            escape_into(&mut words, alt);
            let element = Element { view, path, shown: &shown, words: (&words, ""), is_first };
            element.value(alt, sizes)
        }
        Some(Err(problem)) => {
            if place.is_some() {
                view.problem(*problem);
            }
            unknown(view, path, alt)
        }
        None => unknown(view, path, alt),
    }
}

/// The element for a picture of which nothing is known but its address.
pub fn plain_picture(url: &str, words: (&str, &str)) -> String {
    let mut out = String::from("<img src=\"");
    escape_into(&mut out, url);
    out.push('"');
    push_words(&mut out, words);
    out.push('>');
    out
}

fn push_words(out: &mut String, (alt, title): (&str, &str)) {
    for (name, words) in [("alt", Some(alt)), ("title", Some(title).filter(|it| !it.is_empty()))] {
        if let Some(words) = words {
            [" ", name, "=\"", words, "\""].iter().for_each(|part| out.push_str(part));
        }
    }
}
