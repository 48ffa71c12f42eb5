//! The text of an article in a parsed page: the element that blogs put their posts in, the cleaned
//! result of readability, or the paragraphs of the page.
//!
//! Absent: title and date ([`super::article`]).

use std::collections::HashSet;

use dom_query::{Document, NodeRef};

use super::frame::is_frame;
use super::html::{clean, clean_line, is_block, is_invisible};

/// Text below one element that is looked at, in bytes.
const TEXT_BYTES_MAX: usize = 256 << 10;
/// Containers of one page that are looked at: a page with more is a list of posts.
const CONTAINERS_MAX: usize = 100;
/// A post's container holds at least this many percent of the text in all of them.
const CONTAINER_PERCENT_MIN: usize = 70;
/// What is left after the frame was taken out, in percent: with less, the names misled us. Under a
/// short post its buttons and related posts may well be longer than itself.
const LEFT_PERCENT_MIN: usize = 70;
const LEFT_OF_POST_PERCENT_MIN: usize = 30;
/// A last line up to this length, without the end of a sentence, may be a label of what is not there.
const LABEL_CHARS_MAX: usize = 60;
/// Text of a block from which on it is running text.
const RUNNING_CHARS: usize = 80;
/// Text right in a `div` from which on it is a paragraph.
const LOOSE_CHARS: usize = 25;

/// Longer than this is no name.
const AUTHOR_CHARS_MAX: usize = 80;

/// Where blogs put a post and nothing else.
const CONTAINERS: [&str; 20] = [
    "entry-content",
    "e-content",
    "post-content",
    "post-body",
    "postbody",
    "post-entry",
    "entry-body",
    "td-post-content",
    "post__content",
    "post__body",
    "entry__content",
    "postcontent",
    "post_content",
    "postContent",
    "blog-post-content",
    "post-text",
    "entrytext",
    "entry-text",
    "the-content",
    "the_content",
];

/// Where some blogs put a post, and others more than that.
const LOOSE_CONTAINERS: [&str; 9] = [
    "entry",
    "storycontent",
    "single-post-content",
    "post-single-content",
    "post-inner",
    "entry-inner",
    "blog-content",
    "single-content",
    "content-single",
];

/// One line of text, and what it was made of.
#[derive(Default)]
struct Line {
    text: String,
    n_link_chars: usize,
    is_heading: bool,
}

/// What the names in a page say, found in one walk through it.
#[derive(Default)]
pub(super) struct Marks {
    /// The text of the one element that holds a blog's post.
    pub(super) post: Option<String>,
    /// The text of the one element that may hold a blog's post and more; not looked for where the
    /// first is long.
    pub(super) loose_post: Option<String>,
    /// Who signs.
    pub(super) author: Option<String>,
}

impl Marks {
    /// A post of `n_sure` characters is enough.
    pub(super) fn of(page: &Document, n_sure: usize) -> Self {
        let (mut posts, mut loose) = (Vec::new(), Vec::new());
        let mut author: Option<(usize, NodeRef<'_>)> = None;
        for node in page.root().descendants_it() {
            let Some(element) = node.element_ref() else {
                continue;
            };
            for attribute in &element.attrs {
                let has = |names: &[&str]| {
                    let mut values = attribute.value.split_ascii_whitespace();
                    values.any(|value| names.contains(&value))
                };
                let rank = match &*attribute.name.local {
                    "class" if has(&CONTAINERS) => {
                        posts.push(node);
                        continue;
                    }
                    "class" if has(&LOOSE_CONTAINERS) => {
                        loose.push(node);
                        continue;
                    }
                    "rel" if has(&["author"]) => 0,
                    "itemprop" if has(&["author"]) => 1,
                    "class" if has(&["fn", "author-name"]) => 2,
                    "class" if has(&["byline"]) => 3,
                    _ => continue,
                };
                if author.is_none_or(|(best, _)| rank < best) {
                    author = Some((rank, node));
                }
            }
        }
        let post = only(&posts);
        let is_sure = post.as_ref().is_some_and(|post| n_chars(post) >= n_sure);
        let author = author.and_then(|(_, node)| clean_line(&node.text()));
        Self {
            post,
            loose_post: if is_sure { None } else { only(&loose) },
            author: author.filter(|name| n_chars(name) <= AUTHOR_CHARS_MAX),
        }
    }
}

/// The text of the one container that holds nearly all that such containers of the page hold.
fn only(containers: &[NodeRef<'_>]) -> Option<String> {
    if containers.len() > CONTAINERS_MAX {
        return None;
    }
    let known: HashSet<_> = containers.iter().map(|node| node.id).collect();
    let is_own = |node: &&NodeRef<'_>| {
        node.ancestors_it(None).all(|above| {
            let name = above.node_name();
            !known.contains(&above.id)
                && !matches!(name.as_deref(), Some("aside" | "nav" | "footer"))
        })
    };
    let texts = containers.iter().filter(is_own);
    let texts: Vec<String> = texts
        .map(|node| joined(without_frame(*node, LEFT_OF_POST_PERCENT_MIN).0))
        .collect();
    let n_all: usize = texts.iter().map(|text| n_chars(text)).sum();
    let best = texts.into_iter().max_by_key(String::len)?;
    let is_alone = n_chars(&best) * 100 >= n_all * CONTAINER_PERCENT_MIN;
    (is_alone && !best.is_empty()).then_some(best)
}

/// What readability found.
pub(super) struct Found {
    lines: Vec<Line>,
    /// Characters without all that bears the name of a frame.
    pub(super) n_strict_chars: usize,
}

impl Found {
    /// In a page that readability has read: it leaves the article in an element of its own.
    pub(super) fn of(page: &Document) -> Self {
        let article = page.select_single("#readability-page-1");
        let root = article.nodes().first().copied();
        let root = root.unwrap_or_else(|| page.root());
        let (lines, n_strict_chars) = without_frame(root, LEFT_PERCENT_MIN);
        Self {
            lines,
            n_strict_chars,
        }
    }

    /// Its text without the frame that it left and without labels at its end.
    pub(super) fn text(mut self) -> String {
        let last = self.lines.iter().rposition(|line| !line.is_label());
        let n_kept = last.map_or(0, |last| last + 1);
        if count(&self.lines[..n_kept]) * 100 >= count(&self.lines) * LEFT_PERCENT_MIN {
            self.lines.truncate(n_kept);
        }
        joined(self.lines)
    }
}

impl Line {
    /// True for what seems to announce something, when nothing comes after it.
    fn is_label(&self) -> bool {
        let ends_sentence = ['.', '!', '?', '…', '»', '"', '”', ')', '\''];
        n_chars(&self.text) <= LABEL_CHARS_MAX
            && !self.text.ends_with(ends_sentence)
            && (self.is_heading
                || self.text.ends_with(':')
                || self.n_link_chars * 2 >= n_visible(&self.text))
    }
}

/// The running text of a page: its paragraphs outside the frame, from the first long one to the last,
/// without those that are mostly links.
pub(super) fn paragraphs(page: &Document) -> String {
    let all = page.root();
    let mut blocks = Vec::new();
    let mut todo: Vec<NodeRef<'_>> = vec![all];
    while let Some(node) = todo.pop() {
        let first = todo.len();
        for child in node.children_it(false) {
            let Some(name) = child.node_name().filter(|_| child.is_element()) else {
                continue;
            };
            if !is_invisible(&name) && !is_frame(&child, &name) {
                todo.push(child);
            }
        }
        todo[first..].reverse();
        let name = node.node_name();
        let is_paragraph = matches!(
            name.as_deref(),
            Some("p" | "blockquote" | "pre" | "li" | "h2" | "h3" | "h4" | "dd" | "dt" | "td")
        );
        if is_paragraph || n_loose_chars(&node) >= LOOSE_CHARS {
            todo.truncate(first);
            blocks.extend(lines(node, true).0);
        }
    }
    blocks.retain(|line| line.n_link_chars * 2 <= n_visible(&line.text));
    let is_running = |line: &Line| n_chars(&line.text) >= RUNNING_CHARS;
    if let Some(last) = blocks.iter().rposition(is_running) {
        blocks.truncate(last + 1);
        let first = blocks.iter().position(is_running).unwrap_or(0);
        blocks.drain(..first);
    }
    joined(blocks)
}

/// Text that stands right in this element, and not in one below it.
fn n_loose_chars(node: &NodeRef<'_>) -> usize {
    let texts = node.children_it(false).filter(NodeRef::is_text);
    texts.map(|text| n_chars(text.text().trim())).sum()
}

/// The lines below an element without the frame, unless that would be most of it, and how many
/// characters are left without it.
fn without_frame(root: NodeRef<'_>, percent_min: usize) -> (Vec<Line>, usize) {
    let (left, has_frame) = lines(root, true);
    let n_left = count(&left);
    if !has_frame {
        return (left, n_left);
    }
    let (all, _) = lines(root, false);
    if n_left * 100 >= count(&all) * percent_min {
        (left, n_left)
    } else {
        (all, n_left)
    }
}

fn count(lines: &[Line]) -> usize {
    lines.iter().map(|line| n_chars(&line.text)).sum()
}

/// The visible lines below an element, cleaned, and whether a frame was skipped.
fn lines(root: NodeRef<'_>, skips_frame: bool) -> (Vec<Line>, bool) {
    let mut has_frame = false;
    let mut lines = vec![Line::default()];
    let mut n_bytes = 0;
    // Each element comes twice: to be entered, and as `None` to be left.
    let mut todo = vec![(Some(root), false, false)];
    let mut n_links = 0_usize;
    while let Some((node, is_block_end, is_link_end)) = todo.pop() {
        let Some(node) = node else {
            n_links -= usize::from(is_link_end);
            if is_block_end {
                lines.push(Line::default());
            }
            continue;
        };
        if node.is_text() {
            let text = node.text();
            n_bytes += text.len();
            if let Some(line) = lines.last_mut() {
                line.text.push_str(&text);
                if n_links > 0 {
                    line.n_link_chars += n_visible(&text);
                }
            }
            if n_bytes > TEXT_BYTES_MAX {
                break;
            }
            continue;
        }
        let name = node.node_name().unwrap_or_default();
        let is_root = node.id == root.id;
        if !is_root && is_invisible(&name) {
            continue;
        }
        if !is_root && skips_frame && is_frame(&node, &name) {
            has_frame = true;
            continue;
        }
        match &*name {
            "br" | "hr" => lines.push(Line::default()),
            "td" | "th" => {
                if let Some(line) = lines.last_mut() {
                    line.text.push(' ');
                }
            }
            _ => {}
        }
        let (is_block, is_link) = (is_block(&name), &*name == "a");
        if is_block {
            lines.push(Line {
                is_heading: matches!(&*name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6"),
                ..Line::default()
            });
        }
        n_links += usize::from(is_link);
        todo.push((None, is_block, is_link));
        todo.extend(
            node.children_it(true)
                .map(|child| (Some(child), false, false)),
        );
    }
    for line in &mut lines {
        // Line breaks of the source text are blanks.
        let text = line.text.split_whitespace().collect::<Vec<_>>().join(" ");
        line.text = clean(&text);
    }
    lines.retain(|line| !line.text.is_empty());
    (lines, has_frame)
}

fn joined(lines: Vec<Line>) -> String {
    let texts: Vec<String> = lines.into_iter().map(|line| line.text).collect();
    texts.join("\n")
}

fn n_chars(text: &str) -> usize {
    text.chars().count()
}

fn n_visible(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}
