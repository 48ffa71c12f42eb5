//! Where words go: rows to standard output, everything else to standard error.

use std::io::{self, IsTerminal as _, Write as _};

use serde_json::Value;

const BOLD: &str = "\u{1b}[1m";
/// Black on yellow.
const SIGNAL: &str = "\u{1b}[30;43m";
/// Black on cyan.
const REASON: &str = "\u{1b}[30;46m";
const PLAIN: &str = "\u{1b}[0m";

/// How this command speaks.
pub(super) struct Terminal {
    pub(super) json: bool,
    /// Colours are for people.
    pub(super) colour: bool,
}

impl Terminal {
    pub(super) fn new(json: bool) -> Self {
        let is_plain = std::env::var_os("NO_COLOR").is_some()
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let colour = io::stdout().is_terminal() && !is_plain;
        Self { json, colour }
    }

    pub(super) fn line(text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "{}", printable(text))
    }

    /// Text that is safe already, as it is.
    pub(super) fn write(text: &str) -> io::Result<()> {
        io::stdout().lock().write_all(text.as_bytes())
    }

    pub(super) fn row(row: &Value) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "{row}")
    }

    /// The text, bold on a terminal.
    pub(super) fn bold(&self, text: &str) -> String {
        if self.colour {
            format!("{BOLD}{text}{PLAIN}")
        } else {
            text.to_owned()
        }
    }

    /// The text as marked evidence of a fact.
    pub(super) fn marked(&self, text: &str) -> String {
        self.painted(SIGNAL, text)
    }

    /// The text as marked evidence of another reason.
    pub(super) fn noted(&self, text: &str) -> String {
        self.painted(REASON, text)
    }

    fn painted(&self, colour: &str, text: &str) -> String {
        if !self.colour {
            return format!("«{text}»");
        }
        // What others wrote must not end the colour.
        let text: String = text.chars().filter(|c| *c != '\u{1b}').collect();
        format!("{colour}{text}{PLAIN}")
    }
}

/// A sentence for the person at the terminal.
pub(super) fn complain(text: &str) {
    let mut err = io::stderr().lock();
    let _ = writeln!(err, "{}", printable(text));
}

/// True for characters that turn the direction of text or command whoever shows it.
pub(super) fn steers(c: char) -> bool {
    let is_bidi = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    is_bidi || (c.is_control() && c != '\n' && c != '\t')
}

/// Text from the web must not steer the terminal: control characters are dropped, our own colours stay.
fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(code) = [BOLD, SIGNAL, REASON, PLAIN]
            .iter()
            .find(|code| rest.starts_with(**code))
        {
            shown.push_str(code);
            rest = &rest[code.len()..];
            continue;
        }
        if !steers(c) {
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
        let terminal = Terminal {
            json: false,
            colour: true,
        };
        assert_eq!(
            printable(&terminal.marked("a\u{1b}[0mb")),
            "\u{1b}[30;43ma[0mb\u{1b}[0m"
        );
    }
}
