//! RSS and Atom: feed-rs behind the gates, then the repair, then each entry alone.
//!
//! Absent: JSON feeds ([`super::json_feed`]), and ids made up by the parser: an entry without one
//! has none, so that it is known again by its content.

use std::time::{Duration, SystemTime};

use feed_rs::model::Feed;
use url::Url;

use super::gate::{self, Shape};
use super::glean::{Gleaned, glean};
use super::{Extracted, POSTS_MAX, Problem, contained, date, entry, repair};
use crate::model::{How, Post};

/// So many entries may make the parser panic before the rest of the document is given up.
const PANICS_MAX: usize = 50;

/// # Errors
/// A fatal problem when the document is refused, is no feed, or has entries of which none can be
/// read.
pub(super) fn read(text: &str, base: Option<&Url>) -> Result<Extracted, Problem> {
    let text = repair::without_declarations(text);
    let shape = gate::xml(&text)?;
    let first = parse(&text, base);
    let mut best = match &first {
        Ok(feed) if feed.entries.len() >= shape.n_entries && !shape.is_odd => {
            return Ok(extracted(feed, &text, base, How::Feed));
        }
        Ok(feed) => extracted(feed, &text, base, How::Feed),
        Err(_) => Extracted::default(),
    };
    let mended = repair::repaired(&text);
    let mended_shape = gate::xml(&mended)?;
    let second = parse(&mended, base);
    if let Ok(feed) = &second {
        best.keep_better(extracted(feed, &mended, base, How::FeedRepaired));
    }
    if best.posts.len() < mended_shape.n_entries.min(POSTS_MAX) {
        best.keep_better(salvaged(&mended, base));
    }
    let n_posts = best.posts.len();
    if n_posts == 0 {
        return judge_empty(&shape, first.as_ref().err(), second.is_ok(), best);
    }
    if best.posts.iter().any(|post| post.how == How::FeedRepaired) || n_posts < shape.n_entries {
        let n_entries = shape.n_entries.max(n_posts);
        best.problems.push(Problem::repaired(n_posts, n_entries));
    }
    Ok(best)
}

/// No entries: news that there are none, or a document that could not be read?
fn judge_empty(
    shape: &Shape,
    error: Option<&Problem>,
    is_mended: bool,
    empty: Extracted,
) -> Result<Extracted, Problem> {
    let cause = error.map_or("its dialect is unknown", |error| error.detail.as_str());
    if shape.n_entries > 0 {
        return Err(Problem::fatal(format!(
            "the feed has {} entries, and none can be read: {cause}",
            shape.n_entries
        )));
    }
    if error.is_some() && !is_mended {
        return Err(Problem::fatal(format!(
            "this is no feed that can be read: {cause}"
        )));
    }
    Ok(empty)
}

/// Each entry alone in a feed of its own: what breaks one does not break its neighbours.
fn salvaged(mended: &str, base: Option<&Url>) -> Extracted {
    let mut posts = Vec::new();
    let mut n_panics = 0;
    for single in repair::singles(mended).take(POSTS_MAX) {
        if gate::xml(&single).is_err() {
            continue;
        }
        match contained("an entry", || parse_raw(&single, base)) {
            Ok(Ok(feed)) => posts.extend(extracted(&feed, &single, base, How::FeedRepaired).posts),
            Ok(Err(_)) => {}
            Err(_) => {
                n_panics += 1;
                if n_panics > PANICS_MAX {
                    break;
                }
            }
        }
    }
    Extracted {
        posts,
        ..Extracted::default()
    }
}

fn parse(text: &str, base: Option<&Url>) -> Result<Feed, Problem> {
    contained("the feed", || parse_raw(text, base))?
}

fn parse_raw(text: &str, base: Option<&Url>) -> Result<Feed, Problem> {
    let base = base.filter(|url| !url.cannot_be_a_base());
    feed_rs::parser::Builder::new()
        .base_uri(base.map(Url::as_str))
        .sanitize_content(false)
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(|raw| {
            // The parser's own date type is only to be had by way of the system's.
            let at = date::parse(raw, None)?.0;
            let distance = Duration::from_millis(at.unsigned_abs());
            let instant = if at < 0 {
                SystemTime::UNIX_EPOCH.checked_sub(distance)
            } else {
                SystemTime::UNIX_EPOCH.checked_add(distance)
            };
            instant.map(Into::into)
        })
        .build()
        .parse(text.as_bytes())
        .map_err(|error| Problem::fatal(error.to_string().to_lowercase()))
}

fn extracted(feed: &Feed, text: &str, base: Option<&Url>, how: How) -> Extracted {
    let gleaned = glean(text, feed);
    let none = Gleaned::default();
    let posts: Vec<Post> = feed
        .entries
        .iter()
        .enumerate()
        .map(|(n, one)| entry::post(feed, one, gleaned.get(n).unwrap_or(&none), base, how))
        .collect();
    Extracted {
        posts,
        ttl_ms: feed.ttl.map(|minutes| i64::from(minutes) * 60_000),
        ..Extracted::default()
    }
}

impl Extracted {
    /// Takes the other reading where it has at least as many posts.
    fn keep_better(&mut self, other: Self) {
        if other.posts.len() >= self.posts.len() && !other.posts.is_empty() {
            self.posts = other.posts;
        }
        self.ttl_ms = self.ttl_ms.or(other.ttl_ms);
    }
}
