//! Labelled lines that name the company that is watched, as the scorer reads them.

use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow, bail};

use super::posts::{self, Post};
use crate::model::{Company, Level, Span, Timestamp, Ui};
use crate::score::query::{Query, Subject};
use crate::score::rules::{Levels, Rules, Watch};
use crate::score::text::Text;
use crate::score::{Context, Fact, Sample, Scorer};
use crate::settings::Settings;

/// Folds of every cross-validation with these lines.
pub(super) const FOLDS: usize = 10;
/// As the documentation recommends for a name that is a common word.
const QUERY: &str =
    "\"telefonía ejemplo\" OR @ejemplo_ayuda OR #ejemplo OR (ejemplo EXCEPT \"por ejemplo\")";
/// The name of their source.
const SOURCE: &str = "lines";

#[derive(serde::Deserialize)]
struct Line {
    id: Option<serde_json::Value>,
    text: String,
    title: Option<String>,
    author: Option<String>,
    rating: Option<f64>,
    complaint: Option<bool>,
    /// In place of `complaint`.
    label: Option<String>,
    /// In place of both; a doubt teaches nothing.
    level: Option<Level>,
    #[serde(default)]
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
        let id = self.line.id.as_ref().map(ToString::to_string);
        let id = id.unwrap_or_default();
        format!("{id} [{rating}] {title} | {}", self.line.text)
    }

    pub(super) fn post(&self) -> Post {
        Post {
            title: self.line.title.clone(),
            text: self.line.text.clone(),
            ours: self.ours.clone(),
            unhappy: self.complaint,
            source: SOURCE.to_owned(),
            fold: self.fold,
            ..Post::default()
        }
    }
}

/// All but those that judge the scorer. `scorer` knows by its watches whom they are about.
pub(super) fn read(paths: &[PathBuf], scorer: &Scorer) -> Result<Vec<Case>> {
    let now = Timestamp::parse_rfc3339("2026-11-20T10:00:00Z").context("a moment")?;
    let mut cases = Vec::new();
    for path in paths {
        let file = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        for (n, line) in file.lines().enumerate() {
            let place = || format!("{} line {}", path.display(), n + 1);
            if line.trim().is_empty() {
                continue;
            }
            let line: Line = serde_json::from_str(line).with_context(place)?;
            if matches!(line.part.as_str(), "held" | "fresh") {
                continue;
            }
            if line.level == Some(Level::Doubt) {
                continue;
            }
            let complaint = match (line.complaint, &line.label, line.level) {
                (Some(complaint), _, _) => complaint,
                (None, Some(label), _) => posts::is_unhappy(label).with_context(place)?,
                (None, None, Some(level)) => level >= Level::Complaint,
                (None, None, None) => bail!("{}: neither complaint nor label", place()),
            };
            let sample = Sample {
                title: line.title.as_deref(),
                text: &line.text,
                author: line.author.as_deref(),
                rating: line.rating,
                published: Some(now),
                ..Sample::default()
            };
            let text = Text::new(line.title.as_deref(), &line.text);
            let subject = Subject::new(&text);
            let watches = scorer.rules().watches.iter();
            cases.push(Case {
                ours: watches
                    .flat_map(|watch| watch.query.hits(&subject))
                    .collect(),
                facts: scorer.facts(&sample),
                complaint,
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

/// A scorer to which everything that may be a complaint is one: the operator's, else that of the example
/// company, of which the project's own lines speak.
pub(super) fn scorer(settings: Option<&Settings>) -> Result<Scorer> {
    let levels = Levels {
        complaint_at: -1,
        ..Levels::default()
    };
    let (watches, company) = if let Some(settings) = settings {
        (settings.rules.watches.clone(), settings.company.clone())
    } else {
        let query = Query::parse(QUERY).map_err(|problem| anyhow!("{problem:?}"))?;
        let watch = Watch::new("ejemplo", query);
        let company = Company {
            name: "Telefonía Ejemplo".into(),
            own_authors: vec!["@ejemplo_ayuda".into()],
            ..Company::default()
        };
        (vec![watch], company)
    };
    let rules = Rules {
        watches,
        levels,
        ..Rules::default()
    };
    let context = Context {
        company,
        ui: Ui::Es,
        ..Context::default()
    };
    Ok(Scorer::new(rules, context))
}
