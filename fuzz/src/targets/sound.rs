//! What must hold of every answer, whatever the bytes were.

use escucha::extract::{Article, Extracted, Fault, Map, Problem, RawMap, RawSelectors, Selectors};
use escucha::fetch::Robots;
use escucha::model::{Field, Post, Span, Timestamp, Ui, Verdict, fingerprint, post_keys};
use escucha::reply::{self, Brief, Draft};
use escucha::score::query::{Query, QueryError, Subject};
use escucha::score::text::Text;
use url::Url;

const TEXT_BYTES_MAX: usize = 64 << 10;
const POSTS_MAX: usize = 50_000;
const LINE_BYTES_MAX: usize = 8 << 10;
/// Characters of a problem: it stands in a log, a terminal and a mail.
const DETAIL_CHARS_MAX: usize = 600;
/// What a document may become altogether.
const ALL_TEXTS_BYTES_MAX: usize = 64 << 20;
/// The year 1899, and the end of 9999 with a day for zones.
const DATES: std::ops::Range<i64> = -2_240_600_000_000..253_402_387_200_000;

/// The headers of our mails.
const HEADERS: [&str; 11] = [
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "auto-submitted",
    "x-auto-response-suppress",
    "mime-version",
    "content-type",
];

pub(crate) fn extracted(found: &Extracted, base: Option<&Url>, now: Timestamp) {
    assert!(
        found.posts.len() <= POSTS_MAX,
        "{} posts",
        found.posts.len()
    );
    for problem in &found.problems {
        self::problem(problem);
    }
    if found.failure().is_some() {
        assert!(
            found.posts.is_empty(),
            "what could not be read has no posts"
        );
        assert!(found.refusal(Ui::Es).is_some_and(|said| said.len() > 20));
    }
    let says = |post: &Post| {
        !post.text.is_empty() || post.title.is_some() || post.url.is_some() || post.rating.is_some()
    };
    assert!(
        found.posts.len() < 4 || found.posts.iter().any(says),
        "entries without a word are no news: {:?}",
        found.posts[0]
    );
    let mut bytes = 0;
    for post in &found.posts {
        self::post(post, base, now);
        bytes += post.text.len();
    }
    assert!(bytes <= ALL_TEXTS_BYTES_MAX, "{bytes} bytes of text");
    for address in found.next_url.iter().chain(&found.feed_urls) {
        link(address, base);
    }
    assert!(found.skip_hours < 1 << 24 && found.skip_days < 1 << 7);
    assert!(found.ttl_ms.is_none_or(|ms| ms >= 0));
}

fn post(post: &Post, base: Option<&Url>, now: Timestamp) {
    assert!(post.text.len() <= TEXT_BYTES_MAX);
    plain(&post.text);
    for one in [
        &post.title,
        &post.author,
        &post.guid,
        &post.url,
        &post.reply_to,
    ] {
        let Some(one) = one else { continue };
        line(one);
        assert!(one.len() <= LINE_BYTES_MAX, "{} bytes", one.len());
    }
    if let Some(address) = &post.url {
        link(address, base);
    }
    if let Some(rating) = post.rating {
        assert!((0.0..=1.0).contains(&rating), "a rating of {rating}");
    }
    if let Some(at) = post.published {
        date(at, now);
    }
    assert_eq!(fingerprint(post), fingerprint(&post.clone()));
    assert!(!post_keys(post).is_empty(), "a post can be known again");
}

pub(crate) fn article(article: &Article, base: Option<&Url>) {
    assert!(!article.text.is_empty() && article.text.len() <= TEXT_BYTES_MAX);
    plain(&article.text);
    assert!(!article.title.contains(char::is_control));
    article.author.iter().for_each(|author| line(author));
    article.feed_urls.iter().for_each(|feed| link(feed, base));
}

fn problem(problem: &Problem) {
    for said in [&problem.detail, problem.sentence(Ui::Es)] {
        assert!(!said.is_empty());
        assert!(said.chars().count() <= DETAIL_CHARS_MAX, "{said}");
        assert!(!said.contains(char::is_control), "{said:?}");
    }
}

/// Text as it may leave the extractor.
pub(crate) fn plain(text: &str) {
    let odd = text.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(odd, None, "a control character");
    assert_eq!(text.trim_matches(['\n', ' ']), text, "blanks at the ends");
}

fn line(text: &str) {
    assert!(
        !text.is_empty() && !text.contains(char::is_control),
        "{text:?}"
    );
}

/// An address is absolute and of the web; without a base it may be as it is written, but nothing that
/// a click would run.
fn link(address: &str, base: Option<&Url>) {
    line(address);
    let parsed = Url::parse(address);
    match (base, parsed) {
        (_, Ok(url)) if matches!(url.scheme(), "http" | "https") => {}
        (None, Ok(url)) => {
            assert!(!["javascript", "data", "file", "vbscript"].contains(&url.scheme()));
        }
        (None, Err(_)) => {}
        (Some(_), parsed) => panic!("no address of the web: {address:?} ({parsed:?})"),
    }
}

/// A year of four digits; what is stored lies within ten years before it was seen.
pub(crate) fn date(at: Timestamp, now: Timestamp) {
    assert!(DATES.contains(&at.0), "{}", at.0);
    let stored = at.clamp_published(now);
    assert!(stored <= now && stored >= now.plus_days(-3_653));
    assert_eq!(
        Timestamp::parse_rfc3339(&stored.to_string()).map(|at| at.0 / 1_000),
        Some(stored.0.div_euclid(1_000))
    );
}

pub(crate) fn map(raw: &RawMap) -> Option<Map> {
    Map::parse(raw).map_err(|faults| self::faults(&faults)).ok()
}

pub(crate) fn selectors(raw: &RawSelectors) -> Option<Selectors> {
    let parsed = Selectors::parse(raw);
    parsed.map_err(|faults| self::faults(&faults)).ok()
}

/// What is refused is refused for a reason.
fn faults(faults: &[Fault]) {
    assert!(!faults.is_empty());
}

pub(crate) fn robots(robots: &Robots, path: &str, file_bytes: usize) {
    assert!(robots.allows("/robots.txt"));
    let allowed = robots.allows(path);
    assert!(
        robots
            .delay_ms()
            .is_none_or(|ms| (0..=60_000).contains(&ms))
    );
    let kept = robots.to_text();
    // Each byte may become an escape, and each rule gets a whole word before it.
    assert!(
        kept.len() <= 64 + 6 * file_bytes,
        "{} bytes are kept of {file_bytes}",
        kept.len()
    );
    let again = Robots::of_text(&kept);
    assert_eq!(again.allows(path), allowed, "{kept:?}");
    assert_eq!(again.delay_ms(), robots.delay_ms());
    assert_eq!(again.to_text(), kept);
}

pub(crate) fn hits(query: &Query, text: &Text, title: Option<&str>, body: &str) {
    let subject = Subject::new(text).by(title).from(title);
    let spans = query.hits(&subject);
    assert!(spans.is_empty() || query.matches(&subject));
    for span in &spans {
        within(*span, title, body);
    }
    assert!(spans.is_sorted_by_key(|span| (span.field, span.start, span.end)));
    assert!(spans.windows(2).all(|pair| pair[0] != pair[1]));
}

pub(crate) fn fault(fault: &QueryError, query: &str) {
    assert!(fault.at <= query.chars().count());
    for ui in [Ui::Es, Ui::En] {
        assert!(fault.sentence(ui).len() > 10);
    }
}

/// Spans count Unicode scalar values of their field.
fn within(span: Span, title: Option<&str>, text: &str) {
    let field = match span.field {
        Field::Title => title.unwrap_or_default(),
        Field::Text => text,
    };
    let n_chars = field.chars().count() as u32;
    assert!(
        span.start < span.end && span.end <= n_chars,
        "{span:?} of {n_chars}"
    );
}

pub(crate) fn verdict(verdict: &Verdict, title: Option<&str>, text: &str) {
    assert!((0..=1_000_000).contains(&verdict.complaint_probability.0));
    assert!((-1_000_000..=1_000_000).contains(&verdict.sentiment.0));
    assert!(verdict.risk <= 100);
    for signal in &verdict.signals {
        within(signal.span, title, text);
    }
    for reason in &verdict.why {
        assert!(!reason.because.is_empty());
        if let Some(span) = reason.span {
            within(span, title, text);
        }
    }
}

pub(crate) fn drafts(drafts: &[Draft], brief: &Brief) {
    assert!(drafts.len() <= 3);
    for draft in drafts {
        assert!(reply::check(&draft.text, Some(draft.lang), Some(brief)).is_empty());
    }
}

/// A mail that any server takes, whatever stood in the post: 7-bit, CRLF and nothing else, short
/// lines, one of each header.
pub(crate) fn mail(mail: &[u8]) {
    assert!(mail.is_ascii() && !mail.contains(&0));
    let text = String::from_utf8_lossy(mail);
    assert!(text.ends_with("\r\n"));
    for line in text.split("\r\n") {
        assert!(
            line.len() <= 998 && !line.contains(['\r', '\n']),
            "{line:?}"
        );
    }
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    let headers: Vec<String> = head
        .split("\r\n")
        .filter(|line| !line.starts_with([' ', '\t']))
        .map(|line| {
            line.split(':')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase()
        })
        .collect();
    for name in &headers {
        assert!(HEADERS.contains(&name.as_str()), "a header {name:?}");
    }
    for known in HEADERS {
        assert!(
            headers.iter().filter(|name| *name == known).count() <= 1,
            "two of {known}"
        );
    }
}
