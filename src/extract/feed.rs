//! RSS and Atom: feed-rs behind the gates, then the repair, then without what other vocabularies add,
//! then each entry alone.
//!
//! Absent: JSON feeds ([`super::json_feed`]), and ids made up by the parser: an entry without one
//! has none, so that it is known again by its content.

use std::time::{Duration, SystemTime};

use feed_rs::model::Feed;
use url::Url;

use super::gate::{self, Gates, Shape};
use super::glean::{Gleaned, glean};
use super::light::{self, Texts};
use super::repair::Repaired;
use super::{Extracted, POSTS_MAX, Problem, contained, cut, date, entry, repair};
use crate::model::{How, Post};

/// So many entries may make the parser panic before the rest of the document is given up.
const PANICS_MAX: usize = 50;

/// # Errors
/// A fatal problem when the document is refused, is no feed, or has entries of which none can be
/// read.
pub(super) fn read(raw: &str, base: Option<&Url>, gates: Gates) -> Result<Extracted, Problem> {
    let text = cut::without_declarations(raw);
    let shape = gate::xml(&text, gates)?;
    if !shape.is_odd
        && let Some((light, texts)) = light::without(&text, &shape.longs)
        && let Ok(feed) = parse(&light, base)
        && is_plausible(&feed, &shape)
    {
        return Ok(extracted(&feed, &text, &texts, base, How::Feed));
    }
    let first = parse(&text, base);
    let whole = Texts::default();
    let mut best = match &first {
        Ok(feed) if is_plausible(feed, &shape) => {
            return Ok(extracted(feed, &text, &whole, base, How::Feed));
        }
        Ok(feed) => extracted(feed, &text, &whole, base, How::Feed),
        Err(_) => Extracted::default(),
    };
    let mended = repair::repaired(raw);
    let mended_shape = gate::xml(&mended.text, gates)?;
    let second = parse(&mended.text, base);
    if let Ok(feed) = &second {
        best.keep_better(extracted(
            feed,
            &mended.text,
            &whole,
            base,
            How::FeedRepaired,
        ));
    }
    let wanted = mended_shape.n_entries.min(POSTS_MAX);
    if best.posts.len() < wanted {
        let without = cut::without_extras(&mended.text);
        if let Ok(feed) = parse(&without, base) {
            best.keep_better(extracted(&feed, &without, &whole, base, How::FeedRepaired));
        }
    }
    if best.posts.len() < wanted {
        best.keep_better(salvaged(&mended.text, base, gates));
    }
    let n_entries = shape.n_entries.max(mended.n_entries);
    let n_posts = best.posts.len();
    if n_posts == 0 {
        judge_empty(n_entries, &mended, first.err(), second.is_ok())?;
    } else if best.posts[0].how == How::FeedRepaired || n_posts < n_entries {
        let problem = Problem::repaired(n_posts, n_entries.max(n_posts));
        best.problems.push(problem);
    }
    Ok(best)
}

/// Nothing suggests that the parser missed something.
fn is_plausible(feed: &Feed, shape: &Shape) -> bool {
    let n = feed.entries.len();
    n > 0 && n >= shape.n_entries && !shape.is_odd
}

/// No entries: news that there are none, or a document that could not be read?
///
/// # Errors
/// A fatal problem for the latter.
fn judge_empty(
    n_entries: usize,
    mended: &Repaired,
    error: Option<Problem>,
    is_mended: bool,
) -> Result<(), Problem> {
    let has_error = error.is_some();
    let cause = error.map_or("its dialect is unknown".into(), |error| error.detail);
    if n_entries > 0 {
        return Err(Problem::unread_entries(n_entries, &cause));
    }
    if has_error && !is_mended {
        return Err(
            Problem::fatal(format!("this is no feed that can be read: {cause}"))
                .in_spanish(format!("esto no es un canal que se pueda leer: {cause}")),
        );
    }
    if has_error && !mended.is_whole {
        return Err(Problem::fatal("the feed ends before its first entry")
            .in_spanish("el canal termina antes de su primera entrada"));
    }
    Ok(())
}

/// Each entry alone in a feed of its own: what breaks one does not break its neighbours.
fn salvaged(mended: &str, base: Option<&Url>, gates: Gates) -> Extracted {
    let mut posts = Vec::new();
    let mut n_panics = 0;
    for single in cut::singles(mended).take(POSTS_MAX) {
        if n_panics > PANICS_MAX {
            break;
        }
        if gate::xml(&single, gates).is_err() {
            continue;
        }
        match contained("an entry", || parse_raw(&single, base)) {
            Ok(Ok(feed)) => {
                let whole = Texts::default();
                let read = extracted(&feed, &single, &whole, base, How::FeedRepaired);
                posts.extend(read.posts);
            }
            Ok(Err(_)) => {}
            Err(_) => n_panics += 1,
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

/// The posts of a parsed feed, into which the long texts of its document are put back.
fn extracted(
    feed: &Feed,
    text: &str,
    texts: &Texts<'_>,
    base: Option<&Url>,
    how: How,
) -> Extracted {
    let gleaned = glean(text, feed, base.is_none());
    let none = Gleaned::default();
    let posts: Vec<Post> = feed
        .entries
        .iter()
        .enumerate()
        .map(|(n, one)| {
            let entry = entry::Found {
                entry: one,
                gleaned: gleaned.get(n).unwrap_or(&none),
                texts,
            };
            entry::post(feed, &entry, base, how)
        })
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
