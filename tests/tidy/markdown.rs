//! Owns what the tests read out of documents: tables under headings, code blocks, links.

/// A table, under the heading that it stands below.
#[derive(Debug)]
pub(crate) struct Table {
    /// The heading's text, without marks.
    pub(crate) heading: String,
    /// The cells of every row but the head's.
    pub(crate) rows: Vec<Vec<String>>,
}

/// Every table of a document.
pub(crate) fn tables(text: &str) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    let mut heading = String::new();
    let mut inside = false;
    for line in outside_of_code(text) {
        if line.starts_with('#') {
            heading = line.trim_start_matches('#').trim().replace('`', "");
        }
        if !line.starts_with('|') {
            inside = false;
        } else if inside {
            if let Some(table) = tables.last_mut().filter(|_| !line.starts_with("| -")) {
                table.rows.push(cells(line));
            }
        } else {
            inside = true;
            tables.push(Table { heading: heading.clone(), rows: Vec::new() });
        }
    }
    tables
}

/// The rows of the first table below a heading.
pub(crate) fn table<'a>(tables: &'a [Table], heading: &str) -> &'a [Vec<String>] {
    let found = tables.iter().find(|table| table.heading == heading);
    &found.unwrap_or_else(|| panic!("there is no table below \"{heading}\"")).rows
}

fn cells(line: &str) -> Vec<String> {
    let line = line.trim().trim_matches('|').replace("\\|", "\u{0}");
    line.split('|').map(|cell| cell.trim().replace('\u{0}', "|")).collect()
}

/// The first cell of every row, without marks.
pub(crate) fn names(rows: &[Vec<String>]) -> Vec<String> {
    rows.iter().map(|row| row[0].replace('`', "")).collect()
}

/// Everything that a cell shows as code.
pub(crate) fn codes(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// The code blocks of a language.
pub(crate) fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<(bool, String)> = None;
    for line in text.lines() {
        open = match (open, line.strip_prefix("```")) {
            (None, Some(of)) => Some((of == language, String::new())),
            (Some((wanted, block)), Some(_)) => {
                blocks.extend(wanted.then_some(block));
                None
            }
            (Some((wanted, block)), None) => Some((wanted, block + line + "\n")),
            (None, None) => None,
        };
    }
    blocks
}

fn outside_of_code(text: &str) -> impl Iterator<Item = &str> {
    let mut code = false;
    text.lines().filter(move |line| {
        let fence = line.starts_with("```");
        code ^= fence;
        !code && !fence
    })
}

/// The targets of all links `[…](…)` outside of code.
pub(crate) fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in outside_of_code(text) {
        // Code spans are cut out: they show how a link is written.
        let plain: String = line.split('`').step_by(2).collect();
        for part in plain.split("](").skip(1) {
            found.extend(part.split(')').next().map(String::from));
        }
    }
    found
}
