//! `corpus pages FOLDER`: how much of each page's article is read, and how much beside it.
//!
//! A line of the manifest has `set`, `id`, `file`, `url`, and either `gt`, the whole article, or
//! `gt_with` and `gt_without`, strings that it must and must not hold. Whole articles are compared
//! as Scrapinghub's article-extraction-benchmark does: shingles of four tokens, precision and recall
//! of each page, their means over the pages, and F1 of the two means.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use escucha::extract::{Article, Document, Kind, Reading, Stage, article};
use escucha::model::{LocalTime, Timestamp};
use url::Url;

const SHINGLE: usize = 4;
/// The pages of a stage are read so often for their time, and the best time counts.
const ROUNDS: usize = 3;

#[derive(serde::Deserialize)]
struct Line {
    set: String,
    id: String,
    file: String,
    #[serde(default)]
    url: String,
    gt: Option<String>,
    #[serde(default)]
    gt_with: Vec<String>,
    #[serde(default)]
    gt_without: Vec<String>,
}

#[derive(Default)]
struct Sums {
    n_pages: u32,
    n_empty: u32,
    precision: Mean,
    recall: Mean,
    n_there: u32,
    n_missing: u32,
    n_foreign: u32,
}

/// Of those pages that have a value.
#[derive(Clone, Copy, Default)]
struct Mean {
    sum: f64,
    n: u32,
}

/// Prints a line for each set, then pages without text and the speed of each stage, of all, and of the
/// library alone.
pub(crate) fn measure(folder: &Path) -> Result<()> {
    let manifest = folder.join("manifest.jsonl");
    let manifest =
        fs::read_to_string(&manifest).with_context(|| format!("reading {}", manifest.display()))?;
    let mut sets: BTreeMap<String, Sums> = BTreeMap::new();
    let mut stages: BTreeMap<&'static str, Vec<Page>> = BTreeMap::new();
    for row in manifest.lines().filter(|row| !row.trim().is_empty()) {
        let line: Line = serde_json::from_str(row).context("a line of the manifest")?;
        let body =
            fs::read(folder.join(&line.file)).with_context(|| format!("reading {}", line.file))?;
        let page = Page {
            body,
            url: Url::parse(&line.url).ok(),
        };
        let found = page.read();
        let text = found.as_ref().map_or("", |found| found.text.as_str());
        let stage = found
            .as_ref()
            .map_or("nothing", |found| stage_name(found.stage));
        sets.entry(line.set.clone()).or_default().add(&line, text);
        if let Ok(out) = std::env::var("ESCUCHA_CORPUS_OUT") {
            let file = Path::new(&out).join(format!("{}-{}.txt", line.set, line.id));
            fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
        }
        stages.entry(stage).or_default().push(page);
    }
    for (set, sums) in &sets {
        println!("{set}: {}", sums.told());
    }
    let n_empty: u32 = sets.values().map(|sums| sums.n_empty).sum();
    println!("pages without text that have an article: {n_empty}");
    let read = |page: &Page| drop(std::hint::black_box(page.read()));
    for (stage, pages) in &stages {
        told(stage, pages.iter(), read);
    }
    let all = || stages.values().flatten();
    told("all stages", all(), read);
    told("dom_smoothie by itself", all(), |page| {
        drop(std::hint::black_box(page.by_readability()));
    });
    Ok(())
}

fn told<'a>(what: &str, pages: impl Iterator<Item = &'a Page> + Clone, read: impl Fn(&Page)) {
    let speed = speed(pages.clone(), read).unwrap_or_default();
    println!("{what}: {} pages{speed}", pages.count());
}

struct Page {
    body: Vec<u8>,
    url: Option<Url>,
}

impl Page {
    fn read(&self) -> Option<Article> {
        let document = Document {
            body: &self.body,
            content_type: None,
            url: self.url.as_ref(),
        };
        let reading = Reading {
            kind: Kind::Blog,
            select: None,
            map: None,
            lang: None,
            now: Timestamp(0),
            local: LocalTime::utc(),
        };
        article(&document, &reading).ok()
    }

    /// What the library that the second half of the first stage uses finds alone: a measure of the machine.
    fn by_readability(&self) -> Option<dom_smoothie::Article> {
        let url = self.url.as_ref().map(Url::as_str);
        let text = String::from_utf8_lossy(&self.body);
        dom_smoothie::Readability::new(text.as_ref(), url, None)
            .ok()?
            .parse()
            .ok()
    }
}

/// Pages a second on one core, from the best of some rounds; `None` where the system does not tell
/// the time that a thread has had.
fn speed<'a>(
    pages: impl Iterator<Item = &'a Page> + Clone,
    read: impl Fn(&Page),
) -> Option<String> {
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let begun = cpu_time()?;
        pages.clone().for_each(&read);
        best = best.min(cpu_time()?.saturating_sub(begun));
    }
    let rate = pages.count() as f64 / best.as_secs_f64().max(1e-9);
    Some(format!(", {rate:.0} pages/s on one core"))
}

/// The time that this thread has had on a core, as Linux tells it.
fn cpu_time() -> Option<Duration> {
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos = told.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanos))
}

fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Post => "1. the container of a post",
        Stage::Readability => "1. readability",
        Stage::Paragraphs => "2. paragraphs",
        Stage::Visible => "3. all that is visible",
    }
}

impl Sums {
    fn add(&mut self, line: &Line, text: &str) {
        self.n_pages += 1;
        self.n_empty += u32::from(text.trim().is_empty());
        if let Some(truth) = &line.gt {
            let (precision, recall) = compare(truth, text);
            self.precision.add(precision);
            self.recall.add(recall);
        }
        let text = one_line(text);
        let holds = |part: &String| text.contains(&one_line(part));
        let n_there = line.gt_with.iter().filter(|part| holds(part)).count() as u32;
        self.n_there += n_there;
        self.n_missing += line.gt_with.len() as u32 - n_there;
        self.n_foreign += line.gt_without.iter().filter(|part| holds(part)).count() as u32;
    }

    fn told(&self) -> String {
        let n = self.n_pages;
        let mut told = format!("{n} pages");
        if self.recall.n > 0 {
            let (precision, recall) = (self.precision.value(), self.recall.value());
            told += &scores(precision, recall);
        }
        if self.n_there + self.n_missing > 0 {
            let there = f64::from(self.n_there);
            let precision = there / (there + f64::from(self.n_foreign)).max(1.0);
            let recall = there / (there + f64::from(self.n_missing));
            told += ", by strings";
            told += &scores(precision, recall);
        }
        told
    }
}

fn scores(precision: f64, recall: f64) -> String {
    let f1 = 2.0 * precision * recall / (precision + recall).max(1e-9);
    format!(", F1 {f1:.4}, precision {precision:.4}, recall {recall:.4}")
}

impl Mean {
    fn add(&mut self, value: Option<f64>) {
        if let Some(value) = value {
            self.sum += value;
            self.n += 1;
        }
    }

    fn value(self) -> f64 {
        self.sum / f64::from(self.n.max(1))
    }
}

/// Precision and recall of the shingles; none where there is nothing to divide by.
fn compare(truth: &str, text: &str) -> (Option<f64>, Option<f64>) {
    let (truth, read) = (shingles(truth), shingles(text));
    let total = |of: &HashMap<Vec<&str>, u32>| of.values().sum::<u32>();
    let common = read
        .iter()
        .map(|(shingle, n)| *n.min(truth.get(shingle).unwrap_or(&0)))
        .sum::<u32>();
    let share = |of: u32| (of > 0).then(|| f64::from(common) / f64::from(of));
    (share(total(&read)), share(total(&truth)))
}

fn shingles(text: &str) -> HashMap<Vec<&str>, u32> {
    let tokens: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|token| !token.is_empty())
        .collect();
    let mut found = HashMap::new();
    let size = SHINGLE.min(tokens.len()).max(1);
    for shingle in tokens.windows(size) {
        *found.entry(shingle.to_vec()).or_default() += 1;
    }
    found
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
