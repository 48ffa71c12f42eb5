//! Start tags of broken XML: quotes and `>` that are missing cost one tag, not the rest of the feed.
//!
//! Absent: every other piece of markup ([`super::lexer`]).

use super::lexer::{Piece, start_piece};

/// The piece that begins with this `<`, and its length. A `<` that cannot be a tag is text.
pub(super) fn start(rest: &str) -> (Piece<'_>, usize) {
    if let Some((end, n_attributes)) = careful_end(rest) {
        return (start_piece(&rest[1..end], n_attributes), end + 1);
    }
    // Quotes are not to be trusted here: the next bracket decides.
    match rest[1..].find(['<', '>']).map(|at| at + 1) {
        Some(at) if rest.as_bytes()[at] == b'<' => (Piece::Text(&rest[..at]), at),
        Some(end) => {
            let n_attributes = rest[..end].matches('=').count();
            (start_piece(&rest[1..end], n_attributes), end + 1)
        }
        None => {
            let n_attributes = rest.matches('=').count();
            (start_piece(&rest[1..], n_attributes), rest.len())
        }
    }
}

/// Where the tag's `>` stands if its attributes are sound, and how many they are.
///
/// Each search for a closing quote ends at the opening quote of a later tag at the latest, so that
/// a document of nothing but broken tags is still read in linear time.
fn careful_end(rest: &str) -> Option<(usize, usize)> {
    let bytes = rest.as_bytes();
    let mut at = rest[1..].find(|c: char| c.is_ascii_whitespace() || "<>/".contains(c))? + 1;
    let mut n_attributes = 0;
    loop {
        match *bytes.get(at)? {
            b'>' => return Some((at, n_attributes)),
            b'<' => return None,
            b'=' => {
                n_attributes += 1;
                at += 1;
                at += blanks(&bytes[at..]);
                if let quote @ (b'"' | b'\'') = *bytes.get(at)? {
                    at = value_end(rest, at + 1, quote)?;
                }
            }
            _ => at += 1,
        }
    }
}

/// Past the closing quote; a value with a bracket in it must be followed by what may follow one.
fn value_end(rest: &str, from: usize, quote: u8) -> Option<usize> {
    let value = &rest[from..];
    let end = value.find(char::from(quote))?;
    let next = rest.as_bytes().get(from + end + 1);
    let is_closed = next.is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/' | b'?'));
    (is_closed || !value[..end].contains('<')).then_some(from + end + 1)
}

fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|b| b.is_ascii_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::lexer::attribute;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let (piece, len) = start(text);
        let told = match piece {
            Piece::Start(start) => format!(
                "<{}{}>",
                start.name,
                attribute(start.attributes, "b").map_or(String::new(), |b| format!(" b={b}"))
            ),
            Piece::Text(text) => format!("'{text}'"),
            other => format!("{other:?}"),
        };
        assert_eq!(format!("{told} {}", &text[len..]), expected, "{text}");
    }

    #[test]
    fn what_is_missing_costs_one_tag() {
        check("<a b='>' c=\"<\">d", "<a b=>> d");
        check("<a b = 'x'/>d", "<a b=x> d");
        check("<a b=x>d", "<a b=x> d");
        check("<descr\"iption>d \"<e>", "<descr\"iption> d \"<e>");
        check("<a b=\"x><c d=\"y\">", "<a b=x> <c d=\"y\">");
        check("<a b=\"x<![CDATA[\"/>d", "<a b=x<![CDATA[> d");
        check("<a b=\"x/>d", "<a b=x> d");
        check("<Eap\nJuan <b>c", "'<Eap\nJuan ' <b>c");
        check("<cat<ory>d", "'<cat' <ory>d");
        check("<a b=\"x", "<a b=x> ");
        check("<", "<> ");
    }
}
