//! Measures how well the same story is known again: `crowd posts FILE…`, `crowd retold`, `crowd flood N`.
//!
//! `posts` reads labelled posts (JSON Lines, also packed) and tells how many pairs of complaints count as
//! the same story, and how many of them the index finds; `--list` shows them. Such files are never copied
//! into the project. `retold` does the same with stories that were written for it, once copied with changes
//! and once told in other words. `flood` times one poll with N new posts, in memory.

#![expect(clippy::print_stdout, reason = "its figures are for people to read")]

mod flood;
mod retold;

use std::collections::HashSet;
use std::io::Read as _;

use anyhow::{Context as _, Result, bail};
use escucha::score::crowd::{ALIKE_PERMILLE, Index, Sketch};

const USAGE: &str = "usage: crowd posts FILE… [--list]\n       crowd retold\n       crowd flood N";

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    match (what.as_str(), rest.as_slice()) {
        ("posts", [_, ..]) => posts(&rest),
        ("retold", []) => {
            retold::measure();
            Ok(())
        }
        ("flood", [n]) => flood::measure(n.parse()?),
        _ => bail!(USAGE),
    }
}

/// A complaint of a corpus, and the company of which it speaks, where that is told.
struct Complaint {
    text: String,
    of: String,
}

fn posts(arguments: &[String]) -> Result<()> {
    let is_listing = arguments.iter().any(|one| one == "--list");
    println!(
        "file  complaints  long enough  pairs of one company  alike  per million  found by the index"
    );
    for path in arguments.iter().filter(|one| *one != "--list") {
        measure(path, is_listing)?;
    }
    Ok(())
}

fn measure(path: &str, is_listing: bool) -> Result<()> {
    let complaints = read(path)?;
    let none = HashSet::new();
    let sketched: Vec<(&Complaint, Sketch)> = complaints
        .iter()
        .filter_map(|one| Some((one, Sketch::of(&one.text, &none)?)))
        .collect();
    let (mut n_pairs, mut alike) = (0_u64, Vec::new());
    for (at, (one, sketch)) in sketched.iter().enumerate() {
        for (other, with) in &sketched[..at] {
            if one.of == other.of {
                n_pairs += 1;
                let likeness = sketch.likeness_permille(with);
                if likeness >= ALIKE_PERMILLE {
                    alike.push((likeness, other, one));
                }
            }
        }
    }
    // Who has somebody like him among those before him, and is found so.
    let late: HashSet<*const Complaint> = alike
        .iter()
        .map(|(.., one)| std::ptr::from_ref(**one))
        .collect();
    let mut indexes: std::collections::HashMap<&str, Index> = std::collections::HashMap::new();
    let mut n_found = 0;
    for (one, sketch) in &sketched {
        let index = indexes.entry(one.of.as_str()).or_default();
        let is_late = late.contains(&std::ptr::from_ref(*one));
        n_found += usize::from(is_late && index.likest(sketch).is_some());
        index.add(sketch.clone());
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    println!(
        "{name}  {}  {}  {n_pairs}  {}  {:.2}  {n_found} of {}",
        complaints.len(),
        sketched.len(),
        alike.len(),
        alike.len() as f64 * 1e6 / (n_pairs.max(1) as f64),
        late.len()
    );
    if is_listing {
        alike.sort_by_key(|(likeness, ..)| *likeness);
        for (likeness, one, other) in alike {
            println!(
                "  {likeness}  {}\n       {}",
                start(&one.text),
                start(&other.text)
            );
        }
    }
    Ok(())
}

fn start(text: &str) -> String {
    text.chars().take(140).collect()
}

fn read(path: &str) -> Result<Vec<Complaint>> {
    let bytes = std::fs::read(path).with_context(|| path.to_owned())?;
    let mut text = String::new();
    let is_packed = std::path::Path::new(path)
        .extension()
        .is_some_and(|end| end == "gz");
    if is_packed {
        flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text)?;
    } else {
        text = String::from_utf8(bytes)?;
    }
    let mut complaints = Vec::new();
    for line in text.lines() {
        let row: serde_json::Value = serde_json::from_str(line)?;
        let of = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        if matches!(of("label").as_str(), "neg" | "complaint") {
            complaints.push(Complaint {
                text: of("text"),
                of: of("split"),
            });
        }
    }
    Ok(complaints)
}
