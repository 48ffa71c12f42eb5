//! Google Alerts by mail: each result is a post, linked to the page itself.
//!
//! The HTML marks each result as a schema.org Article; newer mails repeat title, words and link as
//! JSON for the mail program; the text part has them between its counted links.

use std::sync::OnceLock;

use scraper::{Html, Selector};
use serde_json::Value;
use url::Url;

use super::super::html::{clean_line, visible};
use super::super::plain::plain_line;
use super::super::resolve;
use super::letter::Letter;
use crate::model::{How, Post};

/// Results of one mail.
const RESULTS_MAX: usize = 500;
/// Lines of the text part, and of one result in it.
const LINES_MAX: usize = 20_000;
const RESULT_LINES_MAX: usize = 12;

/// The results of an alert; none when the mail is something else.
pub(super) fn results(letter: &Letter) -> Vec<Post> {
    let mut results = Vec::new();
    if let Some(html) = letter.html.as_deref().filter(|html| is_alert(html)) {
        results = marked(html);
        for more in cards(html) {
            add(&mut results, more);
        }
    }
    if results.is_empty() && is_alert(&letter.text) {
        results = written(&letter.text);
    }
    for post in &mut results {
        post.published = letter.date;
    }
    results
}

/// Only alerts lead to their results by a counted link that says so.
fn is_alert(text: &str) -> bool {
    text.contains("google.") && (text.contains("ct=ga") || text.contains("ct%3Dga"))
}

/// One result, unless its page is known from this mail.
fn add(results: &mut Vec<Post>, post: Post) {
    if results.len() < RESULTS_MAX && results.iter().all(|known| known.url != post.url) {
        results.push(post);
    }
}

/// A result: what the counted link leads to, and the words about it.
fn post(link: &str, title: Option<String>, words: Option<String>) -> Option<Post> {
    let counted = Url::parse(&link.replace("&amp;", "&")).ok()?;
    let is_result = counted
        .query_pairs()
        .any(|(key, value)| key == "ct" && value == "ga");
    let url = resolve(link, Some(&counted)).filter(|url| is_result && *url != counted.as_str())?;
    let text = words.or_else(|| title.clone())?;
    Some(Post {
        title,
        text,
        url: Some(url),
        how: How::MailAlert,
        excerpt: true,
        ..Post::default()
    })
}

/// The Articles of the HTML.
fn marked(html: &str) -> Vec<Post> {
    let page = Html::parse_document(html);
    let mut results = Vec::new();
    let Some([article, link, name, publisher, words]) = selectors() else {
        return results;
    };
    for item in page.select(article).take(RESULTS_MAX) {
        let shown = |of: &Selector| {
            item.select(of)
                .next()
                .and_then(|one| clean_line(&visible(one, &[])))
        };
        let Some(href) = item.select(link).next().and_then(|link| link.attr("href")) else {
            continue;
        };
        let title = item
            .select(link)
            .next()
            .and_then(|link| clean_line(&visible(link, &[])));
        if let Some(mut post) = post(href, title.or_else(|| shown(name)), shown(words)) {
            post.author = shown(publisher);
            add(&mut results, post);
        }
    }
    results
}

fn selectors() -> Option<&'static [Selector; 5]> {
    static SELECTORS: OnceLock<Option<[Selector; 5]>> = OnceLock::new();
    let of = |css: &str| Selector::parse(css).ok();
    let all = SELECTORS.get_or_init(|| {
        Some([
            of("[itemtype$='schema.org/Article']")?,
            of("a[itemprop~=url]")?,
            of("[itemprop~=name]")?,
            of("[itemprop~=publisher]")?,
            of("[itemprop~=description]")?,
        ])
    });
    all.as_ref()
}

/// The cards that a mail program may show above the mail.
fn cards(html: &str) -> Vec<Post> {
    let Some((_, after)) = html.split_once("inboxmarkup") else {
        return Vec::new();
    };
    let json = after.split_once('>').map_or("", |(_, after)| after);
    let json = json.split_once("</script").map_or("", |(json, _)| json);
    if super::super::gate::json(json).is_err() {
        return Vec::new();
    }
    let Ok(said) = serde_json::from_str::<Value>(json) else {
        return Vec::new();
    };
    let cards = said["cards"].as_array().into_iter().flatten();
    let widgets = cards
        .filter_map(|card| card["widgets"].as_array())
        .flatten();
    widgets
        .take(RESULTS_MAX)
        .filter_map(|widget| {
            let line = |key: &str| plain_line(widget[key].as_str()?);
            post(widget["url"].as_str()?, line("title"), line("description"))
        })
        .collect()
}

/// The text part: a title, perhaps its publisher, some words, and the link.
fn written(text: &str) -> Vec<Post> {
    let mut results = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().take(LINES_MAX).map(str::trim) {
        if line.is_empty() || line.starts_with("===") || line.starts_with("- - -") {
            lines.clear();
            continue;
        }
        let link = line.trim_matches(['<', '>']);
        if !link.starts_with("http") {
            if lines.len() < RESULT_LINES_MAX {
                lines.push(line);
            }
            continue;
        }
        let words = if lines.len() > 1 {
            &lines[1..]
        } else {
            &lines[..]
        };
        let title = lines.first().and_then(|title| clean_line(title));
        if let Some(post) = post(link, title, clean_line(&words.join(" "))) {
            add(&mut results, post);
        }
        lines.clear();
    }
    results
}
