//! The arguments as clap reads them. The words people see are in `help`.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use url::Url;

/// What `--version` says; `-V` says the first words.
const LONG_VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\nThe embedded model was trained on research data, some of it not for commerce \
     (docs/model-card.md).\nTrain your own: escucha train --help",
);

#[derive(Debug, Parser)]
#[command(
    name = "escucha",
    version,
    long_version = LONG_VERSION,
    disable_help_subcommand = true
)]
pub(super) struct Args {
    #[arg(long, global = true, value_name = "PATH")]
    pub(super) config: Option<PathBuf>,
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Demo {
        #[arg(default_value = "escucha-demo")]
        dir: PathBuf,
    },
    Init {
        #[arg(default_value = ".")]
        dir: PathBuf,
    },
    Check {
        #[arg(long)]
        online: bool,
        #[arg(long, value_name = "ADDR")]
        mail_to: Option<String>,
        #[arg(long, value_name = "NAME")]
        webhook: Option<String>,
    },
    Run {
        #[arg(long)]
        once: bool,
        #[arg(long, value_enum, default_value_t = Log::Text)]
        log: Log,
    },
    Status,
    Try {
        #[arg(required = true, value_name = "URL|FILE")]
        sources: Vec<String>,
        #[arg(long, value_enum, default_value_t = TryKind::Any)]
        kind: TryKind,
        #[arg(long, value_name = "URL")]
        base: Option<Url>,
    },
    Score {
        file: Option<PathBuf>,
        #[command(flatten)]
        manner: super::score::Manner,
    },
    Sources,
    Cases {
        #[arg(long)]
        all: bool,
        #[arg(long, conflicts_with = "all")]
        doubts: bool,
    },
    Case {
        id: String,
        #[command(subcommand)]
        act: Option<Act>,
    },
    Incidents {
        id: Option<String>,
    },
    Outbox {
        id: Option<String>,
        #[arg(long)]
        all: bool,
        #[command(subcommand)]
        act: Option<OutboxAct>,
    },
    Keywords {
        #[command(subcommand)]
        what: Keywords,
    },
    Links {
        #[command(subcommand)]
        what: Links,
    },
    Capture {
        #[arg(long, value_name = "TEXT")]
        text: Option<String>,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_name = "URL")]
        url: Option<String>,
        #[arg(long, value_name = "WHEN")]
        published: Option<String>,
        #[arg(long, value_name = "NAME")]
        source_name: Option<String>,
    },
    Import {
        #[arg(value_name = "FILE.opml")]
        file: PathBuf,
        #[arg(long)]
        dry_run: bool,
    },
    Export,
    Backup {
        file: PathBuf,
    },
    Restore {
        #[command(flatten)]
        wish: super::restore::Wish,
    },
    Doctor {
        file: Option<PathBuf>,
    },
    Copy {
        #[arg(value_name = "URL")]
        url: String,
    },
    Forget {
        #[command(flatten)]
        who: super::forget::Who,
    },
    Train {
        out: PathBuf,
        #[command(flatten)]
        from: super::train::From,
    },
    Eval {
        dir: PathBuf,
        #[arg(long, value_name = "FILE", num_args = 1..)]
        lines: Vec<PathBuf>,
        #[arg(long, value_name = "FILE")]
        teacher: Option<PathBuf>,
    },
    Completions {
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Act {
    Answered,
    Solved {
        #[arg(long, value_name = "TEXT")]
        words: Option<String>,
    },
    Dismissed {
        #[arg(long, value_name = "REASON")]
        because: Option<String>,
    },
    Judge {
        #[arg(value_enum, value_name = "yes|no")]
        said: YesNo,
    },
    Take {
        #[arg(long, value_name = "NAME")]
        by: String,
    },
    Snooze {
        #[arg(long = "for", value_name = "1d", default_value = "1d")]
        wait: String,
    },
    Undo,
}

#[derive(Debug, Subcommand)]
pub(super) enum Links {
    Rotate,
    Revoke,
}

#[derive(Debug, Subcommand)]
pub(super) enum OutboxAct {
    Retry {
        #[arg(
            value_name = "ID",
            required_unless_present = "dead",
            conflicts_with = "dead"
        )]
        ids: Vec<String>,
        #[arg(long)]
        dead: bool,
    },
    Cancel {
        #[arg(value_name = "ID", required = true)]
        ids: Vec<String>,
        #[arg(long, value_name = "TEXT")]
        because: String,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Keywords {
    Check {
        #[arg(value_name = "FILE.toml")]
        file: Option<PathBuf>,
        #[arg(long, value_name = "90d")]
        since: Option<String>,
    },
    Stats {
        #[arg(long, value_name = "90d")]
        since: Option<String>,
    },
    Suggest {
        #[arg(long, value_name = "N", default_value_t = 20)]
        limit: usize,
    },
    Test {
        #[arg(value_name = "NEW.toml")]
        file: PathBuf,
        #[arg(long, value_name = "90d")]
        since: Option<String>,
        #[arg(long, value_name = "N", default_value_t = 20)]
        limit: usize,
        #[arg(long)]
        force: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum YesNo {
    Yes,
    No,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Log {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TryKind {
    Any,
    Feed,
    Blog,
    Reviews,
}
