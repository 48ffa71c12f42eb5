//! `corpus feeds FOLDER`: reads every feed of a corpus and compares with feedparser's reading.
//!
//! The files are read by a child of the same binary on a small stack, so that a document which ends
//! the process is counted and the rest goes on. `--base URL` gives every document that address;
//! `--mutate SEED` damages every document first, and then nothing may be lost in silence;
//! `--list CAUSE` names the files of a cause (a part of its name is enough); `--speed` measures only.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use escucha::extract::{self, Document, Extracted, Kind, Reading, plain_text};
use escucha::model::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

/// Dates that differ by less are the same: some writers round.
const DATE_SLACK_MS: i64 = 1_000;
/// As a thread of the service has it.
const STACK_BYTES: usize = 2 << 20;
/// Rounds of `--speed`, of which the best counts.
const ROUNDS: usize = 3;
/// Files named for one cause.
const NAMED_MAX: usize = 400;

/// Panics since the last document; a contained one still costs a second reading.
static N_PANICS: AtomicUsize = AtomicUsize::new(0);

#[derive(Default)]
struct Options {
    folder: PathBuf,
    base: Option<Url>,
    list: Option<String>,
    is_speed: bool,
    seed: Option<u64>,
    /// The first line that a child reads.
    child_from: Option<usize>,
}

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let options = options(arguments)?;
    if let Some(from) = options.child_from {
        return child(&options, from);
    }
    let cases = cases(&options.folder)?;
    if options.is_speed {
        return speed(&options, &cases);
    }
    let readings = readings(&options, cases.len())?;
    let mut report = Report::default();
    for (case, reading) in cases.iter().zip(&readings) {
        report.add(case, reading);
    }
    report.print(options.list.as_deref());
    Ok(())
}

fn options(arguments: &[String]) -> Result<Options> {
    let mut options = Options::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || {
            rest.next()
                .with_context(|| format!("{argument} needs a value"))
        };
        match argument.as_str() {
            "--base" => options.base = Some(Url::parse(value()?)?),
            "--list" => options.list = Some(value()?.clone()),
            "--mutate" => options.seed = Some(value()?.parse()?),
            "--speed" => options.is_speed = true,
            "--child-from" => options.child_from = Some(value()?.parse()?),
            folder if !folder.starts_with("--") => options.folder = PathBuf::from(folder),
            other => bail!("unknown option {other}"),
        }
    }
    Ok(options)
}

fn cases(folder: &Path) -> Result<Vec<Case>> {
    let path = folder.join("manifest.jsonl");
    let manifest =
        std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    manifest
        .lines()
        .map(|line| serde_json::from_str(line).context("a line of the manifest"))
        .collect()
}

/// Reads all documents in children; the one at which a child dies is counted as an abort.
fn readings(options: &Options, n_cases: usize) -> Result<Vec<Told>> {
    let mut readings: Vec<Told> = Vec::new();
    while readings.len() < n_cases {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("feeds").arg(&options.folder);
        command.args(["--child-from", &readings.len().to_string()]);
        if let Some(base) = &options.base {
            command.args(["--base", base.as_str()]);
        }
        if let Some(seed) = options.seed {
            command.args(["--mutate", &seed.to_string()]);
        }
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let output = child.stdout.take().context("the child has no output")?;
        for line in BufReader::new(output).lines() {
            readings.push(serde_json::from_str(&line?).context("a line of the child")?);
        }
        let status = child.wait()?;
        if readings.len() < n_cases {
            readings.push(Told {
                failure: Some(format!("ABORT: {status}")),
                ..Told::default()
            });
        }
    }
    Ok(readings)
}

fn child(options: &Options, from: usize) -> Result<()> {
    let cases = cases(&options.folder)?;
    std::panic::set_hook(Box::new(|_| {
        N_PANICS.fetch_add(1, Ordering::Relaxed);
    }));
    let (folder, base, seed) = (options.folder.clone(), options.base.clone(), options.seed);
    let work = move || -> Result<()> {
        let mut out = std::io::stdout().lock();
        for (n, case) in cases.iter().enumerate().skip(from) {
            let mut body = std::fs::read(folder.join(&case.file))?;
            if let Some(seed) = seed {
                mutate(
                    &mut body,
                    seed.wrapping_mul(1_000_003).wrapping_add(n as u64),
                );
            }
            let mut told = Told::of(&read(&body, base.as_ref()));
            told.n_panics = N_PANICS.swap(0, Ordering::Relaxed);
            told.n_items = n_items(&body);
            writeln!(out, "{}", serde_json::to_string(&told)?)?;
            out.flush()?;
        }
        Ok(())
    };
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
    match thread.spawn(work)?.join() {
        Ok(outcome) => outcome,
        Err(_) => bail!("the reader panicked"),
    }
}

/// Cuts, doubles, overwrites or inserts somewhere, one to three times.
fn mutate(body: &mut Vec<u8>, seed: u64) {
    const INSERTS: [&[u8]; 8] = [
        b"&",
        b"<",
        b"]]>",
        b"<![CDATA[",
        b"</item>",
        b"\"",
        b"\xff\xfe",
        b"<!--",
    ];
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut below = |limit: usize| {
        // xorshift64*
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit.max(1)
    };
    for _ in 0..=below(3) {
        let at = below(body.len());
        let end = (at + below(200)).min(body.len());
        match below(12) {
            0 => body.truncate(at),
            1 | 2 => drop(body.drain(at..end)),
            3 | 4 => {
                let copy = body[at..end].to_vec();
                body.splice(at..at, copy);
            }
            5 | 6 => body[at..end]
                .iter_mut()
                .take(3)
                .for_each(|byte| *byte ^= 0x15),
            _ => {
                body.splice(at..at, INSERTS[below(INSERTS.len())].iter().copied());
            }
        }
    }
}

/// Counted without us; `None` when it is no JSON.
fn n_items(body: &[u8]) -> Option<usize> {
    let feed: serde_json::Value = serde_json::from_slice(body).ok()?;
    Some(feed.get("items")?.as_array()?.len())
}

fn read(body: &[u8], base: Option<&Url>) -> Extracted {
    let document = Document {
        body,
        content_type: None,
        url: base,
    };
    let reading = Reading {
        kind: Kind::Feed,
        select: None,
        lang: None,
        now: Timestamp(1_790_000_000_000),
    };
    extract::posts(&document, &reading)
}

#[expect(clippy::disallowed_methods, reason = "speed is measured by the clock")]
/// Feeds and megabytes a second of one core, the files in memory, best of some rounds.
fn speed(options: &Options, cases: &[Case]) -> Result<()> {
    let read_all = |of: &dyn Fn(&Case) -> bool| -> Result<Vec<Vec<u8>>> {
        cases
            .iter()
            .filter(|case| of(case))
            .map(|case| Ok(std::fs::read(options.folder.join(&case.file))?))
            .collect()
    };
    println!(
        "{:<28} {:>7} {:>9} {:>9} {:>9}",
        "", "files", "feeds/s", "MB/s", "µs/feed"
    );
    for (name, bodies) in [
        ("all", read_all(&|_| true)?),
        ("≥ 3 entries and ≥ 3 kB", read_all(&Case::is_realistic)?),
    ] {
        let n_bytes: usize = bodies.iter().map(Vec::len).sum();
        let mut best = f64::INFINITY;
        for _ in 0..ROUNDS {
            let began = Instant::now();
            for body in &bodies {
                std::hint::black_box(read(body, options.base.as_ref()));
            }
            best = best.min(began.elapsed().as_secs_f64());
        }
        let n = bodies.len() as f64;
        println!(
            "{name:<28} {:>7} {:>9.0} {:>9.1} {:>9.0}",
            bodies.len(),
            n / best,
            n_bytes as f64 / 1e6 / best,
            best * 1e6 / n
        );
    }
    Ok(())
}

/// A document of the corpus and what feedparser makes of it.
#[derive(Deserialize)]
struct Case {
    file: String,
    bytes: usize,
    expect: Expected,
}

#[derive(Deserialize)]
struct Expected {
    #[serde(default)]
    version: Option<String>,
    n: usize,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    title: Option<String>,
    link: Option<String>,
    id: Option<String>,
    published: Option<i64>,
    updated: Option<i64>,
    published_raw: Option<String>,
    updated_raw: Option<String>,
}

impl Case {
    fn is_realistic(&self) -> bool {
        self.expect.n >= 3 && self.bytes >= 3_000
    }
}

/// What we make of it, as the child tells.
#[derive(Default, Serialize, Deserialize)]
struct Told {
    posts: Vec<Said>,
    failure: Option<String>,
    n_panics: usize,
    /// The items of a JSON feed.
    n_items: Option<usize>,
}

#[derive(Serialize, Deserialize)]
struct Said {
    title: Option<String>,
    url: Option<String>,
    published: Option<i64>,
}

impl Told {
    fn of(extracted: &Extracted) -> Self {
        let posts = extracted.posts.iter().map(|post| Said {
            title: post.title.clone(),
            url: post.url.clone(),
            published: post.published.map(|at| at.0),
        });
        Self {
            posts: posts.collect(),
            failure: extracted.failure().map(str::to_owned),
            ..Self::default()
        }
    }
}

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
struct Report {
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
    fn add(&mut self, case: &Case, told: &Told) {
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
            let agrees = said.url.as_deref().is_some_and(|url| same_link(url, link));
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

    fn print(&self, list: Option<&str>) {
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

fn same_link(ours: &str, theirs: &str) -> bool {
    let whole = |link: &str| {
        let base = Url::parse("http://base.invalid/").ok()?;
        base.join(link.trim()).ok()
    };
    ours == theirs || whole(ours).is_some() && whole(ours) == whole(theirs)
}

/// Titles are compared as plain text without blanks: feedparser keeps the markup.
fn same_title(ours: &str, theirs: &str) -> bool {
    let bare = |text: &str| -> String { text.split_whitespace().collect() };
    bare(ours) == bare(theirs) || bare(&plain_text(ours)) == bare(&plain_text(theirs))
}
