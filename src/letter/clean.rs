//! Makes names, words and links of others fit to stand in a mail.

use unicode_normalization::char::is_combining_mark;
use url::Url;

use super::block::Link;

/// More marks on one letter than any language writes are there to deface the page.
const COMBINING_MAX: usize = 3;
/// A longer address is no link that a person could check with his eyes.
const LINK_CHARS_MAX: usize = 2_000;

/// Text in one line: no control, invisible or direction-changing characters, no storm of accents.
pub(super) fn visible(text: &str) -> String {
    visible_chars(text.chars())
}

pub(super) fn visible_chars(chars: impl Iterator<Item = char>) -> String {
    let mut out = String::new();
    let mut n_combining = 0;
    for c in chars {
        if is_combining_mark(c) {
            n_combining += 1;
            if n_combining <= COMBINING_MAX {
                out.push(c);
            }
            continue;
        }
        n_combining = 0;
        if c.is_whitespace() || c.is_control() {
            if !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !is_hidden(c) {
            out.push(c);
        }
    }
    out
}

/// A name for subjects and lists: visible letters, digits and modest punctuation, cut to
/// `chars_max`.
pub(super) fn name(text: &str, chars_max: usize) -> String {
    let kept = text.chars().take(400).filter(|&c| {
        c.is_alphanumeric()
            || is_combining_mark(c)
            || c.is_whitespace()
            || matches!(
                c,
                '.' | ',' | '-' | '_' | '@' | '\'' | '’' | '·' | '&' | '#' | '/' | '+'
            )
    });
    cut(visible_chars(kept).trim(), chars_max)
}

/// The name of an author who may be told with his address, as mails have it: `Ana <ana@b.test>`.
pub(super) fn author(text: &str, chars_max: usize) -> String {
    name(parted(text).map_or(text, |(called, _)| called), chars_max)
}

/// His address, fit for a line: nothing but what addresses have.
pub(super) fn address(author: &str) -> Option<String> {
    let written = parted(author).map_or(author, |(_, written)| written);
    is_address(written).then(|| written.to_owned())
}

/// Name and address; nothing that only looks like them.
fn parted(author: &str) -> Option<(&str, &str)> {
    let (called, written) = author.strip_suffix('>')?.rsplit_once(" <")?;
    is_address(written).then_some((called, written))
}

fn is_address(text: &str) -> bool {
    let is_fit = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.@".contains(c);
    text.len() <= 254 && text.matches('@').count() == 1 && text.chars().all(is_fit)
}

/// The text, or its beginning with "…", in at most `chars_max` characters.
pub(super) fn cut(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    let head: String = text.chars().take(chars_max.saturating_sub(1)).collect();
    format!("{}…", head.trim_end())
}

/// An http(s) address without user name and password; hosts in other scripts come out in punycode,
/// so that a lookalike is seen. `None` for every other scheme.
pub(super) fn link(address: &str) -> Option<Link> {
    let mut url = Url::parse(address.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return None;
    }
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    let shown = url.to_string();
    (shown.chars().count() <= LINK_CHARS_MAX).then_some(Link(shown))
}

/// The host of an address, without `www.`.
pub(super) fn host(address: &str) -> Option<String> {
    let url = Url::parse(address.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let host = url.host_str()?.trim_start_matches("www.");
    (!host.is_empty()).then(|| host.to_owned())
}

/// A host that tells a reader where he is: neither a number nor a name of this machine or house.
pub(super) fn is_public_name(host: &str) -> bool {
    let is_number = host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok();
    let is_local = !host.contains('.')
        || [".local", ".localhost", ".internal", ".lan"]
            .iter()
            .any(|end| host.ends_with(end));
    !is_number && !is_local
}

fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0e}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(name(text, 20), expected);
    }

    #[test]
    fn names_hold_nothing_that_acts() {
        check("Javier\r\nBcc: x@y.test", "Javier Bcc x@y.test");
        check("\u{202e}reivaJ\u{202c}", "reivaJ");
        check("Ana 😡 <b>", "Ana b");
        check("José Ñandú", "José Ñandú");
        check("Maximiliano de la Fontaine y Ruiz", "Maximiliano de la F…");
        check(
            &format!("Z{}", "\u{301}".repeat(500)),
            "Z\u{301}\u{301}\u{301}",
        );
    }

    #[test]
    fn an_author_by_mail_has_a_name_and_an_address() {
        let told = |text| (author(text, 20), address(text).unwrap_or_default());
        let pair = |name: &str, address: &str| (name.to_owned(), address.to_owned());
        assert_eq!(told("Ana <ana@b.test>"), pair("Ana", "ana@b.test"));
        assert_eq!(told("ana@b.test"), pair("ana@b.test", "ana@b.test"));
        assert_eq!(told("Ana"), pair("Ana", ""));
        assert_eq!(told("Ana <a@b\r\nBcc: c@d.test>").1, "");
    }

    #[test]
    fn a_number_or_a_local_name_is_no_place() {
        for (host, expected) in [
            ("foro.test", true),
            ("xn--jemplo-2of.test", true),
            ("127.0.0.1", false),
            ("[::1]", false),
            ("localhost", false),
            ("nas.local", false),
        ] {
            assert_eq!(is_public_name(host), expected, "{host}");
        }
    }

    #[track_caller]
    fn check_link(address: &str, expected: &str) {
        assert_eq!(link(address).map_or(String::new(), |link| link.0), expected);
    }

    #[test]
    fn links_lead_where_they_seem_to_lead() {
        check_link("https://foro.test/t/1?a=b#c", "https://foro.test/t/1?a=b#c");
        check_link("javascript:alert(1)", "");
        check_link("javascript://foro.test/%0aalert(1)", "");
        check_link("ftp://foro.test/x", "");
        check_link("data:text/html,x", "");
        check_link("mailto:a@b.test", "");
        check_link("https://banco.test@evil.test/", "https://evil.test/");
        check_link("https://еjemplo.test/", "https://xn--jemplo-2of.test/");
        check_link(
            "http://foro.test/\"onclick=\u{202e}",
            "http://foro.test/%22onclick=%E2%80%AE",
        );
        check_link(&format!("https://foro.test/{}", "a".repeat(3_000)), "");
    }
}
