//! The figures of a corpus of feeds, and the differences grouped by cause.

use std::collections::BTreeMap;

use escucha::extract::plain_text;
use escucha::model::Timestamp;
use url::Url;

use super::{Case, Entry, Said, Told};

/// Dates that differ by less are the same: some writers round.
const DATE_SLACK_MS: i64 = 1_000;
/// Files named for one cause.
const NAMED_MAX: usize = 400;

/// So many of so many.
#[derive(Clone, Copy, Default)]
struct Share {
    right: usize,
    all: usize,
}

impl Share {
    fn add(&mut self, is_right: bool) -> bool {
        self.right += usize::from(is_right);
        self.all += 1;
        is_right
    }

    fn print(&self, what: &str) {
        let share = self.right as f64 / self.all.max(1) as f64;
        println!(
            "{what:<44} {share:.4}  {:>6} of {:>6}",
            self.right, self.all
        );
    }
}

#[derive(Default)]
pub(super) struct Report {
    /// What links are resolved against, theirs and ours.
    base: Option<Url>,
    counts: Share,
    realistic: Share,
    entries: Share,
    empty: Share,
    json: Share,
    links: Share,
    web_links: Share,
    dates: Share,
    titles: Share,
    misread: usize,
    panics: usize,
    lost: usize,
    silent: usize,
    aborts: usize,
    causes: BTreeMap<String, Vec<String>>,
}

impl Report {
    pub(super) fn new(base: Option<Url>) -> Self {
        Self {
            base,
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, case: &Case, told: &Told) {
        let failure = told.failure.as_deref().unwrap_or("");
        self.panics += told.n_panics;
        self.lost += usize::from(failure.contains("makes the parser fail"));
        self.aborts += usize::from(failure.starts_with("ABORT"));
        let n = case.expect.n;
        let is_right = told.posts.len() == n;
        if let Some(n_items) = told.n_items {
            // feedparser reads no JSON.
            if !self.json.add(told.posts.len() == n_items) {
                self.differ(case, format!("json: {failure}"), "");
            }
            return;
        }
        if n == 0 {
            if !self.empty.add(told.posts.is_empty()) {
                let version = case.expect.version.as_deref().unwrap_or("-");
                let what = format!("empty: posts where feedparser has none ({version})");
                self.differ(case, what, &told.posts.len().to_string());
            }
            return;
        }
        if case.is_realistic() {
            self.realistic.add(is_right);
        }
        if told.posts.is_empty() && told.failure.is_none() {
            self.silent += 1;
            self.differ(case, "silent: none read, and no error".into(), "");
        }
        self.entries.right += told.posts.len().min(n);
        self.entries.all += n;
        if !self.counts.add(is_right) {
            let detail = format!("{n} ≠ {}", told.posts.len());
            self.differ(case, count_cause(case, told), &detail);
            return;
        }
        for (expected, said) in case.expect.entries.iter().zip(&told.posts) {
            self.compare(case, expected, said);
        }
    }

    fn compare(&mut self, on: &Case, expected: &Entry, said: &Said) {
        if let Some(link) = expected.link.as_deref().filter(|link| !link.is_empty()) {
            let agrees = said
                .url
                .as_deref()
                .is_some_and(|url| same_link(url, link, self.base.as_ref()));
            self.links.add(agrees);
            let is_web = link.starts_with("http") || !link.contains(':');
            if is_web {
                self.web_links.add(agrees);
            }
            if !agrees {
                let detail = format!("{link} ≠ {}", said.url.as_deref().unwrap_or("-"));
                self.differ(on, link_cause(expected, said), &detail);
            }
        }
        let (at, raw) = match expected.published {
            Some(at) => (Some(at), &expected.published_raw),
            None => (expected.updated, &expected.updated_raw),
        };
        if let Some(at) = at {
            let agrees = said
                .published
                .is_some_and(|ours| (ours - at * 1_000).abs() < DATE_SLACK_MS);
            if !self.dates.add(agrees) {
                let shape = shape(raw.as_deref().unwrap_or("-"));
                self.misread += usize::from(MISREAD.contains(&shape.as_str()));
                let missing = if said.published.is_none() {
                    "none"
                } else {
                    "other"
                };
                let ours = said
                    .published
                    .map_or("-".into(), |at| Timestamp(at).to_string());
                let theirs = Timestamp(at * 1_000);
                let detail = format!("{} = {theirs} ≠ {ours}", raw.as_deref().unwrap_or("-"));
                self.differ(on, format!("date: {missing}: {shape}"), &detail);
            }
        }
        if let Some(title) = expected
            .title
            .as_deref()
            .filter(|title| !title.trim().is_empty())
        {
            let ours = said.title.as_deref().unwrap_or("");
            if !self.titles.add(same_title(ours, title)) {
                let cause = if ours.is_empty() { "none" } else { "other" };
                let detail = format!("{title} ≠ {ours}");
                self.differ(on, format!("title: {cause}"), &detail);
            }
        }
    }

    fn differ(&mut self, on: &Case, cause: String, detail: &str) {
        let named = format!("{}  {detail}", on.file);
        self.causes.entry(cause).or_default().push(named);
    }

    pub(super) fn print(&self, list: Option<&str>) {
        self.counts.print("files with entries: right count");
        self.realistic
            .print("  of these with ≥ 3 entries and ≥ 3 kB");
        self.entries.print("entries read, of those that there are");
        self.empty.print("files without entries: no posts");
        self.json.print("JSON feeds: right count");
        self.links.print("entries: link");
        self.web_links.print("  of these web addresses");
        self.dates.print("entries: date");
        let others = Share {
            all: self.dates.all - self.misread,
            ..self.dates
        };
        others.print("  of these that feedparser does not misread");
        self.titles.print("entries: title");
        println!("{:<44} {}", "panics of a parser, contained", self.panics);
        println!("{:<44} {}", "files lost to a panic", self.lost);
        println!("{:<44} {}", "aborts", self.aborts);
        println!("{:<44} {}", "entries, none read, and no error", self.silent);
        println!();
        let mut causes: Vec<_> = self.causes.iter().collect();
        causes.sort_by_key(|(cause, files)| (std::cmp::Reverse(files.len()), cause.as_str()));
        for (cause, files) in causes {
            println!("{:>6}  {cause}", files.len());
            if list.is_some_and(|part| cause.contains(part)) {
                for file in files.iter().take(NAMED_MAX) {
                    println!("          {file}");
                }
            }
        }
    }
}

fn count_cause(case: &Case, told: &Told) -> String {
    let version = case.expect.version.as_deref().unwrap_or("-");
    match &told.failure {
        Some(failure) => format!("count: {version}: {}", shape_of_failure(failure)),
        None if told.posts.len() < case.expect.n => format!("count: {version}: fewer"),
        None => format!("count: {version}: more"),
    }
}

/// The sentence without its numbers, so that equal causes stand together.
fn shape_of_failure(failure: &str) -> String {
    let digits = |c: char| if c.is_ascii_digit() { '9' } else { c };
    let mut told: String = failure.chars().map(digits).take(120).collect();
    while told.contains("99") {
        told = told.replace("99", "9");
    }
    told
}

fn link_cause(expected: &Entry, said: &Said) -> String {
    let link = expected.link.as_deref().unwrap_or("");
    let what = if expected.id.as_deref() == Some(link) {
        "the id"
    } else if link.starts_with("http") {
        "an address"
    } else if link.contains(':') {
        "no web address"
    } else {
        "relative"
    };
    let ours = if said.url.is_none() { "none" } else { "other" };
    format!("link: {what}: {ours}")
}

/// A date with every digit as 9 and every word by its kind.
fn shape(raw: &str) -> String {
    let digits = |c: char| if c.is_ascii_digit() { '9' } else { c };
    let told: String = raw.chars().map(digits).take(60).collect();
    told.split(' ')
        .map(|word| match word.trim_end_matches(',') {
            bare if DAYS.contains(&bare) => word.replace(bare, "Www"),
            bare if MONTHS.contains(&bare) => word.replace(bare, "Mmm"),
            _ => word.to_owned(),
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// Shapes that feedparser gets wrong: it takes the day for the month, British summer time for UTC,
/// the evening for the morning.
const MISREAD: [&str; 3] = [
    "9999/9/99 99:99:99",
    "Www, 99 Mmm 9999 99:99:99 BST",
    "Www, Mmm 99 9999 99:99:99 PM",
];
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

fn same_link(ours: &str, theirs: &str, base: Option<&Url>) -> bool {
    let own = Url::parse("http://base.invalid/").ok();
    let whole = |link: &str| base.or(own.as_ref())?.join(link.trim()).ok();
    ours == theirs || whole(ours).is_some() && whole(ours) == whole(theirs)
}

/// Titles are compared as plain text without blanks: feedparser keeps the markup.
fn same_title(ours: &str, theirs: &str) -> bool {
    let bare = |text: &str| -> String { text.split_whitespace().collect() };
    bare(ours) == bare(theirs) || bare(&plain_text(ours)) == bare(&plain_text(theirs))
}
