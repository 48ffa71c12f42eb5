//! Broken XML feeds made readable: every tag closed, every ampersand escaped, nothing expanded.
//!
//! What comes out is well-formed by construction and is read by feed-rs again, as a whole or in parts
//! ([`super::cut`]). Absent: any understanding of what the elements mean beyond their names.

use super::gate::{NESTING_MAX, is_entry, is_text_element, local};
use super::lexer::{Piece, Rules, Start, pieces};
use super::mend::{self, Dialect};

/// A document that is well-formed now, and what was seen on the way.
#[derive(Debug)]
pub(super) struct Repaired {
    pub(super) text: String,
    /// Entries that the document has, also those that could not be kept.
    pub(super) n_entries: usize,
    /// The root was closed: nothing is missing at the end.
    pub(super) is_whole: bool,
}

/// The whole document, repaired; what follows the last complete entry is cut off.
pub(super) fn repaired(text: &str) -> Repaired {
    let mut mender = Mender::new(text);
    let mut tags = pieces(text, Rules::XmlLoose);
    while let Some((at, piece)) = tags.next() {
        let raw = &text[at..tags.position()];
        match piece {
            Piece::Text(said) => mender.text(said),
            Piece::CData(said) | Piece::CDataOpen(said) => {
                let whole = matches!(piece, Piece::CData(_));
                let end = mender.cdata(said, whole);
                if let Some(end) = end {
                    tags.jump(at + "<![CDATA[".len() + end);
                }
            }
            Piece::Start(start) => {
                let name = mend::canonical(start.name);
                mender.start(&Start { name, ..start }, raw);
            }
            Piece::End(name) => mender.end(mend::canonical(name), raw),
            Piece::Other => {}
        }
    }
    mender.finish()
}

/// Sections that never end and hide entries are looked into so many times.
const STRAY_MAX: usize = 8;

struct Mender<'a> {
    out: String,
    open: Vec<Open<'a>>,
    dialect: Dialect,
    /// Where the entry that is being written begins, and how many elements were open before it.
    entry: Option<(usize, usize)>,
    /// The names open inside a text element, whose markup is written escaped.
    inside: Option<Vec<&'a str>>,
    n_entries: usize,
    /// Marks of sections that were ignored.
    n_stray: usize,
}

struct Open<'a> {
    /// As the document calls it.
    name: &'a str,
    /// As it is written.
    written: String,
    begins_at: usize,
    content_at: usize,
    has_child: bool,
}

impl<'a> Mender<'a> {
    fn new(text: &str) -> Self {
        Self {
            out: String::with_capacity(text.len() + text.len() / 8),
            open: Vec::new(),
            dialect: Dialect::Rss,
            entry: None,
            inside: None,
            n_entries: 0,
            n_stray: 0,
        }
    }

    fn text(&mut self, said: &str) {
        if self.open.is_empty() {
            return;
        }
        if self.entry.is_none() && self.inside.is_none() {
            // A tag so broken that it is read as text.
            self.n_entries += usize::from(said.contains("<item") || said.contains("<entry"));
        }
        let top = self.open.last().map_or("", |open| local(open.name));
        if matches!(top, "author" | "managingEditor" | "webMaster" | "creator")
            && said.contains('@')
        {
            // feed-rs slices one byte off each side of an address: it must be ASCII.
            mend::escape_text(&mend::spaced(said), &mut self.out);
        } else {
            mend::escape_text(said, &mut self.out);
        }
    }

    /// Returns where the section really ends if it is not where its mark says.
    fn cdata(&mut self, said: &str, whole: bool) -> Option<usize> {
        if self.open.is_empty() {
            return None;
        }
        let name = self.open.last().map_or("", |open| open.name);
        let is_container = matches!(local(name), "feed" | "rss" | "RDF" | "channel");
        if is_container && !whole && self.n_stray < STRAY_MAX {
            self.n_stray += 1;
            return Some(0);
        }
        let swallowed = !whole || said.contains("<![CDATA[");
        let end = said.find(&format!("</{name}")).filter(|_| swallowed);
        let said = &said[..end.unwrap_or(said.len())];
        self.out.push_str("<![CDATA[");
        self.out.extend(said.chars().filter(|c| mend::is_xml(*c)));
        self.out.push_str("]]>");
        end
    }

    fn start(&mut self, start: &Start<'a>, raw: &str) {
        let name = local(start.name);
        // In HTML a link has attributes.
        let is_link = name == "link" && start.attributes.is_empty() && self.dialect == Dialect::Rss;
        if let Some(inner) = &mut self.inside {
            if !mend::is_feed_level(start.name) && !is_link {
                if !start.is_empty && !mend::is_void(name) && inner.len() < 64 {
                    inner.push(start.name);
                }
                mend::escape_markup(raw, &mut self.out);
                return;
            }
            self.pop();
        }
        if self.open.is_empty() {
            self.root(start);
        } else if is_entry(name) {
            self.before_entry();
        }
        let written = mend::element_name(start.name, self.dialect, self.open.is_empty());
        let begins_at = self.out.len();
        let is_root = self.open.is_empty();
        self.out.push('<');
        self.out.push_str(&written);
        let is_xhtml = mend::attributes(start, self.dialect, is_root, &mut self.out);
        if is_entry(name) {
            self.n_entries += usize::from(self.entry.is_none());
            self.entry = self.entry.or(Some((begins_at, self.open.len())));
        }
        if start.is_empty {
            self.out.push_str("/>");
            self.drop_if_hollow(&written, begins_at, self.out.len());
            if is_entry(name) {
                self.entry = None;
            }
            return;
        }
        self.out.push('>');
        if self.open.len() >= NESTING_MAX {
            // The gate lets no more through; end tags would have to look through all of them.
            self.out.truncate(begins_at);
            return;
        }
        self.open.push(Open {
            name: start.name,
            written,
            begins_at,
            content_at: self.out.len(),
            has_child: false,
        });
        if is_text_element(start.name) && !is_xhtml {
            self.inside = Some(Vec::new());
        }
    }

    fn root(&mut self, start: &Start<'_>) {
        self.dialect = Dialect::of_root(local(start.name));
        if matches!(local(start.name), "channel" | "item") {
            self.push_made("rss", "<rss version=\"2.0\">");
        }
        if local(start.name) == "item" {
            self.push_made("channel", "<channel>");
        }
    }

    /// Entries stand side by side, and for RSS in a channel.
    fn before_entry(&mut self) {
        if let Some((_, depth)) = self.entry {
            self.pop_to(depth);
        }
        let has_channel = self.open.iter().any(|open| local(open.name) == "channel");
        if self.dialect == Dialect::Rss && !has_channel {
            self.pop_to(1);
            self.push_made("channel", "<channel>");
        }
    }

    fn push_made(&mut self, name: &'static str, tag: &str) {
        let begins_at = self.out.len();
        self.out.push_str(tag);
        self.open.push(Open {
            name,
            written: name.to_owned(),
            begins_at,
            content_at: self.out.len(),
            has_child: false,
        });
    }

    fn end(&mut self, name: &'a str, raw: &str) {
        if let Some(inner) = &mut self.inside {
            let own = self.open.last().map_or("", |open| open.name);
            if let Some(at) = inner.iter().rposition(|open| *open == name) {
                inner.truncate(at);
                mend::escape_markup(raw, &mut self.out);
                return;
            }
            if name != own
                && !mend::is_feed_level(name)
                && (!inner.is_empty() || mend::is_html(name))
            {
                mend::escape_markup(raw, &mut self.out);
                return;
            }
            self.pop();
            if name == own {
                return;
            }
        }
        let is_channel_of_rss = self.dialect == Dialect::Rss && local(name) == "channel";
        match self.open.iter().rposition(|open| open.name == name) {
            // Items after the channel still belong to it.
            Some(at) if is_channel_of_rss => self.pop_to(at + 1),
            Some(at) => self.pop_to(at),
            None => self.misspelt_end(),
        }
    }

    /// An end tag of nothing that is open ends a leaf, and is dropped elsewhere.
    fn misspelt_end(&mut self) {
        let depth = self.open.len();
        if self.entry.is_none_or(|(_, within)| depth <= within + 1) {
            return;
        }
        let top = self.open.last();
        if top.is_some_and(|open| !open.has_child) {
            self.pop();
        }
    }

    fn pop_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            self.pop();
        }
    }

    fn pop(&mut self) {
        self.inside = None;
        let Some(open) = self.open.pop() else {
            return;
        };
        let content_at = open.content_at;
        let is_hollow = content_at == self.out.len();
        self.out.push_str("</");
        self.out.push_str(&open.written);
        self.out.push('>');
        if let Some(parent) = self.open.last_mut() {
            parent.has_child = true;
        }
        if is_hollow {
            self.drop_if_hollow(&open.written, open.begins_at, self.out.len());
        }
        if self
            .entry
            .is_some_and(|(_, depth)| self.open.len() <= depth)
        {
            self.entry = None;
        }
    }

    /// feed-rs refuses the whole feed for one of these without text.
    fn drop_if_hollow(&mut self, written: &str, begins_at: usize, ends_at: usize) {
        if written.starts_with("media:") && !self.out[begins_at..ends_at].contains('=') {
            self.out.truncate(begins_at);
        }
    }

    fn finish(mut self) -> Repaired {
        let is_whole = self.open.is_empty() && !self.out.is_empty();
        if let Some((begins_at, depth)) = self.entry.take() {
            // An entry that ends with the document has lost its tail: half a post is a false post.
            self.out.truncate(begins_at);
            self.open.truncate(depth);
        }
        self.pop_to(0);
        Repaired {
            text: self.out,
            n_entries: self.n_entries,
            is_whole,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(broken: &str, expected: &str) {
        let mended = repaired(broken).text;
        let start = mended.find("<channel>").map_or(0, |at| at + 9);
        let end = mended.rfind("</channel>").unwrap_or(mended.len());
        assert_eq!(&mended[start..end], expected);
    }

    #[test]
    fn items_are_mended() {
        let rss = |items: &str| format!("<rss><channel>{items}</channel></rss>");
        check(
            &rss("<item><title>AT&T & co &nbsp; &#150; &#0;</title></item>"),
            "<item><title>AT&amp;T &amp; co &nbsp; – </title></item>",
        );
        check(
            &rss("<item><title>co <b>bold</b> x</title></item>"),
            "<item><title>co &lt;b>bold&lt;/b> x</title></item>",
        );
        check(
            &rss("<item><title>a</titel><link>b</link></item>"),
            "<item><title>a</title><link>b</link></item>",
        );
        check(
            &rss("<item><link>a</lnik><guid>b</guid></item>"),
            "<item><link>a</link><guid>b</guid></item>",
        );
        check(
            &rss("<item><title>a<item><title>b</title></item>"),
            "<item><title>a</title></item><item><title>b</title></item>",
        );
        check(
            "<rss><channel><item><title>a</title></item><item><title>b</tit",
            "<item><title>a</title></item>",
        );
        check(
            &rss("<item><description><![CDATA[a</description></item><item><title>b</title></item>"),
            "<item><description><![CDATA[a]]></description></item><item><title>b</title></item>",
        );
        check(
            "<rss><channel></channel><item><title>a</title></item></rss>",
            "<item><title>a</title></item>",
        );
        check(
            &rss("<item><media:description></media:description><guid>a</guid></item>"),
            "<item><guid>a</guid></item>",
        );
        check(
            &rss("<item><author>María «m@x.es»</author></item>"),
            "<item><author>María « m@x.es »</author></item>",
        );
        check(
            &rss("<item><description>a<link>b</link></item>"),
            "<item><description>a</description><link>b</link></item>",
        );
        check(
            "<rss><channel><![CDATA[<item><title>a</title></item></channel></rss>",
            "<item><title>a</title></item>",
        );
        check(
            &rss("<item><title>a</title><link b=\"c></link></item>"),
            "<item><title>a</title><link b=\"c\"></link></item>",
        );
        check(
            "<RSS><CHANNEL><ITEM><TITLE>a</TITLE><PubDate>b</PubDate></ITEM></CHANNEL></RSS>",
            "<item><title>a</title><pubDate>b</pubDate></item>",
        );
        check(
            &rss("<item><title>3 < 4</title></item>"),
            "<item><title>3 &lt; 4</title></item>",
        );
    }
}
