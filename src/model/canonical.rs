//! The canonical form of words: how two texts are the same although they are written otherwise.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// NFKC, lower case, one blank between words. Each poll asks for it of every post that its source shows:
/// what is normal already, which is nearly all, is only copied.
pub(super) fn canonical(text: &str) -> String {
    if let Some(canonical) = lowered(text) {
        return canonical;
    }
    let mut canonical = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if word.chars().all(is_normal) || is_nfkc_quick(word.chars()) == IsNormalized::Yes {
            push_lower(&mut canonical, word);
            continue;
        }
        // A blank of some width becomes a plain one, and two words.
        let normal: String = word.nfkc().collect();
        for word in normal.split_whitespace() {
            push_lower(&mut canonical, word);
        }
    }
    canonical
}

/// The canonical form of a text that has nothing but ASCII, letters of Latin-1, `¡` and `¿`, byte by byte.
fn lowered(text: &str) -> Option<String> {
    const BLANK: u8 = b' ';
    let mut lowered = Vec::with_capacity(text.len());
    let mut before = BLANK;
    for byte in text.bytes() {
        let (byte, is_blank) = match (before, byte) {
            // A blank to Unicode and none to ASCII.
            (_, 0x0b) => return None,
            (_, byte) if byte.is_ascii_whitespace() => (BLANK, true),
            (_, 0..=0x7f) => (byte.to_ascii_lowercase(), false),
            // U+00C0 to U+00DE but the sign of multiplication.
            (0xc3, 0x80..=0x96 | 0x98..=0x9e) => (byte + 0x20, false),
            (_, 0xc2 | 0xc3) | (0xc2, 0xa1 | 0xbf) | (0xc3, _) => (byte, false),
            _ => return None,
        };
        if !(is_blank && before == BLANK) {
            lowered.push(byte);
        }
        before = byte;
    }
    if before == BLANK {
        lowered.pop();
    }
    String::from_utf8(lowered).ok()
}

/// ASCII, and the letters of Latin-1, of which each is its own normal form.
fn is_normal(c: char) -> bool {
    matches!(c, '\0'..='\x7f' | 'À'..='ÿ')
}

fn push_lower(text: &mut String, word: &str) {
    if !text.is_empty() {
        text.push(' ');
    }
    if word.is_ascii() {
        let from = text.len();
        text.push_str(word);
        text[from..].make_ascii_lowercase();
    } else {
        for c in word.chars() {
            match c {
                '\0'..='\x7f' => text.push(c.to_ascii_lowercase()),
                // Small already.
                'ß'..='ÿ' => text.push(c),
                _ => text.extend(c.to_lowercase()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn words_are_made_canonical_one_by_one(text in "[a-zÁÑéß×÷¿¡º \u{b}\u{a0}\u{a8}…ﬁ①\u{301}\u{2003}\n]{0,24}|[A-eÁÑ×éß¿¡ \u{c}\n]{0,24}") {
            let whole: String = text.nfkc().flat_map(char::to_lowercase).collect();
            let words: Vec<&str> = whole.split_whitespace().collect();
            prop_assert_eq!(canonical(&text), words.join(" "));
        }
    }
}
