//! Makes foreign text fit for a mail header and for a mail body.
//!
//! Absent: HTML escaping, which belongs to `letter`, and RFC 2047, which lettre writes.

use unicode_normalization::char::is_combining_mark;

/// Columns of a subject; longer ones are cut by most readers and would only hide what follows.
pub(super) const SUBJECT_COLUMNS: usize = 200;
/// Columns of a display name.
pub(super) const NAME_COLUMNS: usize = 80;
/// Combining marks on one letter: no living script needs more, and hundreds paint over other lines.
const MARKS_MAX: usize = 3;

/// One line of visible text of at most `columns`: line ends and controls become one space,
/// invisible characters and those that turn the direction of writing vanish.
///
/// A `=?` is parted, because a reader would decode it as an encoded word with whatever is in it.
pub(super) fn header(text: &str, columns: usize) -> String {
    let mut out = String::new();
    let (mut used, mut marks, mut gap) = (0, 0, false);
    for c in text.chars() {
        if is_invisible(c) {
            continue;
        }
        if c.is_whitespace() || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
            gap = !out.is_empty();
            continue;
        }
        marks = if is_combining_mark(c) { marks + 1 } else { 0 };
        if marks > MARKS_MAX {
            continue;
        }
        let parted = gap || (c == '?' && out.ends_with('='));
        let width = if marks > 0 { 0 } else { columns_of(c) } + usize::from(parted);
        if used + width >= columns {
            out.push('…');
            break;
        }
        if parted {
            out.push(' ');
        }
        out.push(c);
        used += width;
        gap = false;
    }
    out
}

/// The same text with LF as its only line end and without control characters other than tab.
pub(super) fn body(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut after_cr = false;
    for c in text.chars() {
        match c {
            '\n' if after_cr => {}
            '\n' | '\t' => out.push(c),
            '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            c if c.is_control() => {}
            c => out.push(c),
        }
        after_cr = c == '\r';
    }
    out
}

/// The ids of a `References` or `In-Reply-To` header that have the form `<…@…>`: the first, which
/// is the root of the thread, and as many of the last as keep the header short.
pub(super) fn message_ids(text: &str) -> String {
    const BYTES_MAX: usize = 800;
    let ids: Vec<&str> = text
        .split_whitespace()
        .filter(|id| is_message_id(id))
        .collect();
    let Some((root, rest)) = ids.split_first() else {
        return String::new();
    };
    let mut free = BYTES_MAX - root.len();
    let kept = rest.iter().rev().take_while(|id| {
        let fits = id.len() < free;
        free = free.saturating_sub(id.len() + 1);
        fits
    });
    let first_kept = rest.len() - kept.count();
    let chosen: Vec<&str> = std::iter::once(*root)
        .chain(rest[first_kept..].iter().copied())
        .collect();
    chosen.join(" ")
}

/// `<…@…>` in visible ASCII and at most 250 bytes.
pub(super) fn is_message_id(id: &str) -> bool {
    const BYTES_MAX: usize = 250;
    let inner = id
        .strip_prefix('<')
        .and_then(|id| id.strip_suffix('>'))
        .unwrap_or("");
    id.len() <= BYTES_MAX
        && inner
            .bytes()
            .all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>'))
        && inner
            .split_once('@')
            .is_some_and(|(left, right)| !left.is_empty() && !right.is_empty())
}

/// Zero-width, soft hyphen, bidirectional marks, overrides and isolates, annotations, tags.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// At most the columns that a terminal or a list gives to `c`.
fn columns_of(c: char) -> usize {
    if c >= '\u{1100}' { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &str, expected: &str) {
        assert_eq!(header(input, SUBJECT_COLUMNS), expected);
    }

    #[test]
    fn headers_are_one_visible_line() {
        check("Llamé y nadie me atendió", "Llamé y nadie me atendió");
        check("a\r\nBcc: x@y.test", "a Bcc: x@y.test");
        check(" a\u{85}b\u{2028}c\u{2029}d\0e\tf ", "a b c d e f");
        check("\u{202e}sojen\u{202c} \u{2066}x\u{2069}", "sojen x");
        check("a\u{200b}b\u{feff}c\u{e0041}d\u{ad}e", "abcde");
        check("=?utf-8?q?=0D=0ABcc?=", "= ?utf-8?q?=0D=0ABcc?=");
        check("=\u{200b}?utf-8?q?x?=", "= ?utf-8?q?x?=");
        check("", "");
    }

    #[test]
    fn marks_and_length_are_bounded() {
        let storm = format!("a{}b", "\u{301}".repeat(500));
        check(&storm, "a\u{301}\u{301}\u{301}b");
        assert_eq!(header(&"x".repeat(10_000), 200).chars().count(), 200);
        assert_eq!(header(&"😀".repeat(10_000), 200).chars().count(), 100);
        assert_eq!(header("corto", 6), "corto");
    }

    #[test]
    fn bodies_have_one_kind_of_line_end() {
        assert_eq!(body("a\r\nb\rc\nd\r\r\ne\n\r"), "a\nb\nc\nd\n\ne\n\n");
        assert_eq!(body("x\0y\u{1b}[31mz\u{2028}w\tv"), "xy[31mz\nw\tv");
    }

    #[test]
    fn references_keep_the_root_and_the_latest() {
        assert_eq!(
            message_ids("<a@b> x <c@d>\r\nBcc: y <é@d> <@d> <e@>"),
            "<a@b> <c@d>"
        );
        assert_eq!(message_ids("nothing"), "");
        let long: Vec<String> = (0..400).map(|n| format!("<{n}@ejemplo.test>")).collect();
        let kept = message_ids(&long.join(" "));
        assert!(kept.len() <= 801, "{}", kept.len());
        assert!(kept.starts_with("<0@ejemplo.test> ") && kept.ends_with(" <399@ejemplo.test>"));
    }
}
