//! What stands within one comment: its text without its frame, its author, its date, its rating.
//!
//! Absent: where a comment begins and ends; that is [`super::comments`].

use scraper::ElementRef;

use super::html::{clean_line, visible_unless};
use super::now::Now;
use super::tree::{attribute_of, class_words, has_class};
use super::{date, rating};
use crate::model::Timestamp;

/// Elements of one comment that are tried for its author or its date: they may lie within each other.
const TRIED_MAX: usize = 4;
/// Longer names are sentences.
const AUTHOR_CHARS_MAX: usize = 80;

/// The word for a comment, in the languages that themes are made in.
pub(super) fn is_comment_word(word: &str) -> bool {
    matches!(
        word,
        "comment"
            | "comentario"
            | "comentari"
            | "commentaire"
            | "commento"
            | "kommentar"
            | "comentário"
            | "reply"
            | "respuesta"
    )
}

/// Classes of what frames a comment: who, when, and what can be done about it.
const FRAME: &[&str] = &[
    "author",
    "autor",
    "vcard",
    "avatar",
    "gravatar",
    "meta",
    "metadata",
    "commentmetadata",
    "date",
    "fecha",
    "time",
    "datetime",
    "timestamp",
    "reply",
    "says",
    "actions",
    "action",
    "edit",
    "permalink",
    "awaiting",
    "moderation",
    "share",
    "likes",
    "like",
    "vote",
    "votes",
    "rating",
    "stars",
    "badge",
    "tools",
    "buttons",
    "footer",
    "header",
    "head",
    "info",
    "signature",
    "controls",
    "report",
    "flag",
    "username",
    "nickname",
    "postprofile",
    "respond",
    "toolbar",
];

/// The text: that of the element that is named for it, else its paragraphs, else all but the frame.
pub(super) fn text<'a>(
    item: ElementRef<'a>,
    own: &[ElementRef<'a>],
    is_forum: bool,
    is_other: &dyn Fn(ElementRef<'_>) -> bool,
) -> String {
    let is_skipped = |element: ElementRef<'_>| is_other(element) || is_frame(element);
    let named = own
        .iter()
        .filter_map(|element| Some((content_rank(*element, is_forum)?, *element)))
        // "comment-content content-meta" is the content all the same.
        .filter(|(rank, element)| *rank == 0 || !is_frame(*element))
        .min_by_key(|(rank, _)| *rank);
    match named {
        Some((rank, content)) if rank < WRAPPER => {
            let said = visible_unless(content, &is_skipped);
            if said.is_empty() {
                visible_unless(content, is_other)
            } else {
                said
            }
        }
        None if is_forum => String::new(),
        wrapper => {
            let root = wrapper.map_or(item, |(_, content)| content);
            paragraphs(own, &is_skipped).unwrap_or_else(|| visible_unless(root, &is_skipped))
        }
    }
}

/// From this rank on an element holds the text and its frame.
const WRAPPER: u8 = 2;

/// How surely an element is the text alone: 0 is surest.
fn content_rank(element: ElementRef<'_>, is_forum: bool) -> Option<u8> {
    if matches!(
        element.attr("itemprop"),
        Some("text" | "commentText" | "reviewBody")
    ) {
        return Some(0);
    }
    let words = class_words(element);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    if is_forum {
        let known = [
            "cooked",
            "bbWrapper",
            "message-body",
            "post_body",
            "postcontent",
        ];
        let surest = known.iter().any(|class| has_class(element, class));
        let id = element.attr("id").unwrap_or_default();
        if surest || id.starts_with("post_message_") {
            return Some(0);
        }
        let is_only = words.len() == 1 && has(&["content", "posttext", "message"]);
        return if is_only {
            Some(1)
        } else {
            has(&["postbody"]).then_some(WRAPPER)
        };
    }
    let is_comment = words.iter().any(|word| is_comment_word(word)) || has(&["review"]);
    let joined = has(&["commenttext", "commentcontent", "commentbody"]);
    let texts = [
        "content", "text", "txt", "texto", "copy", "message", "msg", "entry", "inhalt",
    ];
    if has(&["commenttext", "commentcontent"]) || is_comment && has(&texts) {
        return Some(0);
    }
    let is_small = words.len() <= 2;
    if is_small && has(&texts) && !joined {
        return Some(1);
    }
    (joined || has(&["body"]) && (is_comment || is_small)).then_some(WRAPPER)
}

fn is_frame(element: ElementRef<'_>) -> bool {
    let name = element.value().name();
    if matches!(
        name,
        "header" | "footer" | "form" | "button" | "time" | "nav" | "cite"
    ) {
        return name != "cite" || has_class(element, "fn");
    }
    let is_framing = class_words(element)
        .iter()
        .any(|word| FRAME.contains(&word.as_str()));
    is_framing || attribute_of(element, &["itemprop"]).is_some_and(|is| is == "author")
}

/// The paragraphs, lists and quotations beside the first paragraph that is no frame.
fn paragraphs(
    own: &[ElementRef<'_>],
    is_skipped: &dyn Fn(ElementRef<'_>) -> bool,
) -> Option<String> {
    let in_frame = |element: &ElementRef<'_>| {
        let around = element.ancestors().filter_map(ElementRef::wrap);
        // The frame of a comment is never deep.
        is_skipped(*element) || around.take(FRAME_DEPTH).any(is_frame)
    };
    let first = own
        .iter()
        .find(|element| element.value().name() == "p" && !in_frame(element))?;
    let root = first.parent().and_then(ElementRef::wrap)?;
    let texts: Vec<String> = root
        .child_elements()
        .filter(|child| {
            let name = child.value().name();
            matches!(name, "p" | "blockquote" | "ul" | "ol" | "pre" | "h3" | "h4")
        })
        .filter(|child| !is_skipped(*child))
        .map(|child| visible_unless(child, is_skipped))
        .filter(|text| !text.is_empty())
        .collect();
    Some(texts.join("\n")).filter(|text| !text.is_empty())
}

/// Elements around a paragraph that are looked at.
const FRAME_DEPTH: usize = 3;

/// Who says it.
pub(super) fn author(item: ElementRef<'_>, own: &[ElementRef<'_>]) -> Option<String> {
    let ranked = own
        .iter()
        .filter_map(|element| Some((author_rank(*element)?, *element)));
    let mut ranked: Vec<(u8, ElementRef<'_>)> = ranked.collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    let named = ranked.iter().take(TRIED_MAX).find_map(|(_, element)| {
        let text = visible_unless(*element, &|inner| {
            let words = class_words(inner);
            let beside = ["says", "date", "time", "meta", "metadata", "title", "on"];
            inner.value().name() == "time"
                || words.iter().any(|word| beside.contains(&word.as_str()))
        });
        name(&text)
    });
    named
        .or_else(|| attribute_of(item, &["data-author", "data-username"]).and_then(name))
        .or_else(|| {
            let mut lines = own.iter().filter(|element| is_byline(**element));
            let mut tried = lines.by_ref().take(TRIED_MAX);
            tried.find_map(|element| byline(*element))
        })
}

fn author_rank(element: ElementRef<'_>) -> Option<u8> {
    if has_class(element, "fn") {
        return Some(0);
    }
    if matches!(element.attr("itemprop"), Some("author" | "creator")) {
        return Some(1);
    }
    let words = class_words(element);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    if has(&[
        "avatar", "gravatar", "date", "time", "link", "links", "reply",
    ]) {
        return None;
    }
    let who = [
        "author", "autor", "user", "username", "usuario", "nick", "nickname",
    ];
    if has(&who) && has(&["name", "nombre"]) || has(&["username", "nickname"]) {
        return Some(2);
    }
    if has(&who) || has(&["poster", "creator"]) {
        return Some(3);
    }
    match element.value().name() {
        // How WordPress marks the link to an author's own site.
        "a" if has(&["url"]) => Some(2),
        "cite" => Some(4),
        _ if words.len() <= 2 && has(&["name", "nombre"]) => Some(5),
        "h2" | "h3" | "h4" | "h5" | "h6" if has(&["heading", "comauth"]) => Some(6),
        "strong" | "b"
            if element
                .parent()
                .and_then(ElementRef::wrap)
                .is_some_and(is_frame) =>
        {
            Some(6)
        }
        _ => None,
    }
}

/// "Reply to Ana", as WordPress labels its links, and "Posted by Ana on …".
fn byline(element: ElementRef<'_>) -> Option<String> {
    if has_class(element, "comment-reply-link") {
        let label = attribute_of(element, &["data-replyto", "aria-label"])?;
        let after = [" to ", " a ", " à ", " auf ", " ao ", " en "];
        let begun = after.iter().filter_map(|word| label.split_once(word));
        return begun
            .min_by_key(|(before, _)| before.len())
            .and_then(|(_, who)| name(who));
    }
    let text = visible_unless(element, &|inner| inner.value().name() == "button");
    let line = text.lines().next()?;
    let begun = ["by ", "por ", "par ", "von ", "da ", "di ", "per ", "de "];
    let folded = line.to_lowercase();
    let who = begun.iter().find_map(|word| {
        let at = match folded.find(&format!(" {word}")) {
            Some(at) => at + 1,
            None => folded.starts_with(word).then_some(0)?,
        };
        line.get(at + word.len()..)
    })?;
    let ends = [
        " on ", " am ", " at ", " el ", " le ", " em ", " il ", " — ", " – ", " - ", ", ", " | ",
        " @ ", " · ",
    ];
    let end = ends.iter().filter_map(|end| who.find(end)).min();
    name(&who[..end.unwrap_or(who.len())])
}

/// An element whose class says that it tells who and when, or the link to answer somebody.
fn is_byline(element: ElementRef<'_>) -> bool {
    let words = class_words(element);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    has(&["meta", "metas", "metadata", "submitted", "byline", "posted"])
        || has_class(element, "comment-reply-link")
}

/// A name without the verb that themes put after it.
fn name(text: &str) -> Option<String> {
    const VERBS: [&str; 20] = [
        "dice",
        "dijo",
        "comentó",
        "escribió",
        "ha dicho",
        "says",
        "said",
        "wrote",
        "diz",
        "disse",
        "a dit",
        "dit",
        "schreibt",
        "schrieb",
        "sagt",
        "sagte",
        "ha detto",
        "scrive",
        "diu",
        "on",
    ];
    let line = clean_line(text.lines().next()?)?;
    let mut name = line.trim_end_matches([':', ',', '|', '-', '·']).trim_end();
    for verb in VERBS {
        if let Some(bare) = name.strip_suffix(verb)
            && bare.ends_with(' ')
        {
            name = bare.trim_end();
            break;
        }
    }
    let is_name = !name.is_empty() && name.chars().count() <= AUTHOR_CHARS_MAX;
    is_name.then(|| name.to_owned())
}

/// When it was said: what is for machines first, then what is named for it.
pub(super) fn date(
    item: ElementRef<'_>,
    own: &[ElementRef<'_>],
    is_other: &dyn Fn(ElementRef<'_>) -> bool,
    now: Now<'_>,
) -> Option<Timestamp> {
    let machine = ["datetime", "data-time", "data-timestamp", "data-date"];
    let exact = own.iter().filter_map(|element| {
        let dated = matches!(
            element.attr("itemprop"),
            Some("datePublished" | "dateCreated" | "commentTime")
        );
        attribute_of(*element, &machine)
            .or_else(|| attribute_of(*element, &["content"]).filter(|_| dated))
    });
    let mut exact = exact.filter_map(|raw| date::parse(raw, Some(now)));
    exact
        .next()
        .or_else(|| named_date(own, now))
        .or_else(|| bare_date(item, is_other, now))
}

/// The date in an element that is named for it.
fn named_date(own: &[ElementRef<'_>], now: Now<'_>) -> Option<Timestamp> {
    let mut ranked: Vec<(u8, ElementRef<'_>)> = own
        .iter()
        .filter_map(|element| Some((date_rank(*element)?, *element)))
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.iter().take(TRIED_MAX).find_map(|(_, element)| {
        let title = attribute_of(*element, &["title"]).map(str::to_owned);
        let text = visible_unless(*element, &|inner| {
            has_class(inner, "fn") || inner.value().name() == "button"
        });
        let lines = text.lines().map(str::to_owned);
        title
            .into_iter()
            .chain(clean_line(&text))
            .chain(lines)
            .find_map(|raw| date::parse(&raw, Some(now)))
    })
}

/// The date in a short line at the comment's beginning or end; only one with a year is sure enough.
fn bare_date(
    item: ElementRef<'_>,
    is_other: &dyn Fn(ElementRef<'_>) -> bool,
    now: Now<'_>,
) -> Option<Timestamp> {
    let text = visible_unless(item, is_other);
    let lines: Vec<&str> = text.lines().collect();
    let first = lines.iter().take(BARE_LINES);
    let last = lines.iter().skip(BARE_LINES).rev().take(BARE_LINES);
    let has_year = |line: &str| {
        line.split(|c: char| !c.is_ascii_digit())
            .any(|number| number.len() == 4 && number.starts_with(['1', '2']))
    };
    first
        .chain(last)
        .filter(|line| line.chars().count() <= BARE_LINE_CHARS_MAX && has_year(line))
        .find_map(|line| date::parse(line, Some(now)))
}

/// Lines at either end of a comment in which a bare date is looked for, and their length.
const BARE_LINES: usize = 3;
const BARE_LINE_CHARS_MAX: usize = 60;

fn date_rank(element: ElementRef<'_>) -> Option<u8> {
    let words = class_words(element);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    let name = element.value().name();
    if name == "time"
        || has(&[
            "date",
            "fecha",
            "datetime",
            "timestamp",
            "datum",
            "published",
        ])
    {
        return Some(0);
    }
    if has(&[
        "time",
        "posted",
        "ago",
        "metadata",
        "commentmetadata",
        "permalink",
    ]) {
        return Some(1);
    }
    if name == "a" && element.attr("href").is_some_and(|href| href.contains('#')) {
        return Some(2);
    }
    let is_head = has(&[
        "meta",
        "metas",
        "info",
        "head",
        "header",
        "submitted",
        "byline",
    ]);
    (is_head || matches!(name, "header" | "footer" | "small")).then_some(3)
}

/// The link that names this very comment.
pub(super) fn permalink<'a>(own: &[ElementRef<'a>], key: Option<&str>) -> Option<&'a str> {
    let links = own.iter().filter(|element| element.value().name() == "a");
    let mut hrefs = links.filter_map(|link| Some((*link, link.attr("href")?)));
    hrefs.find_map(|(link, href)| {
        let (_, fragment) = href.split_once('#').unwrap_or((href, ""));
        let is_numbered = key.is_some_and(|key| {
            let before = fragment.strip_suffix(key);
            before.is_some_and(|before| !before.ends_with(|c: char| c.is_ascii_digit()))
        });
        let is_answer = href.contains("replytocom") || fragment.contains("respond");
        let is_link = is_numbered || has_class(link, "permalink");
        (is_link && !is_answer).then_some(href)
    })
}

/// The stars that came with it, if any.
pub(super) fn rating(own: &[ElementRef<'_>]) -> Option<f64> {
    own.iter().find_map(|element| {
        let words = class_words(*element);
        let is_rated = words
            .iter()
            .any(|word| matches!(word.as_str(), "rating" | "stars" | "star" | "ratings"));
        let said = ["aria-label", "title", "alt", "data-rating", "data-value"];
        if is_rated {
            attribute_of(*element, &said).and_then(rating::parse)
        } else {
            None
        }
    })
}
