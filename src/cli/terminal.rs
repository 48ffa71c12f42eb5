//! Where words go: rows to standard output, everything else to standard error.

use std::io::{self, IsTerminal as _, Write as _};

use serde_json::Value;

/// How this command speaks.
pub(super) struct Terminal {
    pub(super) json: bool,
    /// Colours are for people.
    pub(super) colour: bool,
}

impl Terminal {
    pub(super) fn new(json: bool) -> Self {
        let colour = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { json, colour }
    }

    pub(super) fn line(text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "{}", printable(text))
    }

    pub(super) fn row(row: &Value) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "{row}")
    }

    /// The text, bold on a terminal.
    pub(super) fn bold(&self, text: &str) -> String {
        if self.colour {
            format!("\u{1b}[1m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// The text as marked evidence.
    pub(super) fn marked(&self, text: &str) -> String {
        if self.colour {
            format!("\u{1b}[7m{text}\u{1b}[0m")
        } else {
            format!("«{text}»")
        }
    }
}

/// A sentence for the person at the terminal.
pub(super) fn complain(text: &str) {
    let mut err = io::stderr().lock();
    let _ = writeln!(err, "{}", printable(text));
}

/// Text from the web must not steer the terminal: control characters are dropped, our own colours stay.
fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(code) = ["\u{1b}[1m", "\u{1b}[7m", "\u{1b}[0m"]
            .iter()
            .find(|code| rest.starts_with(**code))
        {
            shown.push_str(code);
            rest = &rest[code.len()..];
            continue;
        }
        let is_bidi = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if c == '\n' || c == '\t' || (!c.is_control() && !is_bidi) {
            shown.push(c);
        }
        rest = &rest[c.len_utf8()..];
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_the_web_cannot_steer_the_terminal() {
        assert_eq!(printable("a\u{1b}]0;x\u{7}b\u{1b}[2Jc\rd"), "a]0;xb[2Jcd");
        assert_eq!(printable("\u{1b}[1mx\u{1b}[0m\n"), "\u{1b}[1mx\u{1b}[0m\n");
    }
}
