//! How much CPU and memory hostile documents take, each read in a process of its own:
//! `cargo run --release --example hostile -- [BYTES…]`.
//!
//! Absent: limits. This is what the limits of `escucha::reader` were drawn from (docs/adr/0013).
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for developers: it prints, and what fails ends it"
)]

mod shapes;

use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use escucha::extract::{
    self, Document, Extracted, Kind, Map, Places, RawMap, RawSelectors, Reading, Selectors,
};
use escucha::model::{LocalTime, Timestamp};
use shapes::{BEYOND, Shape, WITHIN};
use url::Url;

/// A document that takes more CPU is stopped.
const PATIENCE_S: u64 = 12;
/// How the kernel counts CPU time: ticks a second.
const TICKS: u64 = 100;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [one, at, n_bytes] = args.as_slice()
        && one == "one"
    {
        measure(
            all()[at.parse::<usize>().unwrap()],
            n_bytes.parse().unwrap(),
        );
        return ExitCode::SUCCESS;
    }
    let sizes: Vec<usize> = match args.as_slice() {
        [] => vec![32 << 10, 256 << 10, 1 << 20, 4_400_000, 23 << 20],
        sizes => sizes.iter().map(|size| size.parse().unwrap()).collect(),
    };
    println!("shape | read as | bytes | CPU s | peak MiB | outcome");
    for (at, shape) in all().into_iter().enumerate() {
        for n_bytes in &sizes {
            print!("{} | {} | {n_bytes} | ", shape.name, shape.kind);
            println!("{}", in_a_process(at, *n_bytes));
        }
    }
    ExitCode::SUCCESS
}

fn all() -> Vec<Shape> {
    WITHIN.into_iter().chain(BEYOND).collect()
}

fn in_a_process(at: usize, n_bytes: usize) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["one", &at.to_string(), &n_bytes.to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while child.try_wait().unwrap().is_none() {
        if cpu_ticks(child.id()) > PATIENCE_S * TICKS {
            child.kill().unwrap();
            child.wait().unwrap();
            return format!("> {PATIENCE_S} | - | stopped");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() {
        told
    } else {
        format!("- | - | {}", output.status)
    }
}

/// Prints CPU seconds, the peak of memory and what became of the document.
fn measure(shape: Shape, n_bytes: usize) {
    let body = (shape.make)(n_bytes);
    let url = Url::parse("https://foro.test/pagina").unwrap();
    let select = Selectors::parse(&RawSelectors {
        item: "div.review, h2 ~ p".to_owned(),
        places: Places {
            author: Some(".name".to_owned()),
            date: Some("time@datetime".to_owned()),
            rating: Some(".stars@data-value".to_owned()),
            url: Some("a.permalink@href".to_owned()),
            ..Places::default()
        },
        ..RawSelectors::default()
    })
    .unwrap();
    let map = Map::parse(&RawMap {
        items: "/items/*|/*".to_owned(),
        places: Places {
            text: Some("/text".to_owned()),
            ..Places::default()
        },
        replies: Some("/children/*".to_owned()),
        ..RawMap::default()
    })
    .unwrap();
    let document = Document {
        body: body.as_bytes(),
        content_type: None,
        url: Some(&url),
    };
    let reading = Reading {
        kind: match shape.kind {
            "feed" => Kind::Feed,
            "blog" => Kind::Blog,
            "json" => Kind::Json,
            _ => Kind::Reviews,
        },
        select: Some(&select).filter(|_| shape.kind == "select"),
        map: Some(&map).filter(|_| shape.kind == "json"),
        lang: None,
        now: Timestamp(1_795_176_000_000),
        local: LocalTime::utc(),
    };
    let before = cpu_s();
    let read = extract::posts(&document, &reading);
    println!(
        "{:.2} | {} | {}",
        cpu_s() - before,
        peak_mib(),
        outcome(&read)
    );
}

fn outcome(read: &Extracted) -> String {
    match read.failure() {
        Some(failure) => failure.chars().take(70).collect(),
        None => format!("{} posts", read.posts.len()),
    }
}

/// CPU time of another process so far.
fn cpu_ticks(pid: u32) -> u64 {
    let told = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name, in parentheses, may hold blanks; time stands 12 and 13 words after it.
    let words = told.rsplit_once(')').map_or("", |(_, words)| words);
    let ticks = words.split_whitespace().skip(11).take(2);
    ticks.filter_map(|word| word.parse::<u64>().ok()).sum()
}

/// CPU time of this thread.
fn cpu_s() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let ns: f64 = told.split(' ').next().unwrap().parse().unwrap();
    ns / 1e9
}

fn peak_mib() -> u64 {
    let told = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: u64 = peak
        .unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap();
    kib >> 10
}
