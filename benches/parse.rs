//! Our reader beside feedparser: `cargo bench --bench parse -- FOLDER PYTHON`.
//!
//! FOLDER is a corpus of feeds with a `manifest.jsonl` (`file`, `bytes`, `expect.n`), PYTHON an
//! interpreter that has feedparser. Both read the same bytes from memory in turns, each on one core,
//! in processor time; files that either of them refuses count for both. The best round counts.

#![expect(clippy::print_stdout, reason = "its figures are for people to read")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use escucha::extract::{self, Document, Kind, Reading};
use escucha::model::Timestamp;
use serde::Deserialize;
use url::Url;

/// What issue and design ask for.
const AIM: f64 = 40.0;
/// On the long list feedparser takes more than a minute a round: once, and only as people call it.
const ROUNDS: [(&str, usize); 2] = [(REAL, 3), (ALL, 1)];
const REAL: &str = "≥ 3 entries and ≥ 3 kB";
const ALL: &str = "all files";

#[derive(Deserialize)]
struct Line {
    file: String,
    bytes: usize,
    expect: Expected,
}

#[derive(Deserialize)]
struct Expected {
    n: usize,
}

fn main() -> Result<()> {
    let arguments = std::env::args().skip(1);
    let arguments: Vec<String> = arguments.filter(|word| word != "--bench").collect();
    let [folder, python] = arguments.as_slice() else {
        bail!("usage: cargo bench --bench parse -- FOLDER PYTHON");
    };
    let folder = Path::new(folder);
    let manifest = folder.join("manifest.jsonl");
    let manifest = std::fs::read_to_string(&manifest)
        .with_context(|| format!("reading {}", manifest.display()))?;
    let lines = manifest.lines().map(serde_json::from_str);
    let lines: Vec<Line> = lines.collect::<Result<_, _>>()?;
    let mut feedparser = Feedparser::start(python)?;
    println!("feedparser {}", feedparser.version);
    for (name, n_rounds) in ROUNDS {
        let is_wanted = |line: &&Line| name == ALL || (line.expect.n >= 3 && line.bytes >= 3_000);
        let files = lines.iter().filter(is_wanted);
        let files: Vec<PathBuf> = files.map(|line| folder.join(&line.file)).collect();
        compare(name, &files, n_rounds, &mut feedparser)?;
    }
    feedparser.end()
}

fn compare(
    name: &str,
    files: &[PathBuf],
    n_rounds: usize,
    feedparser: &mut Feedparser,
) -> Result<()> {
    let bodies = files.iter().map(std::fs::read);
    let bodies: Vec<Vec<u8>> = bodies.collect::<Result<_, _>>()?;
    let n_bytes: usize = bodies.iter().map(Vec::len).sum();
    feedparser.load(files)?;
    let [mut ours, mut theirs, mut bare] = [f64::INFINITY; 3];
    for _ in 0..n_rounds {
        ours = ours.min(read_all(&bodies)?);
        theirs = theirs.min(feedparser.seconds("default")?);
        if name == REAL {
            bare = bare.min(feedparser.seconds("bare")?);
        }
    }
    println!(
        "{name}: {} files, {:.1} MB",
        files.len(),
        n_bytes as f64 / 1e6
    );
    let n = files.len() as f64;
    let measured = [
        ("our whole reader", ours),
        ("feedparser", theirs),
        ("feedparser without sanitising", bare),
    ];
    for (who, seconds) in measured.iter().filter(|(_, seconds)| seconds.is_finite()) {
        println!(
            "  {who:<30} {:>8.0} feeds/s {:>8.1} MB/s {:>8.0} µs a feed",
            n / seconds,
            n_bytes as f64 / 1e6 / seconds,
            seconds * 1e6 / n
        );
    }
    println!("  {:.1} times as fast (aim: {AIM:.0})", theirs / ours);
    if bare.is_finite() {
        println!(
            "  {:.1} times as fast as without its sanitising",
            bare / ours
        );
    }
    Ok(())
}

/// Seconds of this thread's processor time.
fn read_all(bodies: &[Vec<u8>]) -> Result<f64> {
    let reading = Reading {
        kind: Kind::Feed,
        select: None,
        map: None,
        lang: None,
        now: Timestamp(0),
        local: escucha::model::LocalTime::utc(),
    };
    // The service always knows where a feed came from, and asks for more where it does not.
    let url = Url::parse("https://feeds.test/")?;
    let began = cpu_seconds()?;
    for body in bodies {
        let document = Document {
            body,
            content_type: None,
            url: Some(&url),
        };
        std::hint::black_box(extract::posts(&document, &reading));
    }
    Ok(cpu_seconds()? - began)
}

/// What this thread has had of a core so far, as Linux tells it.
fn cpu_seconds() -> Result<f64> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let ns = told
        .split_whitespace()
        .next()
        .context("an empty schedstat")?;
    Ok(ns.parse::<f64>()? / 1e9)
}

/// `benches/parse.py` under way.
struct Feedparser {
    process: Child,
    orders: ChildStdin,
    tells: BufReader<ChildStdout>,
    version: String,
}

impl Feedparser {
    fn start(python: &str) -> Result<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/parse.py");
        let mut process = Command::new(python)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {python}"))?;
        let mut started = Self {
            orders: process.stdin.take().context("no input")?,
            tells: BufReader::new(process.stdout.take().context("no output")?),
            process,
            version: String::new(),
        };
        started.version = started.told()?;
        Ok(started)
    }

    fn load(&mut self, files: &[PathBuf]) -> Result<()> {
        writeln!(self.orders, "forget")?;
        for file in files {
            writeln!(self.orders, "{}", file.display())?;
        }
        Ok(())
    }

    fn seconds(&mut self, how: &str) -> Result<f64> {
        writeln!(self.orders, "{how}")?;
        Ok(self.told()?.parse()?)
    }

    fn told(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.tells.read_line(&mut line)? == 0 {
            bail!("feedparser ended: is it installed for this interpreter?");
        }
        Ok(line.trim().to_owned())
    }

    fn end(self) -> Result<()> {
        let Self {
            mut process,
            orders,
            ..
        } = self;
        drop(orders);
        process.wait()?;
        Ok(())
    }
}
