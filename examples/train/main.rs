//! Trains what the scorer embeds. Two levels:
//!
//! `train POSTS… OUT [--folds]` trains the linear model on JSON Lines (`.jsonl` or `.jsonl.gz`, files or
//! folders of them) with `lang`, `text`, `label` (`neg` and `complaint` are unhappy, `neu`, `pos` and
//! `not` are not) and `source`, and writes `src/score/data/model.bin`. `--folds` first tells how well a
//! model without a source judges that source.
//!
//! `train --weigh LINES…` fits the weights of the scorer's named facts to lines as those of
//! `tests/data/labelled.jsonl` and prints them; a person copies them into `src/score/probability.rs`.
//!
//! Nothing is random and nothing depends on the clock: the same files make the same model.

#![expect(clippy::print_stdout, reason = "its figures are for people to read")]

mod linear;
mod posts;
mod weigh;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

fn main() -> Result<()> {
    let (flags, paths): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|arg| arg.starts_with("--"));
    let paths: Vec<PathBuf> = paths.into_iter().map(PathBuf::from).collect();
    let has = |flag: &str| flags.iter().any(|given| given == flag);
    if has("--weigh") {
        return weigh::weigh(&paths);
    }
    let Some((out, inputs)) = paths.split_last().filter(|(_, inputs)| !inputs.is_empty()) else {
        bail!("usage: train POSTS… OUT [--folds], or train --weigh LINES…");
    };
    train(inputs, out, has("--folds"))
}

fn train(inputs: &[PathBuf], out: &Path, folds: bool) -> Result<()> {
    let rows = posts::read(inputs)?;
    let set = linear::Set::new(&rows);
    println!("{} rows of {} sources", rows.len(), set.sources.len());
    if folds {
        linear::leave_one_out(&set);
    }
    let parts = linear::train(&set);
    std::fs::write(out, parts.to_file()).with_context(|| format!("writing {}", out.display()))?;
    linear::compare(&rows, &parts)
}
