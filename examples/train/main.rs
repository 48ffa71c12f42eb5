//! Trains what the scorer embeds: `train OUT --posts FILE… --lines FILE… [--wrong]`.
//!
//! First the linear models of `src/score/data` (the folder OUT): `posts.bin`, of public posts, and
//! `lines.bin`, of our own lines. Posts are JSON Lines (`.jsonl` or
//! `.jsonl.gz`, files or folders of them) with `text`, `label` (`neg` and `complaint` are unhappy,
//! `neu`, `pos` and `not` are not) and `source`. Lines are as those of `tests/data/labelled.jsonl`;
//! lines of the parts "held" and "fresh" are never learnt from, and the name of the example company is
//! left out.
//!
//! Then `weights.tsv`, the weights of the scorer's named facts, fitted to both, each row scored by a
//! first level that has not seen it; and how well such fits judge what they have not seen. `--wrong`
//! tells which lines are judged wrongly so.
//!
//! Nothing is random and nothing depends on the clock: the same files make the same models.

#![expect(clippy::print_stdout, reason = "its figures are for people to read")]

mod linear;
mod lines;
mod posts;
mod weigh;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use posts::Post;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (mut inputs, mut labelled) = (Vec::new(), Vec::new());
    let Some(out) = arguments.next().filter(|out| !out.starts_with("--")) else {
        bail!("usage: train OUT --posts FILE… --lines FILE… [--wrong]");
    };
    let (mut flag, mut wrong) = (String::new(), false);
    for argument in arguments {
        let path = PathBuf::from(&argument);
        match (argument.starts_with("--"), flag.as_str()) {
            (true, _) => flag = argument,
            (false, "--posts") => inputs.push(path),
            (false, "--lines") => labelled.push(path),
            (false, _) => bail!("{argument} stands after neither --posts nor --lines"),
        }
        wrong |= flag == "--wrong";
    }
    let cases = lines::read(&labelled)?;
    let posts = posts::read(&inputs)?;
    let rows: Vec<Post> = cases.iter().map(lines::Case::post).collect();
    let out = PathBuf::from(out);
    let of_posts = linear::Set::new(&posts);
    println!(
        "{} posts of {} sources",
        posts.len(),
        of_posts.sources.len()
    );
    let posts_file = write(&out.join("posts.bin"), &of_posts, &posts)?;
    let of_lines = linear::Set::new(&rows);
    let lines_file = write(&out.join("lines.bin"), &of_lines, &rows)?;
    let logits = std::iter::zip(
        linear::logits(&posts_file, &rows)?,
        linear::cross_fitted(&of_lines, lines::FOLDS),
    );
    let logits: Vec<[f64; 2]> = logits.map(<[f64; 2]>::from).collect();
    let told = weigh::Posts {
        facts: lines::facts_of(&posts),
        new: linear::leave_sources_out(&of_posts),
        known: linear::cross_fitted(&of_posts, posts::FOLDS),
        of_lines: linear::logits(&lines_file, &posts)?,
        all: &posts,
    };
    let table = weigh::weigh(&cases, &logits, &told, wrong)?;
    let path = out.join("weights.tsv");
    std::fs::write(&path, table).with_context(|| format!("writing {}", path.display()))
}

/// Trains and writes a model, and tells how it judges what it learnt from.
fn write(path: &Path, set: &linear::Set, rows: &[Post]) -> Result<Vec<u8>> {
    let file = linear::train(set).to_file();
    std::fs::write(path, &file).with_context(|| format!("writing {}", path.display()))?;
    println!("{}:", path.display());
    linear::compare(rows, &file)?;
    Ok(file)
}
