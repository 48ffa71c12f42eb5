//! `escucha score`: a text and every point of it, on a terminal, as a page, or line for line as JSON.
//!
//! What comes in is a text, or JSON Lines: they begin with an object.

mod facts;
mod marks;
mod page;
mod plain;
mod words;

use std::io::{BufRead, BufReader, Read as _, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::terminal::Terminal;
use super::{BadUsage, open};
use crate::clock;
use crate::model::{Lang, Span, Timestamp, Ui, Verdict};
use crate::score::rules::Rules;
use crate::score::{Account, Context, Sample, Scorer};
use crate::settings::Settings;

/// A line longer than this is broken: it would be a file, not a post.
const LINE_BYTES_MAX: usize = 4 << 20;
/// Of the words that name us.
const NAME_CHARS_MAX: usize = 60;

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

/// How the verdicts are told.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct Manner {
    #[arg(long)]
    html: bool,
    #[arg(long)]
    why: bool,
}

/// A post and its verdict, with all that is shown of them.
pub(super) struct Shown<'a> {
    title: Option<&'a str>,
    text: &'a str,
    verdict: &'a Verdict,
    /// What stands behind the probability, where that is wanted.
    account: Option<Account>,
    names_us: Option<Span>,
    rules: &'a Rules,
    ui: Ui,
}

impl<'a> Shown<'a> {
    pub(super) fn new(
        scorer: &'a Scorer,
        sample: &Sample<'a>,
        verdict: &'a Verdict,
        has_account: bool,
        ui: Ui,
    ) -> Self {
        Self {
            title: sample.title,
            text: sample.text,
            verdict,
            account: has_account.then(|| scorer.account(sample)),
            names_us: scorer.names_us(sample),
            rules: scorer.rules(),
            ui,
        }
    }

    /// The words that name us.
    fn names_us(&self) -> Option<String> {
        let span = self.names_us?;
        Some(marks::quoted(self.title, self.text, span, NAME_CHARS_MAX))
    }

    fn percent(&self) -> String {
        let levels = &self.rules.levels;
        let limits = [levels.complaint_at, levels.doubt_at];
        words::percent(self.verdict.complaint_probability, &limits, self.ui)
    }

    /// The risk from which this complaint is urgent: the least of the watches that match.
    fn urgent_at(&self) -> u8 {
        let default = self.rules.levels.urgent_at;
        let watches = self.rules.watches.iter();
        let matching = watches.filter(|watch| self.verdict.watches.contains(&watch.name));
        let limits = matching.map(|watch| watch.urgent_at.unwrap_or(default));
        limits.min().unwrap_or(default)
    }
}

/// Shows a post on the terminal.
pub(super) fn explain(terminal: &Terminal, shown: &Shown<'_>) -> anyhow::Result<()> {
    Ok(plain::show(terminal, shown)?)
}

pub(super) fn score(
    terminal: &Terminal,
    config: Option<&Path>,
    ui: Ui,
    file: Option<&Path>,
    manner: Manner,
) -> anyhow::Result<ExitCode> {
    if manner.html && terminal.json {
        let said = ui.pick(
            "elija --json o --html: no las dos",
            "choose --json or --html, not both",
        );
        return Err(BadUsage(said.to_owned()).into());
    }
    let settings = open::optional_settings(config, ui)?;
    let ui = settings.as_ref().map_or(ui, |settings| settings.ui);
    let scorer = scorer(settings.as_ref(), ui);
    let mut input: Box<dyn BufRead> = match file {
        Some(file) => {
            let named = || file.display().to_string();
            let opened = std::fs::File::open(file).with_context(named)?;
            let mut input = BufReader::new(opened);
            // A folder can be opened, and then not read.
            input.fill_buf().with_context(named)?;
            Box::new(input)
        }
        None => Box::new(BufReader::new(std::io::stdin())),
    };
    if terminal.json {
        lines(&scorer, input, manner.why)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut first = Vec::new();
    let most = LINE_BYTES_MAX as u64 + 1;
    input.by_ref().take(most).read_until(b'\n', &mut first)?;
    let are_lines = parsed(&first).is_ok();
    let mut input = first.as_slice().chain(input);
    let teller = Teller {
        terminal,
        scorer: &scorer,
        manner,
        ui,
    };
    if manner.html {
        Terminal::write(&page::head(ui))?;
    }
    if are_lines {
        teller.lines(&mut input)?;
    } else {
        let mut bytes = Vec::new();
        input.read_to_end(&mut bytes)?;
        // A mark at its beginning tells UTF-16, too.
        let (text, ..) = encoding_rs::UTF_8.decode(&bytes);
        if text.trim().is_empty() {
            let said = ui.pick(
                "no hay ningún texto: póngalo en el archivo o mándelo por la entrada estándar",
                "there is no text: put it into the file or send it on standard input",
            );
            return Err(BadUsage(said.to_owned()).into());
        }
        let sample = Sample {
            text: &text,
            ..Sample::default()
        };
        teller.post(None, &sample)?;
    }
    if manner.html {
        Terminal::write(page::FOOT)?;
    }
    Ok(ExitCode::SUCCESS)
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Tells posts to people, one after another.
struct Teller<'a> {
    terminal: &'a Terminal,
    scorer: &'a Scorer,
    manner: Manner,
    ui: Ui,
}

impl Teller<'_> {
    fn lines(&self, input: &mut impl BufRead) -> anyhow::Result<()> {
        let mut line = Vec::new();
        let mut n = 0_u64;
        loop {
            line.clear();
            if input.read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            n += 1;
            if line.trim_ascii().is_empty() {
                continue;
            }
            let object = parsed(&line);
            let post = object.as_ref().map_err(Clone::clone).and_then(|object| {
                let name = object.get("id").map(|id| match id {
                    Value::String(id) => id.clone(),
                    id => id.to_string(),
                });
                Ok((name, sample_of(object)?))
            });
            match post {
                Ok((name, sample)) => self.post(name.as_deref(), &sample)?,
                Err(error) => self.trouble(n, &error)?,
            }
        }
    }

    fn post(&self, name: Option<&str>, sample: &Sample<'_>) -> anyhow::Result<()> {
        let verdict = self.scorer.verdict(sample, clock::now());
        let has_account = self.manner.why || self.manner.html;
        let shown = Shown::new(self.scorer, sample, &verdict, has_account, self.ui);
        if self.manner.html {
            Terminal::write(&page::article(name, &shown))?;
            return Ok(());
        }
        if let Some(name) = name {
            Terminal::line(&self.terminal.bold(&format!("── {name}")))?;
        }
        explain(self.terminal, &shown)?;
        if name.is_some() {
            Terminal::line("")?;
        }
        Ok(())
    }

    fn trouble(&self, n: u64, error: &str) -> std::io::Result<()> {
        if self.manner.html {
            return Terminal::write(&page::trouble(n, error, self.ui));
        }
        let line = self
            .ui
            .pick("no se puede leer la línea", "cannot read line");
        Terminal::line(&format!("{line} {n}: {error}\n"))
    }
}

/// One object a line in, one object a line out, in order; a broken line answers with an error.
fn lines(scorer: &Scorer, mut input: impl BufRead, has_why: bool) -> anyhow::Result<()> {
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
            Ok(object) => answer(scorer, &object, n, has_why, &mut out)?,
            Err(error) => {
                serde_json::to_writer(&mut out, &json!({"id": null, "line": n, "error": error}))?;
            }
        }
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
}

fn parsed(line: &[u8]) -> Result<Map<String, Value>, String> {
    if line.len() > LINE_BYTES_MAX {
        return Err(format!("the line is longer than {LINE_BYTES_MAX} bytes"));
    }
    let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
    let line = line.trim_ascii_end();
    match serde_json::from_slice::<Value>(line) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err("the line is JSON, but no object".to_owned()),
        Err(error) => {
            let said = error.to_string();
            // It counts lines of its own; there is one.
            let said = said.split(" at line ").next().unwrap_or(&said);
            Err(format!(
                "the line is no JSON: {said}, at byte {}",
                error.column()
            ))
        }
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    id: &'a Value,
    #[serde(flatten)]
    verdict: &'a Verdict,
    /// What stands behind the probability, where that is wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    facts: Option<Value>,
}

fn answer(
    scorer: &Scorer,
    object: &Map<String, Value>,
    n: u64,
    has_why: bool,
    out: &mut impl Write,
) -> serde_json::Result<()> {
    let id = object.get("id").unwrap_or(&Value::Null);
    let sample = match sample_of(object) {
        Ok(sample) => sample,
        Err(error) => {
            return serde_json::to_writer(out, &json!({"id": id, "line": n, "error": error}));
        }
    };
    let verdict = &scorer.verdict(&sample, clock::now());
    let facts = has_why.then(|| facts::json(&scorer.account(&sample), sample.title, sample.text));
    serde_json::to_writer(out, &Answer { id, verdict, facts })
}

fn sample_of(object: &Map<String, Value>) -> Result<Sample<'_>, String> {
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
    Ok(Sample {
        title: text("title")?,
        text: text("text")?.ok_or("\"text\" is missing")?,
        author: text("author")?,
        url: text("url")?,
        lang: text("lang")?.and_then(Lang::parse),
        rating,
        published,
        ..Sample::default()
    })
}
