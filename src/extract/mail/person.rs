//! Who a mail is from, as headers and the heads of forwarded mails name him.

use std::fmt;

use super::super::html::clean_line;

/// Names longer than this are no names.
const NAME_CHARS_MAX: usize = 80;
/// Of an address, after RFC 5321.
const ADDRESS_CHARS_MAX: usize = 254;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) name: Option<String>,
    pub(super) address: Option<String>,
}

impl Person {
    /// Reads `Javier <javier@b.test>`, `"Pérez, Javier" <…>`, `Javier [mailto:javier@b.test]`, an
    /// address or a name alone.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text: String = text.chars().take(1_000).collect();
        let (at, address) = address(&text).unzip();
        let name = &text[..at.unwrap_or(text.len())];
        let name = name.replace("mailto:", "");
        let name = name.replace(['<', '[', '(', '"', '*', '\u{201c}', '\u{201d}'], " ");
        let name = clean_line(&name).map(|name| {
            let name = name.trim_matches(['\'', ',', ';', ':', ' ']);
            name.chars().take(NAME_CHARS_MAX).collect::<String>()
        });
        let person = Self {
            name: name.filter(|name| !name.is_empty() && !name.contains(['@', '>'])),
            address,
        };
        (person != Self::default()).then_some(person)
    }

    /// What stands before the @, in small letters.
    pub(super) fn local(&self) -> String {
        let address = self.address.as_deref().unwrap_or_default();
        let local = address.rsplit_once('@').map_or("", |(local, _)| local);
        local.to_ascii_lowercase()
    }
}

/// The first address in the text, with the place where it begins.
fn address(text: &str) -> Option<(usize, String)> {
    let is_local = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let is_host = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
    for (at, _) in text.match_indices('@') {
        let before = &text[..at];
        let start = before
            .char_indices()
            .rev()
            .take_while(|(_, c)| is_local(*c))
            .last();
        let Some((start, _)) = start else { continue };
        let after = &text[at + 1..];
        let end = after.find(|c: char| !is_host(c)).unwrap_or(after.len());
        let host = after[..end].trim_end_matches(['.', '-']);
        let local = before[start..].trim_start_matches(['\'', '*']);
        let address = format!("{local}@{host}");
        if !local.is_empty() && !host.is_empty() && address.chars().count() <= ADDRESS_CHARS_MAX {
            return Some((start, address));
        }
    }
    None
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, &self.address) {
            (Some(name), Some(address)) => write!(f, "{name} <{address}>"),
            (name, address) => {
                f.write_str(name.as_deref().or(address.as_deref()).unwrap_or_default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let told = Person::parse(text).map_or("-".to_owned(), |person| person.to_string());
        assert_eq!(told, expected, "{text}");
    }

    #[test]
    fn people_are_named_in_many_ways() {
        check(
            "Javier Pérez <javier@b.test>",
            "Javier Pérez <javier@b.test>",
        );
        check(
            "\"Pérez, Javier\" <javier@b.test>",
            "Pérez, Javier <javier@b.test>",
        );
        check("Javier [mailto:javier@b.test]", "Javier <javier@b.test>");
        check("*Javier* <mailto:javier@b.test>", "Javier <javier@b.test>");
        check("<javier@b.test>", "javier@b.test");
        check("javier@b.test (Javier)", "javier@b.test");
        check("javier@b.test <javier@b.test>", "javier@b.test");
        check(
            "'Javier' via Opiniones <no-reply@b.test>",
            "Javier' via Opiniones <no-reply@b.test>",
        );
        check("Javier", "Javier");
        check("", "-");
        check("@", "-");
        check("a\u{0}b\r\nBcc: <x@y.test>", "ab Bcc <x@y.test>");
    }
}
