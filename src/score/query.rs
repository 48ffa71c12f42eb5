//! The query language of watches, keywords and silences: here only a plain phrase.

use super::text::{Text, fold_str};
use crate::model::Span;

/// A parsed query.
#[derive(Clone, Debug)]
pub struct Query {
    choices: Vec<Vec<String>>,
}

/// Why a query cannot be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("empty query")]
pub struct QueryError;

impl Query {
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        let choices: Vec<Vec<String>> = text
            .split(" OR ")
            .map(|choice| words(choice.trim().trim_matches('"')))
            .filter(|words| !words.is_empty())
            .collect();
        if choices.is_empty() {
            return Err(QueryError);
        }
        Ok(Self { choices })
    }

    pub fn phrase(text: &str) -> Self {
        Self {
            choices: vec![words(text)],
        }
    }

    pub fn hits(&self, text: &Text) -> Vec<Span> {
        let mut spans = Vec::new();
        for choice in &self.choices {
            for first in 0..text.words.len() {
                let same = choice.iter().enumerate().all(|(i, wanted)| {
                    text.word(first + i)
                        .is_some_and(|t| match wanted.strip_suffix('*') {
                            Some(stem) => t.folded.starts_with(stem),
                            None => t.folded == *wanted,
                        })
                });
                if same && !choice.is_empty() {
                    spans.extend(text.span(first, first + choice.len() - 1));
                }
            }
        }
        spans
    }

    pub fn matches(&self, text: &Text) -> bool {
        !self.hits(text).is_empty()
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(fold_str).collect()
}
