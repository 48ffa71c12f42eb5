//! Labelled posts, read from where they lie.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use crate::model::Span;
use anyhow::{Context, Result, bail};
use flate2::read::MultiGzDecoder;

/// Folds of the cross-fit of posts whose sources are known.
pub(super) const FOLDS: usize = 4;
/// A source says no more with more rows: none may rule.
const ROWS_MAX: usize = 4_000;

#[derive(Clone, Default)]
pub(super) struct Post {
    pub(super) title: Option<String>,
    pub(super) text: String,
    /// Where it names the company that is watched.
    pub(super) ours: Vec<Span>,
    pub(super) unhappy: bool,
    /// How probably a teacher calls it unhappy.
    pub(super) taught: Option<f64>,
    pub(super) source: String,
    /// Whether it was written to be hard; such ones share a weight among themselves.
    pub(super) is_hard: bool,
    /// As its set says; empty: it does not.
    pub(super) lang: String,
    /// The fold of the cross-fit in which it is left out.
    pub(super) fold: usize,
}

#[derive(serde::Deserialize)]
struct Line {
    text: String,
    label: String,
    source: String,
    #[serde(default)]
    lang: String,
}

/// At most [`ROWS_MAX`] a source, spread over its file, in the order of sources.
pub(super) fn read(inputs: &[PathBuf]) -> Result<Vec<Post>> {
    let mut sources: BTreeMap<String, Vec<Post>> = BTreeMap::new();
    for path in files(inputs)? {
        let file = File::open(&path).with_context(|| format!("opening {}", path.display()))?;
        let reader: Box<dyn Read> = if path.extension().is_some_and(|end| end == "gz") {
            Box::new(MultiGzDecoder::new(file))
        } else {
            Box::new(file)
        };
        for (n, line) in BufReader::new(reader).lines().enumerate() {
            let place = || format!("{} line {}", path.display(), n + 1);
            let line: Line =
                serde_json::from_str(&line.with_context(place)?).with_context(place)?;
            let unhappy = is_unhappy(&line.label).with_context(place)?;
            let post = Post {
                text: line.text,
                unhappy,
                source: line.source.clone(),
                lang: line.lang,
                ..Post::default()
            };
            sources.entry(line.source).or_default().push(post);
        }
    }
    let spread = sources.into_values().flat_map(|posts| {
        let n = posts.len();
        let kept = n.min(ROWS_MAX);
        posts
            .into_iter()
            .enumerate()
            .filter(move |(at, _)| at * kept / n != (at + 1) * kept / n)
            .map(|(_, post)| post)
    });
    let folded = spread.enumerate().map(|(at, post)| Post {
        fold: at % FOLDS,
        ..post
    });
    Ok(folded.collect())
}

pub(super) fn is_unhappy(label: &str) -> Result<bool> {
    match label {
        "neg" | "complaint" => Ok(true),
        "neu" | "pos" | "not" => Ok(false),
        other => bail!("unknown label {other}"),
    }
}

/// Files as given, folders as their files in the order of names.
fn files(inputs: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let is_posts = |path: &Path| {
        let name = path.to_string_lossy();
        name.ends_with(".jsonl") || name.ends_with(".jsonl.gz")
    };
    let mut files = Vec::new();
    for input in inputs {
        if input.is_dir() {
            let mut inside = Vec::new();
            for entry in input.read_dir()? {
                inside.push(entry?.path());
            }
            inside.retain(|path| is_posts(path));
            inside.sort();
            files.extend(inside);
        } else {
            files.push(input.clone());
        }
    }
    Ok(files)
}
