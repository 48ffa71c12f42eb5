//! Reviews and comments from microformats: `h-review` and `h-cite` comments of microformats 2, and
//! the older `hreview`.
//!
//! Absent: `h-entry` by itself, which is an article, and the item that is reviewed.

use scraper::{ElementRef, Html};
use url::Url;

use super::html::{clean, clean_line, visible, visible_unless};
use super::now::Now;
use super::tree::{self, Step, has_class};
use super::{POSTS_MAX, date, rating, resolve};
use crate::model::{How, Post};

/// The reviews and comments of a page, in the order of the document.
pub(super) fn read(page: &Html, base: Option<&Url>, now: Now<'_>) -> Vec<Post> {
    let mut posts = Vec::new();
    tree::walk(page.root_element(), |step| {
        if let Step::Enter(element) = step
            && is_item(element)
            && posts.len() <= POSTS_MAX
        {
            let post = post(element, base, now);
            if !post.text.is_empty() || post.rating.is_some() {
                posts.push(post);
            }
        }
    });
    posts
}

fn is_item(element: ElementRef<'_>) -> bool {
    is_review(element) || is_comment(element)
}

fn is_review(element: ElementRef<'_>) -> bool {
    has_class(element, "h-review") || has_class(element, "hreview")
}

/// A comment below an entry; other citations are what the entry speaks of.
fn is_comment(element: ElementRef<'_>) -> bool {
    (has_class(element, "h-cite") || has_class(element, "h-entry"))
        && (has_class(element, "u-comment") || has_class(element, "p-comment"))
}

fn post(item: ElementRef<'_>, base: Option<&Url>, now: Now<'_>) -> Post {
    let own = tree::own(item, is_item);
    let of = |classes: &[&str]| {
        let mut found = classes.iter().filter_map(|class| {
            let mut with = own.iter().filter(|element| has_class(**element, class));
            with.next().copied()
        });
        found.next()
    };
    let line = |classes: &[&str]| of(classes).and_then(|element| clean_line(&value(element)));
    let text = of(&[
        "e-content",
        "p-content",
        "e-description",
        "p-description",
        "description",
        "p-summary",
    ])
    .map(|element| visible_unless(element, &is_item))
    .unwrap_or_default();
    let author = of(&["p-author", "author", "p-reviewer", "reviewer"]).map(|author| {
        let inside = tree::own(author, is_item);
        let named = inside
            .iter()
            .find(|element| has_class(**element, "p-name") || has_class(**element, "fn"));
        value(named.copied().unwrap_or(author))
    });
    let url = of(&["u-url", "permalink"]).and_then(|link| link.attr("href"));
    let dates = of(&["dt-published", "dt-reviewed", "dtreviewed", "dt-updated"]);
    Post {
        guid: item.attr("id").and_then(clean_line),
        title: line(&["p-name", "summary"]).filter(|title| *title != text),
        author: author.as_deref().and_then(clean_line),
        url: url.and_then(|link| resolve(link, base)),
        published: dates.and_then(|element| {
            let machine = tree::attribute_of(element, &["datetime", "title"]).map(str::to_owned);
            machine
                .into_iter()
                .chain([value(element)])
                .find_map(|raw| date::parse(&raw, Some(now)))
        }),
        rating: of(&["p-rating", "rating"]).and_then(|element| rated(element, &own)),
        reply_to: base.filter(|_| !is_review(item)).and_then(super::web_url),
        text,
        how: How::HReview,
        ..Post::default()
    }
}

/// A rating with its scale, which stands in it or beside it.
fn rated(element: ElementRef<'_>, own: &[ElementRef<'_>]) -> Option<f64> {
    let inside = tree::own(element, is_item);
    let number = |among: &[ElementRef<'_>], classes: &[&str]| {
        let mut with = among
            .iter()
            .filter(|one| classes.iter().any(|class| has_class(**one, class)));
        with.next().and_then(|one| rating::number(&value(*one)))
    };
    let best = ["best", "p-best"];
    let worst = ["worst", "p-worst"];
    let (best, worst) = (
        number(&inside, &best).or_else(|| number(own, &best)),
        number(&inside, &worst).or_else(|| number(own, &worst)),
    );
    let said = value(element);
    match number(&inside, &["value", "p-value"]).or_else(|| rating::number(&said)) {
        Some(value) => rating::scale(value, best, worst),
        None => rating::parse_on(&said, best.map(|best| (worst.unwrap_or(0.0), best))),
    }
}

/// What an element says: the attribute that is meant for it, else its text.
fn value(element: ElementRef<'_>) -> String {
    let meant: &[&str] = match element.value().name() {
        "abbr" | "link" => &["title"],
        "data" | "input" | "meter" => &["value"],
        "img" | "area" => &["alt"],
        _ => &[],
    };
    match tree::attribute_of(element, meant) {
        Some(meant) => clean(meant),
        None => visible(element, &[]),
    }
}
