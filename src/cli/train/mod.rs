//! `escucha train`: makes what the scorer judges with; `escucha eval`: how well that judges.
//!
//! First `languages.bin`, the table that tells languages, from all texts whose language is known: the next
//! build embeds it, no folder of one's own needs it. Then the two linear models: `posts.bin`, of
//! labelled posts that were found, and `lines.bin`, of lines that name the company that is watched
//! (ours; an operator's own judged posts, from a file or from the store). Then `weights.tsv`, the
//! weights of the scorer's named facts, fitted to both, each row scored by a first level that has not
//! seen it; and how well such fits judge what they have not seen.
//!
//! Nothing is random and nothing depends on the clock: the same files make the same models.

pub(super) mod eval;
mod judge;
mod judged;
mod languages;
mod linear;
mod lines;
mod posts;
mod signals;
mod teacher;
mod topics;
mod traits;
mod weigh;
mod worth;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use lines::Case;
use posts::Post;
use weigh::Telling;

use super::terminal::Terminal;
use super::{BadUsage, open};
use crate::model::Ui;
use crate::score::model::{Model, Parts};
use crate::score::trained::{FILES, LINES, POSTS, WEIGHTS};
use crate::score::{Fact, Scorer};
use crate::settings::Settings;
use crate::store::Role;

/// What to train on.
#[derive(Debug, clap::Args)]
pub(super) struct From {
    // Public posts: files of JSON Lines, or folders of them.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    posts: Vec<PathBuf>,
    // Lines that name us.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    lines: Vec<PathBuf>,
    // Lines whose facts are labelled.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    signals: Vec<PathBuf>,
    // Lines whose topics are labelled.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    topics: Vec<PathBuf>,
    // What a larger model thinks of posts.
    #[arg(long, value_name = "FILE")]
    teacher: Option<PathBuf>,
    // Whether to learn from the judged posts of the store, too.
    #[arg(long)]
    judged: bool,
    // Whether to go on from the embedded models.
    #[arg(long)]
    on_top: bool,
    // Whether to tell which lines are judged wrongly.
    #[arg(long)]
    wrong: bool,
}

/// Writes the files into the folder `out`. The configuration's
/// watches, if there is one, tell whom lines are about.
pub(super) async fn train(
    config: Option<&Path>,
    out: &Path,
    from: &From,
    ui: Ui,
) -> anyhow::Result<ExitCode> {
    if from.on_top && !(from.posts.is_empty() && from.teacher.is_none()) {
        return Err(bad(ui.pick(
            "--on-top sigue con los modelos incluidos y aprende solo de --lines y --judged",
            "--on-top goes on from the embedded models and learns from --lines and --judged alone",
        )));
    }
    if !(from.signals.is_empty() && from.topics.is_empty()) {
        std::fs::create_dir_all(out).with_context(|| out.display().to_string())?;
        if !from.signals.is_empty() {
            save(out, signals::FILE, &signals::train(&from.signals)?)?;
        }
        if !from.topics.is_empty() {
            save(out, topics::FILE, &topics::train(&from.topics)?)?;
        }
        if from.lines.is_empty() && !from.judged {
            return Ok(ExitCode::SUCCESS);
        }
    }
    let settings = if from.judged {
        Some(open::settings(config, ui, open::Need::Rules)?)
    } else {
        open::optional_settings(config, ui)?
    };
    let ui = settings.as_ref().map_or(ui, |settings| settings.ui);
    let scorer = lines::scorer(settings.as_ref(), None)?;
    let lines = lines::read(&from.lines, &scorer)?;
    let judged = match settings.as_ref().filter(|_| from.judged) {
        Some(settings) => judged_posts(settings, &scorer, ui).await?,
        None => Vec::new(),
    };
    let cases: Vec<Case> = lines.iter().chain(&judged).cloned().collect();
    if cases.is_empty() {
        return Err(bad(ui.pick(
            "no hay nada de lo que aprender: dé --judged, o --lines con al menos un archivo",
            "there is nothing to learn from: give --judged, or --lines with at least one file",
        )));
    }
    judged::enough(&cases, ui)?;
    std::fs::create_dir_all(out).with_context(|| out.display().to_string())?;
    let public = (!from.on_top).then(|| Public::read(from)).transpose()?;
    let telling = if from.wrong {
        Telling::Wrong
    } else {
        Telling::Figures
    };
    let files = if let Some(public) = &public {
        Terminal::line(&format!("{}, {} lines", public.told(), cases.len()))?;
        if !public.posts.is_empty() {
            save(out, languages::FILE, &public.languages(&cases))?;
        }
        public.train(&cases, telling)?
    } else {
        tell_precision(&cases)?;
        on_top(&cases)?
    };
    write(out, &files)?;
    let Some(settings) = settings.filter(|_| from.judged) else {
        return Ok(ExitCode::SUCCESS);
    };
    let again = |cases: &[Case]| match &public {
        Some(public) => public.train(cases, Telling::Nothing),
        None => on_top(cases),
    };
    worth::tell(&settings, &lines, &judged, again, ui)?;
    tell_use(config, out, ui)?;
    Ok(ExitCode::SUCCESS)
}

/// The judged posts of the store, where they are enough.
async fn judged_posts(settings: &Settings, scorer: &Scorer, ui: Ui) -> anyhow::Result<Vec<Case>> {
    let store = open::store(settings, Role::Visitor).await?;
    let judged = judged::read(&store, settings, scorer).await?;
    judged.enough(ui)?;
    Terminal::line(&judged.told(ui))?;
    Ok(judged.cases)
}

/// Public posts, and the model that was made of them: lines do not change it.
struct Public {
    posts: Vec<Post>,
    n_sources: usize,
    n_taught: usize,
    file: Vec<u8>,
    facts: Vec<Vec<Fact>>,
    /// The logits of each post by a model that has not seen its source, and by one that has not seen it.
    new: Vec<f64>,
    known: Vec<f64>,
}

impl Public {
    fn read(from: &From) -> anyhow::Result<Self> {
        let mut posts = posts::read(&from.posts)?;
        let n_taught = match &from.teacher {
            Some(path) => teacher::Teacher::read(path)?.teach(&mut posts),
            None => 0,
        };
        let set = linear::Set::new(&posts, linear::POSTS);
        Ok(Self {
            n_sources: set.sources.len(),
            n_taught,
            file: linear::train(&set).to_file(),
            facts: lines::facts_of(&posts),
            new: linear::leave_sources_out(&set),
            known: linear::cross_fitted(&set, posts::FOLDS),
            posts,
        })
    }

    fn told(&self) -> String {
        let (n, n_sources) = (self.posts.len(), self.n_sources);
        match self.n_taught {
            0 => format!("{n} posts of {n_sources} sources"),
            taught => {
                format!("{n} posts of {n_sources} sources, {taught} with the teacher's opinion")
            }
        }
    }

    /// The table that tells the languages of these posts and lines.
    fn languages(&self, cases: &[Case]) -> Vec<u8> {
        let rows: Vec<Post> = cases.iter().map(Case::post).collect();
        let set = languages::Set::new(self.posts.iter().chain(&rows));
        set.fit(None).to_file()
    }

    /// The three files that these posts and lines make.
    fn train(&self, cases: &[Case], telling: Telling) -> anyhow::Result<[Vec<u8>; 3]> {
        let rows: Vec<Post> = cases.iter().map(Case::post).collect();
        let of_lines = linear::Set::new(&rows, linear::LINES);
        let lines_file = linear::train(&of_lines).to_file();
        let logits = std::iter::zip(
            linear::logits(&self.file, &rows, linear::POSTS)?,
            linear::cross_fitted(&of_lines, lines::FOLDS),
        );
        let logits: Vec<[f64; 2]> = logits.map(<[f64; 2]>::from).collect();
        let told = weigh::Posts {
            facts: self.facts.clone(),
            new: self.new.clone(),
            known: self.known.clone(),
            of_lines: linear::logits(&lines_file, &self.posts, linear::LINES)?,
            all: &self.posts,
        };
        let table = weigh::weigh(cases, &logits, &told, telling)?;
        Ok([self.file.clone(), lines_file, table.into_bytes()])
    }
}

/// The embedded models, the one of lines taught what it does not know of these lines.
fn on_top(cases: &[Case]) -> anyhow::Result<[Vec<u8>; 3]> {
    let rows: Vec<Post> = cases.iter().map(Case::post).collect();
    let set = linear::Set::on_top(&rows, &embedded()?);
    let file = linear::train(&set).to_file();
    Ok([POSTS.to_vec(), file, WEIGHTS.as_bytes().to_vec()])
}

/// How well the model of lines alone ranks these, before and after.
fn tell_precision(cases: &[Case]) -> anyhow::Result<()> {
    let rows: Vec<Post> = cases.iter().map(Case::post).collect();
    let set = linear::Set::on_top(&rows, &embedded()?);
    let unhappy = || rows.iter().map(|row| row.unhappy);
    let before = linear::logits(LINES, &rows, linear::LINES)?;
    let after = linear::cross_fitted(&set, lines::FOLDS);
    for (name, logits) in [("embedded", before), ("on top, cross-validated", after)] {
        let precision = judge::average_precision(std::iter::zip(logits, unhappy()).collect());
        Terminal::line(&format!(
            "model of lines alone, {name}: average precision {precision:.3}"
        ))?;
    }
    Ok(())
}

fn embedded() -> anyhow::Result<Parts> {
    let base = Model::parse(LINES).context("the embedded model cannot be read")?;
    Ok(Parts::of(&base))
}

/// How the new model is switched on, and off again.
fn tell_use(config: Option<&Path>, out: &Path, ui: Ui) -> anyhow::Result<()> {
    let out = std::path::absolute(out)?;
    let config = open::find(config).and_then(|path| std::path::absolute(path).ok());
    let folder = config.as_deref().and_then(Path::parent);
    let named = folder.and_then(|folder| out.strip_prefix(folder).ok());
    let named = named.unwrap_or(&out).display().to_string();
    let named = toml::Value::String(named);
    Terminal::line(&match ui {
        Ui::Es => format!(
            "\nPara usarlo, escriba en escucha.toml, y reinicie el servicio:\n  [model]\n  folder = \
             {named}\nPara volver al incluido, quite esa línea y reinicie."
        ),
        Ui::En => format!(
            "\nTo use it, write into escucha.toml, and restart the service:\n  [model]\n  folder = \
             {named}\nTo go back to the embedded one, take that line out and restart."
        ),
    })?;
    Ok(())
}

fn write(out: &Path, files: &[Vec<u8>; 3]) -> anyhow::Result<()> {
    for (name, file) in FILES.into_iter().zip(files) {
        save(out, name, file)?;
    }
    Ok(())
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
