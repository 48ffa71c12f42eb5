//! Labelled lines of the example company, as the scorer reads them.

use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow};
use escucha::model::{Company, Level, Span, Timestamp, Ui};
use escucha::score::query::{Query, Subject};
use escucha::score::rules::{Levels, Rules, Watch};
use escucha::score::text::Text;
use escucha::score::{Context, Fact, Sample, Scorer};

use super::posts::Post;

/// Folds of every cross-validation with these lines.
pub(super) const FOLDS: usize = 10;
/// As the documentation recommends for a name that is a common word.
const QUERY: &str =
    "\"telefonía ejemplo\" OR @ejemplo_ayuda OR #ejemplo OR (ejemplo EXCEPT \"por ejemplo\")";
/// The name of their source.
const SOURCE: &str = "lines";

#[derive(serde::Deserialize)]
struct Line {
    id: String,
    text: String,
    title: Option<String>,
    author: Option<String>,
    rating: Option<f64>,
    complaint: bool,
    part: String,
}

pub(super) struct Case {
    line: Line,
    ours: Vec<Span>,
    pub(super) facts: Vec<Fact>,
    pub(super) complaint: bool,
    /// Whether the rest of the scorer lets it be a complaint: it names us and is not about a rival.
    pub(super) open: bool,
    pub(super) part: String,
    /// Every tenth line is of one fold: neighbours in a file are alike.
    pub(super) fold: usize,
}

impl Case {
    /// For people who look for what the facts lack.
    pub(super) fn told(&self) -> String {
        let title = self.line.title.as_deref().unwrap_or_default();
        let rating = self.line.rating.map(|rating| rating.to_string());
        let rating = rating.unwrap_or_default();
        format!("{} [{rating}] {title} | {}", self.line.id, self.line.text)
    }

    pub(super) fn post(&self) -> Post {
        Post {
            title: self.line.title.clone(),
            text: self.line.text.clone(),
            ours: self.ours.clone(),
            unhappy: self.complaint,
            source: SOURCE.to_owned(),
            fold: self.fold,
        }
    }
}

/// All but those that judge the scorer.
pub(super) fn read(paths: &[PathBuf]) -> Result<Vec<Case>> {
    let query = Query::parse(QUERY).map_err(|problem| anyhow!("{problem:?}"))?;
    let scorer = scorer(query.clone());
    let now = Timestamp::parse_rfc3339("2026-11-20T10:00:00Z").context("a moment")?;
    let mut cases = Vec::new();
    for path in paths {
        let file = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        for line in file.lines().filter(|line| !line.trim().is_empty()) {
            let line: Line =
                serde_json::from_str(line).with_context(|| path.display().to_string())?;
            if matches!(line.part.as_str(), "held" | "fresh") {
                continue;
            }
            let sample = Sample {
                title: line.title.as_deref(),
                text: &line.text,
                author: line.author.as_deref(),
                rating: line.rating,
                published: Some(now),
                ..Sample::default()
            };
            cases.push(Case {
                ours: query.hits(&Subject::new(&Text::new(line.title.as_deref(), &line.text))),
                facts: scorer.facts(&sample),
                complaint: line.complaint,
                open: scorer.verdict(&sample, now).level >= Level::Complaint,
                part: line.part.clone(),
                fold: cases.len() % FOLDS,
                line,
            });
        }
    }
    Ok(cases)
}

/// What the scorer finds in posts of which nobody says whom they name.
pub(super) fn facts_of(posts: &[Post]) -> Vec<Vec<Fact>> {
    let scorer = Scorer::new(Rules::default(), Context::default());
    let facts = |post: &Post| {
        scorer.facts(&Sample {
            title: post.title.as_deref(),
            text: &post.text,
            ..Sample::default()
        })
    };
    posts.iter().map(facts).collect()
}

/// A scorer to which everything that may be a complaint is one.
fn scorer(query: Query) -> Scorer {
    let watch = Watch::new("ejemplo", query);
    let rules = Rules {
        watches: vec![watch],
        levels: Levels {
            complaint_at: -1,
            ..Levels::default()
        },
        ..Rules::default()
    };
    let company = Company {
        name: "Telefonía Ejemplo".into(),
        own_authors: vec!["@ejemplo_ayuda".into()],
        ..Company::default()
    };
    let ui = Ui::Es;
    Scorer::new(rules, Context { company, ui })
}
