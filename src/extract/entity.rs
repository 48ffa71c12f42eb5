//! Character references of HTML text, as the standard decodes them (WHATWG HTML, 13.2.5.72 on), by
//! the table that html5ever has.
//!
//! Absent: attributes, where a reference without `;` is often part of an address, and XML, which
//! knows five names ([`super::mend`]).

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};

/// No name is longer, `;` included.
const NAME_BYTES_MAX: usize = 32;
/// More digits than any code point has, zeros in front included as far as people write them.
const DIGITS_MAX: usize = 16;

/// Appends `said` with its references decoded; what is none stays as it is.
pub(super) fn push_decoded(text: &mut String, said: &str) {
    let mut rest = said;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        text.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        let len = match tail.strip_prefix('#') {
            Some(number) => numeric(text, number).map(|len| 1 + len),
            None => named(text, tail),
        };
        if len.is_none() {
            text.push('&');
        }
        rest = &tail[len.unwrap_or(0)..];
    }
    text.push_str(rest);
}

/// Appends what the name at the beginning of `tail` stands for and tells its length: the longest
/// one that the table has, so that `&notit;` is `¬it;`.
fn named(text: &mut String, tail: &str) -> Option<usize> {
    let is_name = |b: &u8| b.is_ascii_alphanumeric();
    let n_letters = tail
        .bytes()
        .take(NAME_BYTES_MAX)
        .take_while(is_name)
        .count();
    let ends = tail.as_bytes().get(n_letters) == Some(&b';');
    let (len, codes) = (2..=n_letters + usize::from(ends)).rev().find_map(|len| {
        let found = NAMED_ENTITIES.get(&tail[..len])?;
        // Beginnings of names stand in the table too, with nothing behind them.
        (found.0 != 0).then_some((len, *found))
    })?;
    let codes = [codes.0, codes.1].into_iter().filter(|&code| code != 0);
    text.extend(codes.filter_map(char::from_u32));
    Some(len)
}

/// The same for `123;` and `x7b;`, whose `;` may be missing.
fn numeric(text: &mut String, number: &str) -> Option<usize> {
    let hex = number.strip_prefix(['x', 'X']);
    let (digits, radix) = hex.map_or((number, 10), |hex| (hex, 16));
    let n_digits = digits.chars().take_while(|c| c.is_digit(radix)).count();
    if n_digits == 0 {
        return None;
    }
    let code = match n_digits {
        ..=DIGITS_MAX => u32::from_str_radix(&digits[..n_digits], radix).ok(),
        _ => None,
    };
    text.push(
        code.and_then(character)
            .unwrap_or(char::REPLACEMENT_CHARACTER),
    );
    let ends = digits.as_bytes().get(n_digits) == Some(&b';');
    Some(usize::from(hex.is_some()) + n_digits + usize::from(ends))
}

/// The character; nothing for zero, halves of pairs and what is beyond Unicode.
fn character(code: u32) -> Option<char> {
    let index = code
        .checked_sub(0x80)
        .and_then(|at| usize::try_from(at).ok());
    let replaced = index.and_then(|at| *C1_REPLACEMENTS.get(at)?);
    replaced
        .or_else(|| char::from_u32(code))
        .filter(|&c| c != '\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(said: &str, expected: &str) {
        let mut text = String::new();
        push_decoded(&mut text, said);
        assert_eq!(text, expected, "{said}");
    }

    #[test]
    fn references_are_decoded_as_browsers_do() {
        check("a &amp; b &ntilde;&Ntilde; &aacute", "a & b ñÑ á");
        check("&notit; &notin; &#241;&#xF1;&#XF1 &#241", "¬it; ∉ ñññ ñ");
        check(
            "&#0; &#x110000; &#xd800; &#99999999999999999999;",
            "\u{fffd} \u{fffd} \u{fffd} \u{fffd}",
        );
        check("&#146;&#x80;", "’€");
        check("&NotEqualTilde;", "≂̸");
    }

    #[test]
    fn what_is_no_reference_stays() {
        check(
            "AT&T & 5 &; &#; &#x; &xyzzy; &",
            "AT&T & 5 &; &#; &#x; &xyzzy; &",
        );
        check("&&amp;&ñ;", "&&&ñ;");
        check("", "");
    }
}
