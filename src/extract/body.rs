//! The text of an article in a parsed page: the element that blogs put their posts in, the cleaned
//! result of readability, or the paragraphs of the page.
//!
//! Absent: title, author and date ([`super::article`]).

use std::collections::HashSet;

use dom_query::{Document, NodeRef};

use super::frame::is_frame;
use super::html::{clean, is_block, is_invisible};

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

/// The text of the one element that holds a blog's post, if the page has one.
pub(super) fn post(page: &Document) -> Option<String> {
    container(page, &CONTAINERS)
}

/// The text of the one element that may hold a blog's post and more.
pub(super) fn loose_post(page: &Document) -> Option<String> {
    container(page, &LOOSE_CONTAINERS)
}

fn container(page: &Document, names: &[&str]) -> Option<String> {
    let all = page.root();
    let containers: Vec<NodeRef<'_>> = all
        .descendants_it()
        .filter(|node| {
            let class = node.class();
            class.is_some_and(|class| {
                class
                    .split_ascii_whitespace()
                    .any(|name| names.contains(&name))
            })
        })
        .take(CONTAINERS_MAX + 1)
        .collect();
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
        .map(|node| joined(without_frame(*node, LEFT_OF_POST_PERCENT_MIN)))
        .collect();
    let n_chars: usize = texts.iter().map(|text| n_chars(text)).sum();
    let best = texts.into_iter().max_by_key(String::len)?;
    let is_alone = self::n_chars(&best) * 100 >= n_chars * CONTAINER_PERCENT_MIN;
    (is_alone && !best.is_empty()).then_some(best)
}

/// The text of what readability found, without the frame that it left and without labels at its end.
pub(super) fn tidy(content: &str) -> String {
    let content = Document::fragment(content);
    let mut lines = without_frame(content.root(), LEFT_PERCENT_MIN);
    let n_all: usize = lines.iter().map(|line| n_chars(&line.text)).sum();
    let is_label = |line: &Line| {
        n_chars(&line.text) <= LABEL_CHARS_MAX
            && !line
                .text
                .ends_with(['.', '!', '?', '…', '»', '"', '”', ')', '\''])
            && (line.is_heading
                || line.text.ends_with(':')
                || line.n_link_chars * 2 >= n_visible(&line.text))
    };
    let last = lines.iter().rposition(|line| !is_label(line));
    let n_kept = last.map_or(0, |last| last + 1);
    let n_left: usize = lines[..n_kept].iter().map(|line| n_chars(&line.text)).sum();
    if n_left * 100 >= n_all * LEFT_PERCENT_MIN {
        lines.truncate(n_kept);
    }
    joined(lines)
}

/// Characters of what readability found, without all that bears the name of a frame.
pub(super) fn n_strict_chars(content: &str) -> usize {
    let content = Document::fragment(content);
    let lines = lines(content.root(), true);
    lines.iter().map(|line| n_chars(&line.text)).sum()
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
            blocks.extend(lines(node, true));
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

/// The lines below an element without the frame, unless that would be most of it.
fn without_frame(root: NodeRef<'_>, percent_min: usize) -> Vec<Line> {
    let (all, left) = (lines(root, false), lines(root, true));
    let count = |lines: &[Line]| -> usize { lines.iter().map(|line| n_chars(&line.text)).sum() };
    if count(&left) * 100 >= count(&all) * percent_min {
        left
    } else {
        all
    }
}

/// The visible lines below an element, cleaned.
fn lines(root: NodeRef<'_>, skips_frame: bool) -> Vec<Line> {
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
        if !is_root && (is_invisible(&name) || skips_frame && is_frame(&node, &name)) {
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
    lines
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
