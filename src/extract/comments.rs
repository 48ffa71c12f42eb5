//! Comments and forum posts of pages without markup, by what platforms and themes have in common:
//! WordPress, Blogger, Discourse, Drupal, phpBB, XenForo, vBulletin and what resembles them.
//!
//! Absent: comments that a script loads (they are in no page), and what stands within a comment
//! (that is [`super::comment_fields`]).

use scraper::{ElementRef, Html};
use url::Url;

use super::comment_fields::{self as fields, is_comment_word};
use super::html::clean_line;
use super::now::Now;
use super::tree::{self, Step, class_words};
use super::{POSTS_MAX, resolve, web_url};
use crate::model::{How, Post};

/// Blogger numbers its comments with many digits: `c1234567890123`.
const BLOGGER_DIGITS_MIN: usize = 6;
/// A page with a single "forum post" is an article.
const FORUM_POSTS_MIN: usize = 2;

/// The comments of a page, in the order of the document.
pub(super) fn read(page: &Html, base: Option<&Url>, now: Now<'_>) -> Vec<Post> {
    let Some(style) = style(page) else {
        return Vec::new();
    };
    let mut posts: Vec<Post> = Vec::new();
    // Items under way: their mark, and what an answer within them answers.
    let mut open: Vec<(ElementRef<'_>, Mark, Option<String>)> = Vec::new();
    let page_url = base.and_then(web_url);
    tree::walk(page.root_element(), |step| match step {
        Step::Enter(element) => {
            let Some(mark) = mark(element, style) else {
                return;
            };
            // The same number again is the inside of the same comment.
            if mark.key.is_some() && open.iter().any(|(_, outer, _)| *outer == mark) {
                return;
            }
            let post = post(element, &mark, style, base, now);
            let around = open.last().and_then(|(.., here)| here.clone());
            let here = post.url.clone().or_else(|| post.guid.clone());
            let is_known = style != Style::Classed || is_somebodys(&post);
            let is_opener = style == Style::Forum && posts.is_empty();
            if is_known
                && !is_bare_ping(element, &post.text)
                && !post.text.is_empty()
                && posts.len() <= POSTS_MAX
            {
                posts.push(Post {
                    reply_to: around
                        .clone()
                        .or_else(|| page_url.clone().filter(|_| !is_opener)),
                    ..post
                });
            }
            open.push((element, mark, here.or(around)));
        }
        Step::Leave(element) => {
            if open.last().is_some_and(|(last, ..)| *last == element) {
                open.pop();
            }
        }
    });
    posts
}

/// How a page marks its comments; the surest sign that it has is the one that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// `id="comment-12"`, `data-comment-id="12"`.
    Numbered,
    /// `data-post-id="12"`, `id="p12" class="post"`.
    Forum,
    /// `class="comment"`.
    Classed,
}

/// What tells an element as a comment, and from its neighbours.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark {
    key: Option<String>,
}

fn style(page: &Html) -> Option<Style> {
    let (mut n_numbered, mut n_forum, mut n_classed) = (0, 0, 0);
    tree::walk(page.root_element(), |step| {
        if let Step::Enter(element) = step {
            n_numbered += usize::from(mark(element, Style::Numbered).is_some());
            n_forum += usize::from(mark(element, Style::Forum).is_some());
            n_classed += usize::from(mark(element, Style::Classed).is_some());
        }
    });
    if n_numbered > 0 {
        Some(Style::Numbered)
    } else if n_forum >= FORUM_POSTS_MIN {
        Some(Style::Forum)
    } else {
        (n_classed > 0).then_some(Style::Classed)
    }
}

fn mark(element: ElementRef<'_>, style: Style) -> Option<Mark> {
    let key = match style {
        Style::Numbered => Some(numbered(element)?),
        Style::Forum => Some(forum(element)?),
        Style::Classed => {
            if !is_classed(element) {
                return None;
            }
            None
        }
    };
    Some(Mark { key })
}

fn numbered(element: ElementRef<'_>) -> Option<String> {
    if let Some(id) = tree::attribute_of(element, &["data-comment-id", "data-commentid"])
        && is_block(element)
    {
        return Some(id.to_owned());
    }
    let (prefix, number) = split_number(element.attr("id")?)?;
    let last = prefix.rsplit(['-', '_', ':']).next().unwrap_or(prefix);
    let last = last.to_lowercase();
    let is_comment = is_comment_word(last.strip_suffix('s').unwrap_or(&last)) || last == "cmt";
    let is_blogger = prefix == "c"
        && number.len() >= BLOGGER_DIGITS_MIN
        && class_words(element).iter().any(|word| word == "comment");
    (is_block(element) && (is_comment || is_blogger)).then(|| number.to_owned())
}

/// A post of Discourse, phpBB, vBulletin or XenForo.
fn forum(element: ElementRef<'_>) -> Option<String> {
    if !is_block(element) {
        return None;
    }
    if let Some(id) = tree::attribute_of(element, &["data-post-id"]) {
        return Some(id.to_owned());
    }
    if let Some(id) = element
        .attr("data-content")
        .and_then(|id| id.strip_prefix("post-"))
    {
        return Some(id.to_owned());
    }
    let (prefix, number) = split_number(element.attr("id")?)?;
    let prefix = prefix.trim_end_matches(['-', '_']);
    let words = class_words(element);
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    // WordPress marks its articles so.
    let is_article = has("hentry") || has("type") || has("status");
    (matches!(prefix, "p" | "post") && has("post") && !is_article).then(|| number.to_owned())
}

/// `li-comment-12` as `li-comment-` and `12`, without the hyphen.
fn split_number(id: &str) -> Option<(&str, &str)> {
    let digits = id.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (prefix, number) = id.split_at_checked(id.len() - digits)?;
    let prefix = prefix.trim_end_matches(['-', '_', ':']);
    (!number.is_empty() && !prefix.is_empty()).then_some((prefix, number))
}

/// An element with a class that is nothing but the word for a comment.
fn is_classed(element: ElementRef<'_>) -> bool {
    is_block(element)
        && element.value().classes().any(|class| {
            let class = class.to_lowercase();
            let bare: String = class.chars().filter(char::is_ascii_alphanumeric).collect();
            is_comment_word(&bare)
                || ["item", "box", "block", "single", "node", "post"]
                    .iter()
                    .any(|part| {
                        let is_one = |whole: Option<&str>| whole.is_some_and(is_comment_word);
                        is_one(bare.strip_suffix(part)) || is_one(bare.strip_prefix(part))
                    })
        })
}

fn is_block(element: ElementRef<'_>) -> bool {
    matches!(
        element.value().name(),
        "li" | "div"
            | "article"
            | "section"
            | "dd"
            | "dl"
            | "tr"
            | "td"
            | "table"
            | "p"
            | "blockquote"
    )
}

/// A link from another page that tells only its title, which is nothing that anybody said here.
fn is_bare_ping(element: ElementRef<'_>, text: &str) -> bool {
    (tree::has_class(element, "pingback") || tree::has_class(element, "trackback"))
        && ["pingback", "trackback"].iter().any(|word| {
            let begun = text.get(..word.len());
            begun.is_some_and(|begun| begun.eq_ignore_ascii_case(word))
        })
}

/// A class alone is a weak sign: a comment has an author or a date.
fn is_somebodys(post: &Post) -> bool {
    post.author.is_some() || post.published.is_some()
}

fn post(
    item: ElementRef<'_>,
    own_mark: &Mark,
    style: Style,
    base: Option<&Url>,
    now: Now<'_>,
) -> Post {
    let is_other = |element: ElementRef<'_>| {
        mark(element, style).is_some_and(|mark| mark.key.is_none() || mark != *own_mark)
    };
    let own = tree::own(item, is_other);
    let id = own_id(item, &own, own_mark);
    let link = fields::permalink(&own, own_mark.key.as_deref())
        .and_then(|link| resolve(link, base))
        .or_else(|| {
            let mut url = base?.clone();
            url.set_fragment(Some(id?));
            web_url(&url)
        });
    let guid = match style {
        Style::Numbered => own_mark.key.as_ref().map(|key| format!("comment-{key}")),
        Style::Forum => own_mark.key.as_ref().map(|key| format!("post-{key}")),
        Style::Classed => id.map(str::to_owned),
    };
    Post {
        guid: guid.and_then(|guid| clean_line(&guid)),
        text: fields::text(item, &own, style == Style::Forum, &is_other),
        author: fields::author(item, &own),
        url: link,
        published: fields::date(item, &own, &is_other, now),
        rating: fields::rating(&own),
        how: How::Comments,
        ..Post::default()
    }
}

/// The id that a link to the comment names: its own, or that of the element within it.
fn own_id<'a>(item: ElementRef<'a>, own: &[ElementRef<'a>], mark: &Mark) -> Option<&'a str> {
    let id = item.attr("id").filter(|id| !id.starts_with("li-"));
    let inner = || {
        let key = mark.key.as_deref()?;
        let ids = own.iter().filter_map(|element| element.attr("id"));
        ids.into_iter().find(|id| {
            let number = split_number(id).map(|(_, number)| number);
            number == Some(key) && !id.starts_with("div-")
        })
    };
    id.or_else(inner).or_else(|| item.attr("id"))
}
