//! Measures the extractors on corpora of real documents: `corpus PART FOLDER`.
//!
//! FOLDER holds a `manifest.jsonl`, one document a line with its file and what is known of it. The
//! corpora are other people's texts: they stay outside the project.
//!
//! Absent: any judgement. It prints figures; goals and floors are for papers and tests.

#![expect(clippy::print_stdout, reason = "its figures are for people to read")]

mod pages;

use std::path::PathBuf;

use anyhow::{Result, bail};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [part, folder] = arguments.as_slice() else {
        bail!("usage: corpus pages FOLDER");
    };
    let folder = PathBuf::from(folder);
    match part.as_str() {
        "pages" => pages::measure(&folder),
        other => bail!("there is no part {other}"),
    }
}
