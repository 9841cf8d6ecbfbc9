//! Owns HTML as it grows, and the holes in it. Must not know what is written or why.

use super::escape::{push_attribute, push_text};

/// What will be put into the HTML later.
#[derive(Debug, Clone, Copy)]
pub(super) enum Hole {
    /// The beginning of a link.
    Link(usize),
    /// The end of a link.
    LinkEnd(usize),
    /// A picture, by its number.
    Picture(usize),
    /// A phrase of the theme.
    Word(usize),
    /// The link of a heading to itself.
    Permalink(usize),
    /// A call begins.
    Open(usize),
    /// The call that was begun last ends.
    Close,
}

/// HTML, and at which bytes of it the holes are.
#[derive(Debug, Default)]
pub(super) struct Html {
    pub(super) text: String,
    pub(super) holes: Vec<(usize, Hole)>,
    /// Something stands in the last line.
    in_line: bool,
}

impl Html {
    /// Room for so many bytes.
    pub(super) fn with_capacity(len: usize) -> Html {
        Html { text: String::with_capacity(len), ..Html::default() }
    }

    /// Adds HTML as it is.
    pub(super) fn push(&mut self, html: &str) {
        self.text.push_str(html);
        if let Some(last) = html.as_bytes().last() {
            self.in_line = *last != b'\n';
        }
    }

    /// Adds HTML that begins a line.
    pub(super) fn push_line(&mut self, html: &str) {
        if self.in_line {
            self.text.push('\n');
        }
        self.push(html);
    }

    /// Adds text.
    pub(super) fn push_text(&mut self, text: &str) {
        push_text(&mut self.text, text);
        self.in_line = !text.ends_with('\n');
    }

    /// Adds the value of an attribute.
    pub(super) fn push_attribute(&mut self, text: &str) {
        push_attribute(&mut self.text, text);
        self.in_line = true;
    }

    /// Adds a hole.
    pub(super) fn push_hole(&mut self, hole: Hole) {
        self.holes.push((self.text.len(), hole));
        self.in_line = true;
    }

    /// Adds what another one has without the spaces around it, but for `less` bytes at its end.
    pub(super) fn append(&mut self, other: &Html, less: usize) {
        let (start, end) = other.trimmed();
        let at = self.text.len();
        self.holes.extend(other.holes.iter().map(|(from, hole)| (from + at - start, *hole)));
        self.push(&other.text[start..end - less]);
    }

    /// The same without `guard`.
    pub(super) fn without(&self, guard: char) -> Html {
        let mut clean = Html::with_capacity(self.text.len());
        let mut from = 0;
        for (at, hole) in &self.holes {
            clean.text.extend(self.text[from..*at].split(guard));
            clean.push_hole(*hole);
            from = *at;
        }
        clean.text.extend(self.text[from..].split(guard));
        clean
    }

    /// Whether it ends so, apart from spaces.
    pub(super) fn ends_with(&self, tail: &str) -> bool {
        let (start, end) = self.trimmed();
        let last_hole = self.holes.last().map_or(0, |(at, _)| *at);
        self.text[start..end].ends_with(tail) && last_hole + tail.len() <= end
    }

    /// From where to where there is more than spaces. A hole is more than that.
    fn trimmed(&self) -> (usize, usize) {
        let (first, last) = (self.holes.first(), self.holes.last());
        let end = self.text.trim_end().len().max(last.map_or(0, |(at, _)| *at));
        let start = self.text.len() - self.text.trim_start().len();
        (start.min(first.map_or(start, |(at, _)| *at)).min(end), end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_keep_their_place_when_html_is_appended() {
        let mut note = Html::default();
        note.push(" <p>a");
        note.push_hole(Hole::Word(1));
        note.push("</p>\n");
        assert!(note.ends_with("</p>"));
        let mut html = Html::default();
        html.push("<li>");
        html.append(&note, "</p>".len());
        assert_eq!((html.text.as_str(), html.holes[0].0), ("<li><p>a", 8));
        assert_eq!(note.without('a').holes[0].0, 4);
        note.push_hole(Hole::Close);
        assert!(!note.ends_with("</p>"));
    }
}
