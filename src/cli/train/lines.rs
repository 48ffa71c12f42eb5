//! Labelled lines that name the company that is watched, as the scorer reads them.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail};

use super::posts::{self, Post};
use crate::model::{self, Company, Lang, Level, Span, Timestamp, Ui, digest_hex};
use crate::score::query::{Query, Subject};
use crate::score::rules::{Levels, Rules, Watch};
use crate::score::text::Text;
use crate::score::trained::Trained;
use crate::score::{Context, Fact, Sample, Scorer};
use crate::settings::Settings;

/// Folds of every cross-validation with these lines.
pub(super) const FOLDS: usize = 10;
/// As the documentation recommends for a name that is a common word.
const QUERY: &str =
    "\"telefonía ejemplo\" OR @ejemplo_ayuda OR #ejemplo OR (ejemplo EXCEPT \"por ejemplo\")";
/// The name of their source.
pub(super) const SOURCE: &str = "lines";

#[derive(Clone, Default, serde::Deserialize)]
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
    /// What makes it hard, where it was written to be.
    trap: Option<String>,
    #[serde(default)]
    lang: String,
}

/// Where and when a line was published.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) url: Option<String>,
    pub(super) lang: Option<Lang>,
    pub(super) published: Option<Timestamp>,
    pub(super) seen_at: Timestamp,
    /// The name of its source, and the watches that all of its posts are about.
    pub(super) source: Option<String>,
    pub(super) about: Vec<String>,
}

#[derive(Clone)]
pub(super) struct Case {
    line: Line,
    place: Place,
    ours: Vec<Span>,
    pub(super) facts: Vec<Fact>,
    pub(super) complaint: bool,
    /// Whether the rest of the scorer lets it be a complaint: it names us and is not about a rival.
    pub(super) open: bool,
    pub(super) part: String,
    /// Every tenth line of a file is of one fold: neighbours are alike. Of judged posts all those of one author.
    pub(super) fold: usize,
}

impl Case {
    /// A line as this scorer reads it.
    fn of(line: Line, place: Place, complaint: bool, fold: usize, scorer: &Scorer) -> Self {
        let part = line.part.clone();
        let mut case = Self {
            line,
            place,
            ours: Vec::new(),
            facts: Vec::new(),
            complaint,
            open: false,
            part,
            fold,
        };
        let text = Text::new(case.line.title.as_deref(), &case.line.text);
        let subject = Subject::new(&text);
        let watches = scorer.rules().watches.iter();
        case.ours = watches
            .flat_map(|watch| watch.query.hits(&subject))
            .collect();
        let sample = case.sample();
        let (facts, verdict) = (
            scorer.facts(&sample),
            scorer.verdict(&sample, case.place.seen_at),
        );
        (case.facts, case.open) = (facts, verdict.level >= Level::Complaint);
        case
    }

    /// A post of the store.
    pub(super) fn of_post(
        post: &model::Post,
        place: Place,
        complaint: bool,
        scorer: &Scorer,
    ) -> Self {
        let line = Line {
            text: post.text.clone(),
            title: post.title.clone(),
            author: post.author.clone(),
            rating: post.rating,
            ..Line::default()
        };
        // The same person writes alike: whoever is left out is left out with all posts.
        let whose = post.author.as_deref().unwrap_or(&post.text);
        let digest = digest_hex(&["fold", whose]);
        let fold = digest
            .bytes()
            .fold(0, |sum, byte| (sum * 31 + usize::from(byte)) % FOLDS);
        Self::of(line, place, complaint, fold, scorer)
    }

    fn sample(&self) -> Sample<'_> {
        Sample {
            title: self.line.title.as_deref(),
            text: &self.line.text,
            author: self.line.author.as_deref(),
            url: self.place.url.as_deref(),
            lang: self.place.lang,
            rating: self.line.rating,
            published: self.place.published,
            source: self.place.source.as_deref(),
            about: &self.place.about,
            ..Sample::default()
        }
    }

    /// How probably it is a complaint about us by this scorer, which is of the same rules as the one that
    /// read it; 0 for what they do not let be one.
    pub(super) fn probability(&self, scorer: &Scorer) -> f64 {
        let verdict = scorer.verdict(&self.sample(), self.place.seen_at);
        let is_open = verdict.level >= Level::Complaint;
        if is_open {
            verdict.complaint_probability.to_f64()
        } else {
            0.0
        }
    }

    /// For people who look for what the facts lack.
    pub(super) fn told(&self) -> String {
        let title = self.line.title.as_deref().unwrap_or_default();
        let rating = self.line.rating.map(|rating| rating.to_string());
        let rating = rating.unwrap_or_default();
        let id = self.line.id.as_ref().map(ToString::to_string);
        let id = id.unwrap_or_default();
        format!("{id} [{rating}] {title} | {}", self.line.text)
    }

    /// Whether it was written to be hard.
    pub(super) fn is_hard(&self) -> bool {
        self.line.trap.is_some()
    }

    pub(super) fn post(&self) -> Post {
        Post {
            title: self.line.title.clone(),
            text: self.line.text.clone(),
            ours: self.ours.clone(),
            unhappy: self.complaint,
            source: SOURCE.to_owned(),
            is_hard: self.is_hard(),
            lang: self.line.lang.clone(),
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
            let place = Place {
                url: None,
                lang: None,
                published: Some(now),
                seen_at: now,
                source: None,
                about: Vec::new(),
            };
            let fold = cases.len() % FOLDS;
            cases.push(Case::of(line, place, complaint, fold, scorer));
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
/// company, of which the project's own lines speak. It judges by `trained`, else by the embedded models.
pub(super) fn scorer(settings: Option<&Settings>, trained: Option<Arc<Trained>>) -> Result<Scorer> {
    let levels = Levels {
        complaint_at: -1,
        ..Levels::default()
    };
    let (watches, company) = if let Some(settings) = settings {
        (settings.rules.watches.clone(), settings.company.clone())
    } else {
        example()?
    };
    Ok(of_company(watches, company, levels, trained))
}

/// The scorer of the example company, as its users have it.
pub(super) fn reader() -> Result<Scorer> {
    let (watches, company) = example()?;
    Ok(of_company(watches, company, Levels::default(), None))
}

fn example() -> Result<(Vec<Watch>, Company)> {
    let query = Query::parse(QUERY).map_err(|problem| anyhow!("{problem:?}"))?;
    let company = Company {
        name: "Telefonía Ejemplo".into(),
        own_authors: vec!["@ejemplo_ayuda".into()],
        ..Company::default()
    };
    Ok((vec![Watch::new("ejemplo", query)], company))
}

fn of_company(
    watches: Vec<Watch>,
    company: Company,
    levels: Levels,
    trained: Option<Arc<Trained>>,
) -> Scorer {
    let rules = Rules {
        watches,
        levels,
        ..Rules::default()
    };
    let context = Context {
        company,
        ui: Ui::Es,
        trained,
    };
    Scorer::new(rules, context)
}
