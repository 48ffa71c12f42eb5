//! `corpus feeds FOLDER`: reads every feed of a corpus and compares with feedparser's reading.
//!
//! The files are read by a child of the same binary on a small stack, so that a document which ends
//! the process is counted and the rest goes on. `--base URL` gives every document that address;
//! `--mutate SEED` damages every document first, and then nothing may be lost in silence;
//! `--list CAUSE` names the files of a cause (a part of its name is enough); `--speed` measures only.

mod report;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use escucha::extract::{self, Document, Extracted, Kind, Reading};
use escucha::model::{LocalTime, Timestamp};
use serde::{Deserialize, Serialize};
use url::Url;

use report::Report;

/// As a thread of the service has it.
const STACK_BYTES: usize = 2 << 20;
/// Rounds of `--speed`, of which the best counts.
const ROUNDS: usize = 3;
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
    let mut report = Report::new(options.base.clone());
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
        map: None,
        lang: None,
        now: Timestamp(1_790_000_000_000),
        local: LocalTime::utc(),
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
            let (began, cpu_began) = (Instant::now(), cpu_seconds());
            for body in &bodies {
                std::hint::black_box(read(body, options.base.as_ref()));
            }
            let cpu = cpu_seconds().zip(cpu_began).map(|(end, began)| end - began);
            best = best.min(cpu.unwrap_or_else(|| began.elapsed().as_secs_f64()));
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

/// What this thread has had of a core so far, where the system tells: others may be at work.
fn cpu_seconds() -> Option<f64> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let ns: f64 = told.split_whitespace().next()?.parse().ok()?;
    Some(ns / 1e9)
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
