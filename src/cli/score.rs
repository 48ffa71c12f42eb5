//! `escucha score`: a text and every point of it; with `--json` line for line.

use std::io::{BufRead, BufReader, Read as _, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::open;
use super::terminal::Terminal;
use crate::clock;
use crate::model::{Field, Lang, Span, Timestamp, Ui, Verdict};
use crate::score::rules::Rules;
use crate::score::{Context, Sample, Scorer};
use crate::settings::Settings;

/// A line longer than this is broken: it would be a file, not a post.
const LINE_BYTES_MAX: usize = 4 << 20;

/// The configured scorer, or one for which every text is about us.
pub(super) fn scorer(settings: Option<&Settings>, ui: Ui) -> Scorer {
    match settings {
        Some(settings) => Scorer::new(
            settings.rules.clone(),
            Context {
                company: settings.company.clone(),
                ui: settings.ui,
                trained: settings.trained.clone(),
            },
        ),
        None => Scorer::new(
            Rules::default(),
            Context {
                ui,
                ..Context::default()
            },
        ),
    }
}

pub(super) fn score(
    terminal: &Terminal,
    config: Option<&Path>,
    ui: Ui,
    file: Option<&Path>,
) -> anyhow::Result<ExitCode> {
    let settings = open::optional_settings(config, ui)?;
    let scorer = scorer(settings.as_ref(), ui);
    let input: Box<dyn BufRead> = match file {
        Some(file) => {
            let opened = std::fs::File::open(file);
            Box::new(BufReader::new(
                opened.with_context(|| file.display().to_string())?,
            ))
        }
        None => Box::new(BufReader::new(std::io::stdin())),
    };
    if terminal.json {
        return lines(&scorer, input);
    }
    let mut bytes = Vec::new();
    let mut input = input;
    input.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let sample = Sample {
        text: &text,
        ..Sample::default()
    };
    let verdict = scorer.verdict(&sample, clock::now());
    explain(terminal, None, &text, &verdict, ui)?;
    Ok(ExitCode::SUCCESS)
}

/// One object a line in, one object a line out, in order; a broken line answers with an error.
fn lines(scorer: &Scorer, mut input: impl BufRead) -> anyhow::Result<ExitCode> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut line = Vec::new();
    let mut n = 0_u64;
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        n += 1;
        match parsed(&line) {
            Ok(object) => answer(scorer, &object, n, &mut out)?,
            Err(error) => {
                serde_json::to_writer(&mut out, &json!({"id": null, "line": n, "error": error}))?;
            }
        }
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn parsed(line: &[u8]) -> Result<Map<String, Value>, String> {
    if line.len() > LINE_BYTES_MAX {
        return Err(format!("the line is longer than {LINE_BYTES_MAX} bytes"));
    }
    match serde_json::from_slice::<Value>(line) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err("the line is JSON, but no object".to_owned()),
        Err(error) => Err(format!("the line is no JSON: {error}")),
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    id: &'a Value,
    #[serde(flatten)]
    verdict: &'a Verdict,
}

fn answer(
    scorer: &Scorer,
    object: &Map<String, Value>,
    n: u64,
    out: &mut impl Write,
) -> serde_json::Result<()> {
    let id = object.get("id").unwrap_or(&Value::Null);
    match verdict_of(scorer, object) {
        Ok(verdict) => {
            let verdict = &verdict;
            serde_json::to_writer(out, &Answer { id, verdict })
        }
        Err(error) => serde_json::to_writer(out, &json!({"id": id, "line": n, "error": error})),
    }
}

fn verdict_of(scorer: &Scorer, object: &Map<String, Value>) -> Result<Verdict, String> {
    let text = |name: &str| match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(format!("\"{name}\" must be a text")),
    };
    let published = text("published")?
        .map(|at| {
            Timestamp::parse_rfc3339(at)
                .ok_or_else(|| "\"published\" must be RFC 3339: 2026-11-20T10:00:00Z".to_owned())
        })
        .transpose()?;
    let rating = match object.get("rating") {
        None | Some(Value::Null) => None,
        Some(value) => match value.as_f64() {
            Some(rating) if (0.0..=1.0).contains(&rating) => Some(rating),
            _ => return Err("\"rating\" must be a number from 0 to 1".to_owned()),
        },
    };
    let sample = Sample {
        title: text("title")?,
        text: text("text")?.ok_or("\"text\" is missing")?,
        author: text("author")?,
        url: text("url")?,
        lang: text("lang")?.and_then(Lang::parse),
        rating,
        published,
        ..Sample::default()
    };
    Ok(scorer.verdict(&sample, clock::now()))
}

/// The text with its evidence marked, and the table of points.
pub(super) fn explain(
    terminal: &Terminal,
    title: Option<&str>,
    text: &str,
    verdict: &Verdict,
    ui: Ui,
) -> anyhow::Result<()> {
    if let Some(title) = title {
        Terminal::line(&terminal.bold(&marked(terminal, Field::Title, title, verdict)))?;
    }
    Terminal::line(&marked(terminal, Field::Text, text.trim_end(), verdict))?;
    Terminal::line("")?;
    let lang = verdict.lang.map_or("?", Lang::code);
    let percent = verdict.complaint_probability.to_f64() * 100.0;
    let sentiment = verdict.sentiment.to_f64();
    Terminal::line(&terminal.bold(&match ui {
        Ui::Es => format!(
            "nivel {}, riesgo {} de 100; probabilidad de queja {percent:.0} %, ánimo {sentiment:+.2}, \
             sobre {}, idioma {lang}",
            verdict.level, verdict.risk, verdict.target
        ),
        Ui::En => format!(
            "level {}, risk {} of 100; complaint probability {percent:.0} %, sentiment \
             {sentiment:+.2}, about {}, language {lang}",
            verdict.level, verdict.risk, verdict.target
        ),
    }))?;
    if !verdict.topics.is_empty() {
        let topics: Vec<&str> = verdict.topics.iter().map(|topic| topic.word()).collect();
        Terminal::line(&format!(
            "{}: {}",
            ui.pick("temas", "topics"),
            topics.join(", ")
        ))?;
    }
    for reason in &verdict.why {
        Terminal::line(&format!("  {:>+4}  {}", reason.points, reason.because))?;
    }
    Ok(())
}

/// The field with the words that made the verdict marked; overlapping marks become one.
fn marked(terminal: &Terminal, field: Field, text: &str, verdict: &Verdict) -> String {
    let reasons = verdict.why.iter().filter_map(|reason| reason.span);
    let signals = verdict.signals.iter().map(|signal| signal.span);
    let mut spans: Vec<Span> = reasons
        .chain(signals)
        .filter(|span| span.field == field && span.start < span.end)
        .collect();
    spans.sort_unstable_by_key(|span| (span.start, span.end));
    let chars: Vec<char> = text.chars().collect();
    let part = |from: usize, to: usize| -> String {
        chars
            .get(from..to.min(chars.len()))
            .unwrap_or_default()
            .iter()
            .collect()
    };
    let mut shown = String::new();
    let mut at = 0;
    let mut spans = spans.into_iter().peekable();
    while let Some(span) = spans.next() {
        let start = (span.start as usize).max(at);
        let mut end = span.end as usize;
        while let Some(next) = spans.next_if(|next| next.start as usize <= end) {
            end = end.max(next.end as usize);
        }
        if start >= end || start >= chars.len() {
            continue;
        }
        shown.push_str(&part(at, start));
        shown.push_str(&terminal.marked(&part(start, end)));
        at = end.min(chars.len());
    }
    shown.push_str(&part(at, chars.len()));
    shown
}
