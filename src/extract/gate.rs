//! The gates before the parsers: size, nesting and tangle are looked at in one linear pass.
//!
//! feed-rs overflows the stack on a thousand nested `media:group`, which ends the whole process,
//! and html5ever is quadratic in nesting (that gate is [`super::html_gate`]). Absent: any parsing;
//! a document that passes is not yet well-formed, only harmless.

use memchr::memmem;

use super::Problem;
use super::lexer::{Piece, Rules, Start, attributes, pieces};
use super::light::Long;
use super::mend::PREFIXES;

/// Bytes of a body after decompression.
pub const BODY_BYTES_MAX: usize = 24 << 20;
/// Open elements of XML, open brackets of JSON.
pub(super) const NESTING_MAX: usize = 256;
/// Open elements of XML where the stack is large and the process of no worth.
const NESTING_MAX_WIDE: usize = 8_192;
/// Attributes of one tag: parsers compare each with all others.
pub(super) const ATTRIBUTES_MAX: usize = 256;
/// Namespace declarations in force at one place.
const NAMESPACES_MAX: usize = 512;

/// How deep and tangled a document may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gates {
    /// What harms no process that reads it.
    #[default]
    Narrow,
    /// For a process whose CPU, memory and stack are limited, and whose end ends nothing else.
    Wide,
}

impl Gates {
    fn xml_nesting_max(self) -> usize {
        match self {
            Self::Narrow => NESTING_MAX,
            Self::Wide => NESTING_MAX_WIDE,
        }
    }
}

/// What a pass over XML has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// Start tags of `item` and `entry`, of whatever namespace prefix.
    pub(super) n_entries: usize,
    /// Local name of the first element.
    pub(super) root: String,
    /// A text element holds markup that is not escaped, of which feed-rs would drop all but the
    /// first words; or a date has a name that it does not know, a CDATA section is not closed, or a
    /// prefix has not the namespace by which feed-rs knows it.
    pub(super) is_odd: bool,
    /// Texts that the parser need not see.
    pub(super) longs: Vec<Long>,
}

pub(super) fn size(body: &[u8]) -> Result<(), Problem> {
    if body.len() > BODY_BYTES_MAX {
        let most = BODY_BYTES_MAX >> 20;
        return Err(
            Problem::fatal(format!("the document is larger than {most} MiB"))
                .in_spanish(format!("el documento ocupa más de {most} MiB")),
        );
    }
    Ok(())
}

/// How images, archives and other binary files begin.
const BINARY: [&[u8]; 8] = [
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"%PDF",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"RIFF",
    b"OggS",
];

pub(super) fn text(body: &[u8]) -> Result<(), Problem> {
    if BINARY.iter().any(|magic| body.starts_with(magic)) {
        return Err(
            Problem::fatal("the document is an image, archive or other binary file")
                .in_spanish("el documento es una imagen, un comprimido u otro fichero binario"),
        );
    }
    Ok(())
}

/// # Errors
/// A fatal problem when the XML is nested too deeply or its tags are overloaded.
pub(super) fn xml(text: &str, gates: Gates) -> Result<Shape, Problem> {
    let nesting_max = gates.xml_nesting_max();
    let mut shape = Shape::default();
    let mut open: Vec<(&str, usize)> = Vec::new();
    let mut n_namespaces = 0;
    let mut prefixes = Prefixes::default();
    // Right behind the beginning of an element that may hold a long text.
    let mut may_be_long = false;
    for (at, piece) in pieces(text, Rules::XmlStrict) {
        let might_be_long = std::mem::take(&mut may_be_long);
        match piece {
            Piece::Start(start) => {
                check_attributes(&start)?;
                let name = local(start.name);
                if shape.root.is_empty() {
                    name.clone_into(&mut shape.root);
                }
                shape.is_odd |= is_odd_date(start.name) && shape.root != "feed";
                shape.n_entries += usize::from(is_entry(name));
                prefixes.see(&start);
                if let Some((parent, _)) = open.last() {
                    shape.is_odd |= is_text_element(parent);
                }
                if start.is_empty {
                    continue;
                }
                let (mut n_declared, mut is_xhtml) = (0, false);
                for (key, value) in attributes(start.attributes) {
                    n_declared += usize::from(key.starts_with("xmlns"));
                    // XHTML inside a text construct is what its type promises.
                    is_xhtml |= key == "type" && value.contains("xhtml");
                }
                n_namespaces += n_declared;
                may_be_long = !is_xhtml && has_long_text(start.name);
                open.push((if is_xhtml { "" } else { start.name }, n_declared));
            }
            Piece::End(_) => n_namespaces -= open.pop().map_or(0, |(_, n_declared)| n_declared),
            Piece::CData(said) => {
                // A section that was never closed reaches to the end of the next one.
                shape.is_odd |= memmem::find(said.as_bytes(), b"<![CDATA[").is_some();
                may_be_long = might_be_long;
                let long = Long::new(at, said, true);
                shape.longs.extend(long.filter(|_| might_be_long));
            }
            Piece::Text(said) => {
                may_be_long = might_be_long;
                let long = Long::new(at, said, false);
                shape.longs.extend(long.filter(|_| might_be_long));
            }
            _ => {}
        }
        if open.len() > nesting_max {
            return Err(too_deep("XML", nesting_max));
        }
        if n_namespaces > NAMESPACES_MAX {
            return Err(Problem::fatal(format!(
                "the XML declares more than {NAMESPACES_MAX} namespaces at one place"
            ))
            .in_spanish(format!(
                "el XML declara más de {NAMESPACES_MAX} espacios de nombres en un mismo lugar"
            )));
        }
    }
    shape.is_odd |= prefixes.are_odd();
    Ok(shape)
}

/// Which of the prefixes that feeds have in common are used, and which are declared as they should.
#[derive(Default)]
struct Prefixes {
    used: [bool; PREFIXES.len()],
    declared: [bool; PREFIXES.len()],
}

impl Prefixes {
    fn see(&mut self, start: &Start<'_>) {
        let index = |wanted: &str| PREFIXES.iter().position(|(prefix, _)| *prefix == wanted);
        if let Some((prefix, _)) = start.name.split_once(':')
            && let Some(at) = index(prefix)
        {
            self.used[at] = true;
        }
        if !start.attributes.contains("xmlns:") {
            return;
        }
        for (name, uri) in attributes(start.attributes) {
            let at = name.strip_prefix("xmlns:").and_then(index);
            if let Some(at) = at.filter(|&at| uri == PREFIXES[at].1) {
                self.declared[at] = true;
            }
        }
    }

    fn are_odd(&self) -> bool {
        self.used
            .iter()
            .zip(self.declared)
            .any(|(used, declared)| *used && !declared)
    }
}

/// # Errors
/// A fatal problem when brackets are nested too deeply.
pub(super) fn json(text: &str) -> Result<(), Problem> {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > NESTING_MAX {
            // No process of its own is of use: the parser itself refuses what is half as deep.
            return Err(Problem::fatal(format!(
                "the JSON is nested deeper than {NESTING_MAX} levels"
            ))
            .in_spanish(format!(
                "el JSON tiene más de {NESTING_MAX} niveles, unos dentro de otros"
            )));
        }
    }
    Ok(())
}

pub(super) fn check_attributes(start: &Start<'_>) -> Result<(), Problem> {
    if start.n_attributes > ATTRIBUTES_MAX {
        return Err(
            Problem::fatal(format!("a tag has more than {ATTRIBUTES_MAX} attributes")).in_spanish(
                format!("una etiqueta lleva más de {ATTRIBUTES_MAX} atributos"),
            ),
        );
    }
    Ok(())
}

pub(super) fn too_deep(what: &str, limit: usize) -> Problem {
    Problem::gate(format!("the {what} is nested deeper than {limit} levels")).in_spanish(format!(
        "el {what} tiene más de {limit} niveles, unos dentro de otros"
    ))
}

/// The name without its namespace prefix.
pub(super) fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// Whatever its case: some old feeds shout.
pub(super) fn is_entry(local_name: &str) -> bool {
    ["item", "entry"]
        .iter()
        .any(|name| local_name.eq_ignore_ascii_case(name))
}

/// A publication date under a name that RSS readers other than feed-rs take.
pub(super) fn is_odd_date(name: &str) -> bool {
    name == "atom:published" || name != "pubDate" && name.eq_ignore_ascii_case("pubdate")
}

/// Where what people wrote stands, under the names that most feeds give it.
fn has_long_text(name: &str) -> bool {
    matches!(
        name,
        "description"
            | "content:encoded"
            | "summary"
            | "content"
            | "dc:description"
            | "atom:summary"
            | "atom:content"
    )
}

/// Elements whose content feed-rs takes as text; `media:title` and the like are not read here.
pub(super) fn is_text_element(name: &str) -> bool {
    matches!(
        name,
        "title"
            | "description"
            | "content:encoded"
            | "summary"
            | "content"
            | "subtitle"
            | "tagline"
            | "dc:description"
            | "dc:title"
            | "atom:title"
            | "atom:summary"
            | "atom:content"
    )
}
