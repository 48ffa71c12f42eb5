//! Parts of a feed: without what the parser must not see, and each entry alone.
//!
//! Absent: the repair of what is broken ([`super::repair`]); but for the declarations, what comes in here
//! is well-formed.

use std::borrow::Cow;

use memchr::memmem;

use super::gate::{is_entry, local};
use super::lexer::{Piece, Rules, pieces};

/// A root is written before every entry that is read alone: not when it is larger than this.
const ROOT_BYTES_MAX: usize = 16 << 10;
/// The document without XML declaration, DOCTYPE and processing instructions. A late declaration
/// makes feed-rs panic, and a DOCTYPE's entities are never expanded.
pub(super) fn without_declarations(text: &str) -> Cow<'_, str> {
    // Most documents have the XML declaration in front and nothing else to cut.
    let declared = text
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split_once("?>"));
    let text = declared.map_or(text, |(_, rest)| rest);
    let has = |mark: &str| memmem::find(text.as_bytes(), mark.as_bytes()).is_some();
    if !["<?", "<!D", "<!d"].into_iter().any(has) {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut tags = pieces(text, Rules::XmlStrict);
    while let Some((at, piece)) = tags.next() {
        if piece != Piece::Other {
            kept.push_str(&text[at..tags.position()]);
        }
    }
    Cow::Owned(kept)
}

/// A repaired document without the elements of other vocabularies, of which one may be what the parser
/// cannot bear. What people say stands in the feed's own, in Dublin Core and in `content:encoded`.
pub(super) fn without_extras(mended: &str) -> String {
    let mut kept = String::with_capacity(mended.len());
    let mut tags = pieces(mended, Rules::XmlStrict);
    let mut n_skipped = 0_usize;
    while let Some((at, piece)) = tags.next() {
        match piece {
            Piece::Start(start) if n_skipped > 0 || is_extra(start.name) => {
                n_skipped += usize::from(!start.is_empty);
            }
            Piece::End(_) if n_skipped > 0 => n_skipped -= 1,
            _ if n_skipped > 0 => {}
            _ => kept.push_str(&mended[at..tags.position()]),
        }
    }
    kept
}

fn is_extra(name: &str) -> bool {
    let prefix = name.split_once(':').map_or("", |(prefix, _)| prefix);
    !matches!(
        prefix,
        "" | "content" | "dc" | "dcterms" | "atom" | "thr" | "rdf"
    )
}

/// Each entry of a repaired document, alone in a feed of its own.
pub(super) fn singles(mended: &str) -> impl Iterator<Item = String> + '_ {
    let mut root: Option<(&str, &str)> = None;
    let mut has_channel = false;
    let mut depth = 0_usize;
    let mut entry: Option<(usize, usize)> = None;
    let mut tags = pieces(mended, Rules::XmlStrict);
    std::iter::from_fn(move || {
        while let Some((at, piece)) = tags.next() {
            match piece {
                Piece::Start(start) if !start.is_empty => {
                    depth += 1;
                    if depth == 1 {
                        root = Some((start.name, &mended[at..tags.position()]));
                        if tags.position() - at > ROOT_BYTES_MAX {
                            return None;
                        }
                    }
                    if entry.is_none() && is_entry(local(start.name)) {
                        entry = Some((at, depth));
                        has_channel = root.is_some_and(|(name, _)| name == "rss");
                    }
                }
                Piece::End(_) => {
                    depth = depth.saturating_sub(1);
                    let Some((from, _)) = entry.filter(|&(_, within)| depth < within) else {
                        continue;
                    };
                    entry = None;
                    let block = &mended[from..tags.position()];
                    let (name, tag) = root.unwrap_or(("", ""));
                    let (open, close) = if has_channel {
                        ("<channel>", "</channel>")
                    } else {
                        ("", "")
                    };
                    if from == 0 || name.is_empty() {
                        // The entry is the document.
                        return Some(block.to_owned());
                    }
                    return Some(format!("{tag}{open}{block}{close}</{name}>"));
                }
                _ => {}
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::repair::repaired;

    #[test]
    fn each_entry_stands_alone() {
        let feed = repaired("<feed><entry><id>1</id></entry><entry><id>2</id></entry></feed>");
        let singles: Vec<String> = singles(&feed.text).collect();
        assert_eq!(singles.len(), 2);
        assert!(singles[1].starts_with("<feed xmlns=\"http://www.w3.org/2005/Atom\""));
        assert!(singles[1].ends_with("><entry><id>2</id></entry></feed>"));
    }

    #[test]
    fn extras_go_with_all_that_is_in_them() {
        let single = "<a><m:b><c/><d>1</d></m:b><m:e/><dc:f>2</dc:f><g>3</g></a>";
        assert_eq!(without_extras(single), "<a><dc:f>2</dc:f><g>3</g></a>");
    }

    #[test]
    fn declarations_go_and_the_rest_stays() {
        let text = "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c>'>]><a>&b;</a>";
        assert_eq!(without_declarations(text), "<a>&b;</a>");
        assert_eq!(
            without_declarations("<a><!-- b --></a>"),
            "<a><!-- b --></a>"
        );
    }
}
