//! OPML, the lists of feeds that readers exchange: read leniently, written strictly.
//!
//! Absent: which addresses may be read (`fetch`), and the configuration (`config`). Entities that a
//! document declares are never expanded, inner ones as little as outer ones, and no document that it
//! includes is looked at.

use std::fmt::Write as _;

use super::decode;
use super::gate::{self, NESTING_MAX, check_attributes, local};
use super::lexer::{Piece, Rules, Start, attribute, pieces};
use super::plain::plain_text;
use super::{Document, Problem};

/// Outlines of one document: as many as posts of one.
const OUTLINES_MAX: usize = 50_000;
/// Longer names are no entities.
const ENTITY_BYTES_MAX: usize = 10;

/// One feed of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// In one line, without markup; empty when there is none.
    pub title: String,
    /// As it is written there; empty when the outline says that it is a feed and not where.
    pub url: String,
}

/// What could be read of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opml {
    /// In the order of the document, from whatever folder.
    pub outlines: Vec<Outline>,
    /// That something is missing.
    pub problems: Vec<Problem>,
}

/// Reads OPML of any version. Folders, and what names no feed, are passed over.
///
/// # Errors
/// A fatal problem when this is no OPML, is too large, or is nested too deeply.
pub fn read(body: &[u8]) -> Result<Opml, Problem> {
    gate::size(body)?;
    let document = Document {
        body,
        content_type: None,
        url: None,
    };
    let text = decode::text(&document);
    let (mut list, mut depth) = (Opml::default(), 0_usize);
    let (mut has_root, mut is_ended) = (false, false);
    for (_, piece) in pieces(&text, Rules::XmlLoose) {
        match piece {
            Piece::Start(start) => {
                check_attributes(&start)?;
                let name = local(start.name);
                has_root |= name.eq_ignore_ascii_case("opml");
                if name.eq_ignore_ascii_case("outline") {
                    has_root = true;
                    list.outlines.extend(outline(&start));
                }
                depth += usize::from(!start.is_empty);
            }
            Piece::End(name) => {
                is_ended |= local(name.trim()).eq_ignore_ascii_case("opml");
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        // The lexer does not mind, but who nests like this lists no feeds.
        if depth > NESTING_MAX {
            return Err(gate::too_deep("OPML", NESTING_MAX));
        }
        if list.outlines.len() > OUTLINES_MAX {
            list.outlines.truncate(OUTLINES_MAX);
            list.problems.push(too_many());
            is_ended = true;
            break;
        }
    }
    if !has_root {
        return Err(no_opml());
    }
    if !is_ended {
        list.problems.push(cut_off());
    }
    Ok(list)
}

/// The feed that an outline names, or should name.
fn outline(start: &Start<'_>) -> Option<Outline> {
    let get = |name| attribute(start.attributes, name).map(unescaped);
    let filled = |name| get(name).filter(|value| !value.trim().is_empty());
    let kind = get("type").unwrap_or_default().to_ascii_lowercase();
    let is_feed = ["rss", "atom", "feed", "include"].contains(&kind.as_str());
    // Some old lists of feeds have `url`, which elsewhere is any link at all.
    let url = filled("xmlUrl").or_else(|| filled("url").filter(|_| is_feed && kind != "include"));
    if url.is_none() && !is_feed {
        return None;
    }
    let title = filled("title").or_else(|| filled("text"));
    let title = plain_text(&title.unwrap_or_default());
    Some(Outline {
        title: title.split_whitespace().collect::<Vec<_>>().join(" "),
        url: url.unwrap_or_default(),
    })
}

/// The value of an attribute: what XML itself defines is decoded, everything else stays, so that a
/// bare `&copy=1` in a URL is not taken for a sign.
fn unescaped(raw: &str) -> String {
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        value.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        let end = tail.bytes().take(ENTITY_BYTES_MAX).position(|b| b == b';');
        if let Some((c, end)) = end.and_then(|end| Some((character(&tail[..end])?, end))) {
            value.push(c);
            rest = &tail[end + 1..];
        } else {
            value.push('&');
            rest = tail;
        }
    }
    value + rest
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

/// A source as a list can hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed<'a> {
    pub name: &'a str,
    pub url: &'a str,
    /// Other programs can read it as a feed; it is a page otherwise.
    pub is_feed: bool,
    pub category: &'a str,
}

/// An OPML 2.0 document of these sources.
pub fn write(title: &str, sources: &[Listed<'_>]) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n  <head>\n    \
         <title>{}</title>\n  </head>\n  <body>\n",
        escaped(title)
    );
    for source in sources {
        let (name, url) = (escaped(source.name), escaped(source.url));
        let place = if source.is_feed {
            format!("type=\"rss\" xmlUrl=\"{url}\"")
        } else {
            format!("htmlUrl=\"{url}\"")
        };
        let category = escaped(source.category);
        let _ = writeln!(
            text,
            "    <outline text=\"{name}\" title=\"{name}\" {place} category=\"{category}\"/>"
        );
    }
    text + "  </body>\n</opml>\n"
}

/// Fit for an attribute: what XML forbids is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

fn no_opml() -> Problem {
    Problem::fatal("this is no OPML: there is no list of feeds in it")
        .in_spanish("esto no es OPML: no contiene ninguna lista de canales")
}

fn too_many() -> Problem {
    let problem = Problem::minor(format!(
        "the list names more than {OUTLINES_MAX} feeds: only the first ones are read"
    ));
    problem.in_spanish(format!(
        "la lista nombra más de {OUTLINES_MAX} canales: solo se leen los primeros"
    ))
}

fn cut_off() -> Problem {
    Problem::minor("the file ends in the middle of the list: perhaps some feeds are missing")
        .in_spanish("el fichero termina a mitad de la lista: quizá falten canales")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(body: impl AsRef<[u8]>, expected: &str) {
        let told = match read(body.as_ref()) {
            Ok(read) => {
                let outline = |o: &Outline| format!("{} <{}>", o.title, o.url);
                let problem = |p: &Problem| format!("! {}", p.detail);
                let outlines = read.outlines.iter().map(outline);
                let lines = outlines.chain(read.problems.iter().map(problem));
                lines.collect::<Vec<_>>().join(" | ")
            }
            Err(problem) => format!("✗ {}", problem.detail),
        };
        assert_eq!(told, expected);
    }

    fn of(body: &str) -> String {
        format!("<opml version=\"1.1\"><head><title>x</title></head><body>{body}</body></opml>")
    }

    #[test]
    fn lists_of_every_age_and_hand_are_read() {
        let feed = "http://a.test/";
        check(
            of("<outline text='Uno' title='El uno' type='rss' xmlUrl='http://a.test/'/>"),
            "El uno <http://a.test/>",
        );
        for written in ["xmlurl", "XMLURL", "xmlUrl"] {
            check(
                of(&format!("<outline text=\"Uno\" {written}=\"{feed}\" />")),
                "Uno <http://a.test/>",
            );
        }
        check(of("<outline xmlUrl=http://a.test/ >"), " <http://a.test/>");
        check(
            of("<OUTLINE text='Uno' type='RSS' url='http://a.test/'></OUTLINE>"),
            "Uno <http://a.test/>",
        );
        check(
            of(
                "<outline text='Carpeta'><outline text='Otra'>\n<outline text='Uno' title='' \
                xmlUrl='u1'/></outline><!-- <outline xmlUrl='no'/> --><outline xmlUrl='u2'/>\
                </outline><outline text='Una nota'/><outline type='link' url='http://l.test/'/>",
            ),
            "Uno <u1> |  <u2>",
        );
        check(
            "<outline text='Sin raíz' xmlUrl='u'/>",
            "Sin raíz <u> | ! the file ends in the middle of the list: perhaps some feeds are \
             missing",
        );
        check(of(""), "");
        check(
            of(
                "<outline type='rss' text='Sin dirección'/><outline type='include' text='Más' \
                url='http://a.test/more.opml'/>",
            ),
            "Sin dirección <> | Más <>",
        );
    }

    #[test]
    fn entities_are_those_of_xml_and_no_others() {
        check(
            of(
                "<outline text='A &amp; B &#8220;c&#x201d; &lt;b&gt;d&lt;/b&gt; &amp;eacute; \
                &nosuch;' xmlUrl='http://a.test/?a=1&amp;b=2&c=3&copy=4&#38;e=&#x110000;'/>",
            ),
            "A & B “c” d é &nosuch; <http://a.test/?a=1&b=2&c=3&copy=4&e=&#x110000;>",
        );
        check(
            "<?xml version='1.0'?><!DOCTYPE opml [<!ENTITY x SYSTEM 'file:///etc/hostname'>\
             <!ENTITY y 'http://127.0.0.1/'>]><opml><body><outline text='&x;' xmlUrl='&y;'/>\
             </body></opml>",
            "&x; <&y;>",
        );
    }

    #[test]
    fn encodings_are_those_that_the_bytes_have() {
        let list = "<opml><body><outline text='Peña' xmlUrl='u'/></body></opml>";
        check(list, "Peña <u>");
        check(format!("\u{feff}{list}"), "Peña <u>");
        let wide: Vec<u8> = list.encode_utf16().flat_map(u16::to_le_bytes).collect();
        check([&[0xff, 0xfe][..], &wide].concat(), "Peña <u>");
        let latin: Vec<u8> = list.chars().map(|c| c as u8).collect();
        let declared = b"<?xml version='1.0' encoding='ISO-8859-1'?>".to_vec();
        check([declared, latin].concat(), "Peña <u>");
    }

    #[test]
    fn what_is_no_list_or_half_of_one_says_so() {
        for nothing in ["", "hola", "<html><body>x</body></html>", "{\"opml\":1}"] {
            check(
                nothing,
                "✗ this is no OPML: there is no list of feeds in it",
            );
        }
        check(
            "<opml><body><outline text='Uno' xmlUrl='u'/><outline text='Do",
            "Uno <u> | ! the file ends in the middle of the list: perhaps some feeds are missing",
        );
        let many = "<outline xmlUrl='u'/>".repeat(OUTLINES_MAX + 1);
        let read = read(of(&many).as_bytes()).unwrap();
        assert_eq!(read.outlines.len(), OUTLINES_MAX);
        assert_eq!(read.problems, [too_many()]);
    }

    #[test]
    fn r34_outlines_nested_without_end_are_an_error_and_no_abort() {
        for levels in [1_000, 65_000, 1_000_000] {
            let open = "<outline>".repeat(levels);
            let body = format!("{open}<outline xmlUrl='u'/>{}", "</outline>".repeat(levels));
            check(of(&body), "✗ the OPML is nested deeper than 256 levels");
            check(of(&open), "✗ the OPML is nested deeper than 256 levels");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            names in prop::collection::vec("[^<>&\\p{C}]{0,20}", 0..5),
            url in "[!-~¡-ÿ][ -~¡-ÿ]{0,39}",
        ) {
            let names: Vec<String> = names.iter().map(|name| format!("a{name}")).collect();
            let listed: Vec<Listed> = names
                .iter()
                .map(|name| Listed { name, url: &url, is_feed: true, category: "feed" })
                .collect();
            let read = read(write("x", &listed).as_bytes()).unwrap();
            prop_assert_eq!(&read.problems, &[]);
            prop_assert_eq!(read.outlines.len(), names.len());
            for (outline, name) in read.outlines.iter().zip(&names) {
                prop_assert_eq!(&outline.url, &url);
                let plain: Vec<&str> = name.split_whitespace().collect();
                prop_assert_eq!(&outline.title, &plain.join(" "));
            }
        }

        #[test]
        fn nothing_breaks_the_reader(body in ".{0,200}") {
            let _ = read(of(&format!("<outline {body}/>")).as_bytes());
            let _ = read(body.as_bytes());
        }
    }
}
