//! `escucha train`: makes what the scorer judges with; `escucha eval`: how well that judges.
//!
//! First `languages.bin`, the table that tells languages, from all texts whose language is known: the next
//! build embeds it, no folder of one's own needs it. Then the two linear models: `posts.bin`, of
//! labelled posts that were found, and `lines.bin`, of lines that name the company that is watched
//! (ours; an operator's own judged posts). Then `weights.tsv`, the weights of the scorer's named facts,
//! fitted to both, each row scored by a first level that has not seen it; and how well such fits judge
//! what they have not seen.
//!
//! Nothing is random and nothing depends on the clock: the same files make the same models.

pub(super) mod eval;
mod judge;
mod languages;
mod linear;
mod lines;
mod posts;
mod teacher;
mod weigh;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use posts::Post;

use super::terminal::Terminal;
use super::{BadUsage, open};
use crate::model::Ui;
use crate::score::model::{Model, Parts};
use crate::score::trained::{FILES, LINES, POSTS, WEIGHTS};

/// What to train on.
pub(super) struct From {
    /// Public posts: files of JSON Lines, or folders of them.
    pub(super) posts: Vec<PathBuf>,
    /// Lines that name us.
    pub(super) lines: Vec<PathBuf>,
    /// What a larger model thinks of posts.
    pub(super) teacher: Option<PathBuf>,
    /// Whether to go on from the embedded models.
    pub(super) on_top: bool,
    /// Whether to tell which lines are judged wrongly.
    pub(super) wrong: bool,
}

/// Writes the files into the folder `out`. The configuration's
/// watches, if there is one, tell whom lines are about.
pub(super) fn train(
    config: Option<&Path>,
    out: &Path,
    from: &From,
    ui: Ui,
) -> anyhow::Result<ExitCode> {
    if from.on_top && !(from.posts.is_empty() && from.teacher.is_none()) {
        return Err(bad(ui.pick(
            "--on-top sigue con los modelos incluidos y aprende solo de --lines",
            "--on-top goes on from the embedded models and learns from --lines alone",
        )));
    }
    let settings = open::optional_settings(config, ui)?;
    let cases = lines::read(&from.lines, &lines::scorer(settings.as_ref())?)?;
    if cases.is_empty() {
        return Err(bad(ui.pick(
            "no hay líneas de las que aprender: dé --lines con al menos un archivo",
            "there are no lines to learn from: give --lines with at least one file",
        )));
    }
    std::fs::create_dir_all(out).with_context(|| out.display().to_string())?;
    if from.on_top {
        return on_top(out, &cases);
    }
    let mut posts = posts::read(&from.posts)?;
    if let Some(path) = &from.teacher {
        let n = teacher::Teacher::read(path)?.teach(&mut posts);
        Terminal::line(&format!("{n} posts with the teacher's opinion"))?;
    }
    let rows: Vec<Post> = cases.iter().map(lines::Case::post).collect();
    if !posts.is_empty() {
        let of_languages = languages::Set::new(posts.iter().chain(&rows));
        save(out, languages::FILE, &of_languages.fit(None).to_file())?;
    }
    let of_posts = linear::Set::new(&posts, linear::POSTS);
    Terminal::line(&format!(
        "{} posts of {} sources, {} lines",
        posts.len(),
        of_posts.sources.len(),
        rows.len()
    ))?;
    let posts_file = linear::train(&of_posts).to_file();
    let of_lines = linear::Set::new(&rows, linear::LINES);
    let lines_file = linear::train(&of_lines).to_file();
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
    let table = weigh::weigh(&cases, &logits, &told, from.wrong)?;
    write(out, [&posts_file, &lines_file, table.as_bytes()])
}

/// The embedded models, the one of lines taught what it does not know of these lines.
fn on_top(out: &Path, cases: &[lines::Case]) -> anyhow::Result<ExitCode> {
    let rows: Vec<Post> = cases.iter().map(lines::Case::post).collect();
    let base = Model::parse(LINES).context("the embedded model cannot be read")?;
    let set = linear::Set::on_top(&rows, &Parts::of(&base));
    let unhappy = || rows.iter().map(|row| row.unhappy);
    let before = linear::logits(LINES, &rows)?;
    let after = linear::cross_fitted(&set, lines::FOLDS);
    for (name, logits) in [("embedded", before), ("on top, cross-validated", after)] {
        let precision = judge::average_precision(std::iter::zip(logits, unhappy()).collect());
        Terminal::line(&format!("{name}: average precision {precision:.3}"))?;
    }
    let file = linear::train(&set).to_file();
    write(out, [POSTS, &file, WEIGHTS.as_bytes()])
}

fn write(out: &Path, files: [&[u8]; 3]) -> anyhow::Result<ExitCode> {
    for (name, file) in FILES.into_iter().zip(files) {
        save(out, name, file)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn save(out: &Path, name: &str, file: &[u8]) -> anyhow::Result<()> {
    let path = out.join(name);
    std::fs::write(&path, file).with_context(|| path.display().to_string())?;
    Terminal::line(&path.display().to_string())?;
    Ok(())
}

fn bad(sentence: &str) -> anyhow::Error {
    BadUsage(sentence.to_owned()).into()
}
