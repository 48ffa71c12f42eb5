//! What entries say in words that feed-rs does not read: older dates and titles, links as text,
//! whether a guid is a link, and what an entry answers.
//!
//! Absent: what feed-rs does read. One linear pass over the tags, made only for feeds that lack
//! something or hold such words.

use feed_rs::model::{Feed, FeedType};
use memchr::memmem;

use super::date;
use super::gate::{is_entry, local};
use super::lexer::{Piece, Rules, Start, attribute, pieces};
use super::plain::plain_line;
use crate::model::Timestamp;

/// Bytes of one element that are looked at; titles, dates and links are shorter.
const SAID_BYTES_MAX: usize = 4 << 10;

/// The words of one entry, as far as they are of use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Gleaned {
    /// `dc:title`, else `media:title`.
    pub(super) title: Option<String>,
    pub(super) published: Option<Timestamp>,
    pub(super) updated: Option<Timestamp>,
    /// An Atom link whose address is its text, or one inside an RSS item.
    pub(super) link: Option<String>,
    /// `isPermaLink="false"`.
    pub(super) guid_is_no_link: bool,
    /// The link or guid of the post that this one answers (`thr:in-reply-to`).
    pub(super) reply_to: Option<String>,
    /// Every link as it is written, when that is wanted: feed-rs puts slashes and escapes in them.
    pub(super) links: Vec<String>,
    /// How good the source of `published` is.
    rank: u8,
    is_media_title: bool,
}

/// One for each entry of `feed`, in its order; nothing when it lacks nothing, or when entries were
/// lost, so that nobody knows whose words are whose.
pub(super) fn glean(text: &str, feed: &Feed, wants_links: bool) -> Vec<Gleaned> {
    let lacks = feed
        .entries
        .iter()
        .any(|entry| entry.title.is_none() || entry.links.is_empty() || entry.published.is_none());
    let answers = || memmem::find(text.as_bytes(), b"in-reply-to").is_some();
    if !lacks && !wants_links && !answers() {
        return Vec::new();
    }
    let entries = entries(text, feed.feed_type == FeedType::Atom);
    if entries.len() == feed.entries.len() {
        entries
    } else {
        Vec::new()
    }
}

fn entries(text: &str, is_atom: bool) -> Vec<Gleaned> {
    let mut entries: Vec<Gleaned> = Vec::new();
    let mut depth = 0_usize;
    // How deep the entry stands that is being read, and which element's text is wanted.
    let mut within: Option<usize> = None;
    let mut wanted: Option<(Start<'_>, usize)> = None;
    let mut said = String::new();
    for (_, piece) in pieces(text, Rules::XmlStrict) {
        match piece {
            Piece::Start(start) => {
                if within.is_none() && is_entry(local(start.name)) {
                    entries.push(Gleaned::default());
                    within = Some(depth).filter(|_| !start.is_empty);
                } else if let Some(entry) = entries.last_mut().filter(|_| within.is_some()) {
                    let is_child = within.is_some_and(|within| depth == within + 1);
                    entry.attributes(&start, is_child, is_atom);
                    if wanted.is_none() && !start.is_empty && is_wanted(&start, is_child) {
                        wanted = Some((start, depth));
                        said.clear();
                    }
                }
                depth += usize::from(!start.is_empty);
            }
            Piece::End(_) => {
                depth = depth.saturating_sub(1);
                if let Some((start, _)) = wanted.filter(|&(_, at)| depth <= at) {
                    wanted = None;
                    if let Some(entry) = entries.last_mut() {
                        entry.said(&start, &said);
                    }
                }
                within = within.filter(|&at| depth > at);
            }
            Piece::Text(text) | Piece::CData(text) if wanted.is_some() => {
                let room = SAID_BYTES_MAX.saturating_sub(said.len());
                said.push_str(&text[..text.floor_char_boundary(room)]);
            }
            _ => {}
        }
    }
    entries
}

/// Whether the text of this element is of use.
fn is_wanted(start: &Start<'_>, is_child: bool) -> bool {
    let name = local(start.name);
    if name == "title" {
        return start.name.contains(':');
    }
    let is_link = name == "link" && is_page(start);
    is_child && (is_link || rank(name).is_some())
}

/// How well a date of this name says when the entry was published; an update is worth nothing.
fn rank(local_name: &str) -> Option<u8> {
    match local_name {
        "published" | "pubDate" => Some(4),
        "issued" => Some(3),
        "date" => Some(2),
        "created" => Some(1),
        "updated" | "modified" | "lastmod" => Some(0),
        _ => None,
    }
}

fn is_page(start: &Start<'_>) -> bool {
    matches!(
        attribute(start.attributes, "rel"),
        None | Some("alternate" | "")
    )
}

impl Gleaned {
    fn attributes(&mut self, start: &Start<'_>, is_child: bool, is_atom: bool) {
        let value = |key: &str| attribute(start.attributes, key).and_then(plain_line);
        match local(start.name) {
            "in-reply-to" => self.reply_to = value("ref").or_else(|| value("href")),
            "guid" if is_child => {
                let told = value("isPermaLink");
                self.guid_is_no_link = told.is_some_and(|told| told.eq_ignore_ascii_case("false"));
            }
            "link" if is_child && is_page(start) => {
                let href = value("href");
                self.links.extend(href.clone());
                self.link = self.link.take().or(href.filter(|_| !is_atom));
            }
            _ => {}
        }
    }

    fn said(&mut self, start: &Start<'_>, text: &str) {
        let name = local(start.name);
        match (name, rank(name)) {
            ("title", _) => {
                let is_media = start.name.starts_with("media:");
                if self.title.is_none() || self.is_media_title && !is_media {
                    self.title = plain_line(text);
                    self.is_media_title = is_media;
                }
            }
            ("link", _) => {
                let written = plain_line(text);
                self.links.extend(written.clone());
                self.link = self.link.take().or(written);
            }
            (_, Some(0)) => self.updated = self.updated.or_else(|| date::parse(text, None)),
            (_, Some(rank)) if rank > self.rank => {
                if let Some(at) = date::parse(text, None) {
                    (self.published, self.rank) = (Some(at), rank);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(entry: &str, is_atom: bool, expected: &str) {
        let found = entries(&format!("<a><b>{entry}</b><item/></a>"), is_atom);
        assert_eq!(found.len(), 2, "{entry}");
        assert_eq!(found[1], Gleaned::default(), "{entry}");
        let at = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let told = [
            found[0].title.clone(),
            at(found[0].published),
            at(found[0].updated),
            found[0].link.clone(),
            found[0].reply_to.clone(),
            Some("no link".to_owned()).filter(|_| found[0].guid_is_no_link),
        ];
        let told: Vec<String> = told.into_iter().flatten().collect();
        assert_eq!(told.join(" | "), expected, "{entry}");
    }

    #[test]
    fn what_the_parser_leaves_is_gleaned() {
        check(
            "<item><dc:title>a &amp; b</dc:title></item>",
            false,
            "a & b",
        );
        check(
            "<item><media:group><media:title>a</media:title></media:group><dc:title>b</dc:title></item>",
            false,
            "b",
        );
        check(
            "<item><title>a</title><image><title>b</title></image></item>",
            false,
            "",
        );
        check(
            "<item><x:created>2002-01-01</x:created><dcterms:issued>2003-12-31</dcterms:issued></item>",
            false,
            "2003-12-31T00:00:00Z",
        );
        check(
            "<entry><source><published>2003-12-31</published></source><modified>2004-01-01</modified></entry>",
            true,
            "2004-01-01T00:00:00Z",
        );
        check(
            "<entry><link>http://a.test/1</link></entry>",
            true,
            "http://a.test/1",
        );
        check(
            "<entry><link rel='enclosure'>http://a.test/1</link></entry>",
            true,
            "",
        );
        check(
            "<item><a10:link href='http://a.test/?b&amp;c'/></item>",
            false,
            "http://a.test/?b&c",
        );
        check(
            "<item><guid isPermaLink='False'>1</guid></item>",
            false,
            "no link",
        );
        check(
            "<entry><thr:in-reply-to ref='tag:1' href='http://a.test/1'/></entry>",
            true,
            "tag:1",
        );
    }
}
