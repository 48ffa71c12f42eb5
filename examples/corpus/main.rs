//! Measures the extractors on corpora of other people's documents: `corpus WHAT FOLDER [OPTION]…`.
//!
//! A corpus lies outside the project and is never copied into it: a folder with a `manifest.jsonl`,
//! one document a line. `feeds FOLDER` compares with what feedparser reads, `reviews FOLDER` with
//! marked-up reviews and known comments.

#![expect(clippy::print_stdout, reason = "its figures are for people to read")]

mod feeds;
mod reviews;

use anyhow::{Result, bail};

const USAGE: &str =
    "usage: corpus feeds FOLDER [--base URL] [--list CAUSE] [--mutate SEED] [--speed]
       corpus reviews FOLDER [--list SET]";

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    match what.as_str() {
        "feeds" => feeds::run(&rest),
        "reviews" => reviews::run(&rest),
        _ => bail!(USAGE),
    }
}
