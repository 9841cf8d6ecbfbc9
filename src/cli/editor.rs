//! Owns the addresses that open a file in an editor, at a line: `vscode://file/…`. Must not know what is wrong
//! there.

use std::path::Path;

use crate::model::address::encode;

/// Editors that have such addresses, by the names that people know them by.
const KNOWN: [(&str, &str); 9] = [
    ("vscode", "vscode://file{file}:{line}:{column}"),
    ("vscode-insiders", "vscode-insiders://file{file}:{line}:{column}"),
    ("vscodium", "vscodium://file{file}:{line}:{column}"),
    ("cursor", "cursor://file{file}:{line}:{column}"),
    ("windsurf", "windsurf://file{file}:{line}:{column}"),
    ("zed", "zed://file{file}:{line}:{column}"),
    ("idea", "idea://open?file={file}&line={line}&column={column}"),
    ("sublime", "subl://open?url=file://{file}&line={line}&column={column}"),
    ("textmate", "txmt://open?url=file://{file}&line={line}&column={column}"),
];

/// An address with places for file, line and column; `None` for no links at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Editor(Option<String>);

impl Editor {
    /// The editor of that name, or an address with `{file}` in it.
    ///
    /// # Errors
    /// A sentence on what can be written.
    pub(super) fn read(text: &str) -> Result<Editor, String> {
        if text == "none" {
            return Ok(Editor(None));
        }
        if let Some((_, address)) = KNOWN.iter().find(|(name, _)| *name == text) {
            return Ok(Editor(Some((*address).to_string())));
        }
        let scheme = text.split(':').next().unwrap_or_default();
        let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
        let runs_code =
            ["javascript", "data", "vbscript"].iter().any(|bad| scheme.eq_ignore_ascii_case(bad));
        if text.contains("{file}") && text.contains(':') && is_scheme && !runs_code {
            return Ok(Editor(Some(text.to_string())));
        }
        let names: Vec<&str> = KNOWN.iter().map(|(name, _)| *name).collect();
        Err(format!(
            "write one of {}, none, or an address such as myeditor://open?file={{file}}&line={{line}}",
            names.join(", ")
        ))
    }

    /// The address that opens a file; line and column count from 1.
    pub(super) fn address(&self, file: &Path, line: usize, column: usize) -> Option<String> {
        let path = file.to_str()?.replace('\\', "/");
        // A drive of Windows stands behind a slash in an address.
        let path = if path.starts_with('/') { path } else { format!("/{path}") };
        // What separates the parts of a query, or of file and line, must not stand in the path.
        let path = encode(&path).replace('&', "%26").replace('+', "%2B");
        let address = self.0.as_deref()?.replace("{line}", &line.to_string());
        Some(address.replace("{column}", &column.to_string()).replace("{file}", &path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_opens_at_its_line() {
        let address =
            |editor: &str, file: &str| Editor::read(editor).unwrap().address(Path::new(file), 3, 7);
        assert_eq!(
            address("vscode", "/my site/a&b.md").as_deref(),
            Some("vscode://file/my%20site/a%26b.md:3:7")
        );
        assert_eq!(
            address("vscode", "C:\\site\\a.md").as_deref(),
            Some("vscode://file/C:/site/a.md:3:7")
        );
        assert_eq!(address("x://{file}?l={line}", "/a.md").as_deref(), Some("x:///a.md?l=3"));
        assert_eq!(address("none", "/a.md"), None);
        for bad in ["emacs", "javascript:{file}", "{file}", "x://open", "data:,{file}"] {
            assert!(Editor::read(bad).is_err(), "{bad}");
        }
    }
}
