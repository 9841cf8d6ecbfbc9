//! Owns the elements that the constructs of Markdown become, where nothing has to be known but them.
//! Must not know links, headings, footnotes or components.

use std::ops::Range;

use pulldown_cmark::{Alignment, CodeBlockKind, Event, HeadingLevel, Tag, TagEnd};

use super::{Flow, Item, Writer, count};
use crate::parse::markdown::With;
use crate::parse::markdown::holes::Hole;

impl Writer<'_> {
    /// Begins what is around other things.
    pub(super) fn start(&mut self, tag: &Tag<'_>, range: &Range<usize>, flow: &mut Flow) {
        flow.depth += 1;
        let html = &mut flow.html;
        match tag {
            Tag::Link { link_type, dest_url, title, .. } => {
                self.link(*link_type, dest_url, title, range, flow);
            }
            Tag::Emphasis => html.push("<em>"),
            Tag::Strong => html.push("<strong>"),
            Tag::Strikethrough => html.push("<del>"),
            Tag::TableCell => table_cell(flow),
            Tag::TableRow => {
                flow.column = 0;
                html.push("<tr>");
                self.check_row(range, flow.alignments.len());
            }
            Tag::TableHead => {
                (flow.in_head, flow.column) = (true, 0);
                html.push("<thead><tr>");
            }
            Tag::Table(alignments) => {
                flow.alignments.clone_from(alignments);
                self.table(flow);
            }
            // The beginning is written when it is known what comes first.
            Tag::Item => flow.at_item = true,
            Tag::List(None) => html.push_line("<ul>\n"),
            Tag::List(Some(1)) => html.push_line("<ol>\n"),
            Tag::List(Some(first)) => html.push_line(&format!("<ol start=\"{first}\">\n")),
            Tag::BlockQuote(None) => html.push_line("<blockquote>\n"),
            Tag::BlockQuote(Some(kind)) => self.alert(*kind, range, flow),
            Tag::CodeBlock(kind) => {
                flow.in_code = true;
                html.push_line("<pre><code");
                if let CodeBlockKind::Fenced(info) = kind
                    && let Some(language) = info.split(' ').next().filter(|word| !word.is_empty())
                {
                    html.push(" class=\"language-");
                    html.push_attribute(language);
                    html.push("\"");
                }
                html.push(">");
            }
            Tag::DefinitionList => html.push_line("<dl>\n"),
            Tag::DefinitionListTitle => html.push_line("<dt>"),
            Tag::DefinitionListDefinition => html.push_line("<dd>"),
            _ => {}
        }
    }

    /// Ends it.
    pub(super) fn end(&mut self, tag: TagEnd, flow: &mut Flow) {
        self.leave(flow);
        let html = match tag {
            TagEnd::Paragraph => "</p>\n",
            TagEnd::Emphasis => "</em>",
            TagEnd::Strong => "</strong>",
            TagEnd::Strikethrough => "</del>",
            TagEnd::Link => match flow.links.pop().flatten() {
                Some(link) => return flow.html.push_hole(Hole::LinkEnd(link)),
                None => "</a>",
            },
            TagEnd::Item => "</li>\n",
            TagEnd::List(true) => "</ol>\n",
            TagEnd::List(false) => "</ul>\n",
            TagEnd::TableCell if flow.in_head => "</th>",
            TagEnd::TableCell => "</td>",
            TagEnd::TableRow => "</tr>\n",
            TagEnd::TableHead => {
                flow.in_head = false;
                "</tr></thead><tbody>\n"
            }
            TagEnd::Table => "</tbody></table></div>\n",
            TagEnd::BlockQuote(None) => "</blockquote>\n",
            TagEnd::BlockQuote(Some(_)) => return self.end_alert(flow),
            TagEnd::CodeBlock => {
                flow.in_code = false;
                "</code></pre>\n"
            }
            TagEnd::DefinitionList => "</dl>\n",
            TagEnd::DefinitionListTitle => "</dt>\n",
            TagEnd::DefinitionListDefinition => "</dd>\n",
            _ => return,
        };
        flow.html.push(html);
    }

    /// The beginning of an item of a list, now that it is known what comes first in it.
    pub(super) fn item(&mut self, first: &Item<'_>, flow: &mut Flow) {
        match first {
            Item::Md(Event::TaskListMarker(_), _) => flow.html.push("<li class=\"task\">"),
            Item::Md(event, range) => {
                if matches!(event, Event::Text(_)) {
                    self.check_marker_in_list(range);
                }
                flow.html.push_line("<li>");
            }
            _ => flow.html.push_line("<li>"),
        }
    }

    fn table(&mut self, flow: &mut Flow) {
        self.tables += 1;
        let label = self.word("table_label", With::Number(count(self.tables)));
        flow.html.push("<div class=\"table-scroll\" role=\"group\" tabindex=\"0\" aria-label=\"");
        flow.html.push_hole(label);
        flow.html.push("\"><table>");
    }
}

fn table_cell(flow: &mut Flow) {
    let alignment = flow.alignments.get(flow.column);
    flow.column += 1;
    flow.html.push(match (flow.in_head, alignment) {
        (true, Some(Alignment::Center)) => "<th scope=\"col\" class=\"align-center\">",
        (true, Some(Alignment::Right)) => "<th scope=\"col\" class=\"align-right\">",
        (true, _) => "<th scope=\"col\">",
        (false, Some(Alignment::Center)) => "<td class=\"align-center\">",
        (false, Some(Alignment::Right)) => "<td class=\"align-right\">",
        (false, _) => "<td>",
    });
}

/// The beginning of a heading's element, and its end.
pub(super) fn heading_tags(level: HeadingLevel) -> (&'static str, &'static str) {
    match level {
        HeadingLevel::H1 => ("<h1", "</h1>\n"),
        HeadingLevel::H2 => ("<h2", "</h2>\n"),
        HeadingLevel::H3 => ("<h3", "</h3>\n"),
        HeadingLevel::H4 => ("<h4", "</h4>\n"),
        HeadingLevel::H5 => ("<h5", "</h5>\n"),
        HeadingLevel::H6 => ("<h6", "</h6>\n"),
    }
}
