//! Trains what the scorer embeds: `train OUT --posts FILE… --lines FILE… [--folds] [--wrong]`.
//!
//! First the linear models of `src/score/data` (the folder OUT): `posts.bin`, of public posts, and
//! `lines.bin`, of our own lines. Posts are JSON Lines (`.jsonl` or
//! `.jsonl.gz`, files or folders of them) with `text`, `label` (`neg` and `complaint` are unhappy,
//! `neu`, `pos` and `not` are not) and `source`. Lines are as those of `tests/data/labelled.jsonl`;
//! lines of the parts "held" and "fresh" are never learnt from, and the name of the example company is left out.
//! `--folds` also tells how well a model without a source judges that source, `--wrong` which lines are
//! judged wrongly by a fit that has not seen them.
//!
//! Then the weights of the scorer's named facts, fitted to the lines, each scored by a model that has
//! not seen it. They are printed; a person copies them into `src/score/probability.rs`.
//!
//! Nothing is random and nothing depends on the clock: the same files make the same model.

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
        bail!("usage: train OUT --posts FILE… --lines FILE… [--folds] [--wrong]");
    };
    let (mut flag, mut folds, mut wrong) = (String::new(), false, false);
    for argument in arguments {
        let path = PathBuf::from(&argument);
        match (argument.starts_with("--"), flag.as_str()) {
            (true, _) => flag = argument,
            (false, "--posts") => inputs.push(path),
            (false, "--lines") => labelled.push(path),
            (false, _) => bail!("{argument} stands after neither --posts nor --lines"),
        }
        folds |= flag == "--folds";
        wrong |= flag == "--wrong";
    }
    let cases = lines::read(&labelled)?;
    let posts = posts::read(&inputs)?;
    let rows: Vec<Post> = cases.iter().map(lines::Case::post).collect();
    let out = PathBuf::from(out);
    let mut of_posts = vec![0.0; rows.len()];
    if !posts.is_empty() {
        let set = linear::Set::new(&posts);
        println!("{} posts of {} sources", posts.len(), set.sources.len());
        if folds {
            linear::leave_one_out(&set);
        }
        let file = write(&out.join("posts.bin"), &set, &posts)?;
        of_posts = linear::logits(&file, &rows)?;
    }
    if !rows.is_empty() {
        let set = linear::Set::new(&rows);
        write(&out.join("lines.bin"), &set, &rows)?;
        let of_lines = linear::cross_fitted(&set, lines::FOLDS);
        let logits: Vec<[f64; 2]> = std::iter::zip(of_posts, of_lines)
            .map(<[f64; 2]>::from)
            .collect();
        weigh::weigh(cases, &logits, wrong)?;
    }
    Ok(())
}

/// Trains and writes a model, and tells how it judges what it learnt from.
fn write(path: &Path, set: &linear::Set, rows: &[Post]) -> Result<Vec<u8>> {
    let file = linear::train(set).to_file();
    std::fs::write(path, &file).with_context(|| format!("writing {}", path.display()))?;
    println!("{}:", path.display());
    linear::compare(rows, &file)?;
    Ok(file)
}
