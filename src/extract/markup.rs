//! All that a page says by itself about its reviews and comments: JSON-LD, microdata, RDFa,
//! microformats, and the rules for comments; each opinion once.
//!
//! Absent: what the configuration says about a page.

use std::collections::HashMap;

use scraper::Html;
use url::Url;

use super::lexer::{Piece, Rules, attribute, pieces};
use super::now::Now;
use super::plain::plain_text;
use super::{Extracted, Gates, POSTS_MAX, comments, contained, h_review, html_gate, json_ld};
use super::{microdata, rdfa, resolve};
use crate::model::{Post, digest_hex};

/// What is to be read of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Reviews and comments that are marked up.
    Marked,
    /// These, and comments by general rules.
    All,
    /// Only what answers the page: its comments.
    Comments,
}

/// The feed of this very page's comments, of WordPress or Blogger: it has all of them.
pub(super) fn comment_feed(html: &str, base: Option<&Url>) -> Option<String> {
    let page = base?;
    let own = format!("{}/feed", page.path().trim_end_matches('/'));
    let feeds = pieces(html, Rules::Html).filter_map(|(_, piece)| match piece {
        Piece::Start(start) if start.name.eq_ignore_ascii_case("link") => {
            let kind = attribute(start.attributes, "type")?;
            let href = attribute(start.attributes, "href")?;
            (kind.contains("rss") || kind.contains("atom")).then(|| plain_text(href))
        }
        _ => None,
    });
    feeds.filter_map(|href| resolve(&href, base)).find(|feed| {
        let path = Url::parse(feed).map_or(String::new(), |feed| feed.path().to_owned());
        let path = path.trim_end_matches('/');
        let is_wordpress = path == own && own != "/feed";
        let is_blogger = path.ends_with("/comments/default") && path != "/feeds/comments/default";
        is_wordpress || is_blogger
    })
}

/// Never fails: a page whose tree cannot be built still has its JSON-LD.
pub(super) fn read(
    html: &str,
    wanted: Wanted,
    base: Option<&Url>,
    now: Now<'_>,
    gates: Gates,
) -> Extracted {
    let mut found = json_ld::read(html, base, now);
    let marks = Marks::of(html);
    if !marks.is_any(wanted) {
        return only(wanted, found);
    }
    let read = html_gate::html(html, gates).and_then(|()| {
        contained("the page", || {
            let page = Html::parse_document(html);
            let mut posts = Vec::new();
            if marks.microdata {
                posts.extend(microdata::read(&page, base, now));
            }
            if marks.rdfa {
                posts.extend(rdfa::read(&page, base, now));
            }
            if marks.microformats {
                posts.extend(h_review::read(&page, base, now));
            }
            if wanted != Wanted::Marked {
                posts.extend(comments::read(&page, base, now));
            }
            posts
        })
    });
    match read {
        Ok(posts) => found.posts = once(found.posts.into_iter().chain(posts)),
        Err(problem) => found.problems.push(problem.softened()),
    }
    only(wanted, found)
}

fn only(wanted: Wanted, mut found: Extracted) -> Extracted {
    if wanted == Wanted::Comments {
        found.posts.retain(|post| post.reply_to.is_some());
    }
    found
}

/// What may be in a page, by its bytes: most pages have none of it, and need no tree.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each kind of markup may be there or not"
)]
struct Marks {
    microdata: bool,
    rdfa: bool,
    microformats: bool,
    comments: bool,
}

impl Marks {
    fn of(html: &str) -> Self {
        let has = |mark: &str| html.contains(mark);
        Self {
            microdata: has("itemscope") && (has("Review") || has("Comment") || has("Posting")),
            rdfa: has("typeof") && (has("Review") || has("Comment") || has("Posting")),
            microformats: has("h-review") || has("hreview") || has("h-cite") || has("-comment"),
            comments: ["comment", "coment", "ommentaire", "komment", "post"]
                .iter()
                .any(|word| has(word)),
        }
    }

    fn is_any(&self, wanted: Wanted) -> bool {
        self.microdata
            || self.rdfa
            || self.microformats
            || self.comments && wanted != Wanted::Marked
    }
}

/// Each opinion once, with what any of its readings knows. The first reading is the surest.
fn once(posts: impl Iterator<Item = Post>) -> Vec<Post> {
    let mut kept: Vec<Post> = Vec::new();
    let mut by_text: HashMap<String, Vec<usize>> = HashMap::new();
    for post in posts {
        if kept.len() > POSTS_MAX {
            break;
        }
        let said = letters(&post.text);
        if said.is_empty() {
            kept.push(post);
            continue;
        }
        let same = by_text.entry(digest_hex(&[&said])).or_default();
        let author = post.author.as_deref().map(letters);
        // Few say the very same words; when thousands do, the last ones are compared.
        let earlier = same.iter().rev().take(SAME_TEXT_MAX).copied().find(|at| {
            let earlier = &kept[*at];
            let other = earlier.author.as_deref().map(letters);
            // One reading that shows the same words twice shows two of the same opinion.
            let is_twice = earlier.how == post.how && earlier.guid != post.guid;
            !is_twice && (author.is_none() || other.is_none() || other == author)
        });
        if let Some(at) = earlier {
            complete(&mut kept[at], post);
        } else {
            same.push(kept.len());
            kept.push(post);
        }
    }
    kept
}

/// Authors with the same words that are compared.
const SAME_TEXT_MAX: usize = 50;

fn complete(kept: &mut Post, other: Post) {
    kept.guid = kept.guid.take().or(other.guid);
    kept.title = kept.title.take().or(other.title);
    kept.author = kept.author.take().or(other.author);
    kept.url = kept.url.take().or(other.url);
    kept.published = kept.published.or(other.published);
    kept.rating = kept.rating.or(other.rating);
    kept.reply_to = kept.reply_to.take().or(other.reply_to);
}

fn letters(text: &str) -> String {
    let letters = text.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, href: &str, expected: &str) {
        let page = Url::parse(url).ok();
        let html = format!("<LINK rel=alternate type='application/rss+xml' href='{href}'>");
        let found = comment_feed(&html, page.as_ref());
        assert_eq!(found.as_deref().unwrap_or("-"), expected);
    }

    #[test]
    fn the_feed_of_a_pages_comments_is_told_from_that_of_the_site() {
        let page = "https://b.test/2026/05/queja/";
        check(
            page,
            "/2026/05/queja/feed/",
            "https://b.test/2026/05/queja/feed/",
        );
        check(page, "feed", "https://b.test/2026/05/queja/feed");
        check(page, "/feed/", "-");
        check(page, "/comments/feed/", "-");
        check("https://b.test/", "/feed/", "-");
        let blogger = "https://b.test/feeds/12/comments/default";
        check("https://b.test/2026/05/queja.html", blogger, blogger);
        check(page, "/feeds/comments/default", "-");
    }
}
