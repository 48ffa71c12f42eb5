//! The commands: arguments in, words and exit codes out. The only home of `anyhow`.
//!
//! Results go to standard output, everything else to standard error.
//! Exit 0 done, 1 failed, 2 bad usage or configuration.

mod args;
mod backup;
mod capture;
mod cases;
mod check;
mod copy;
mod demo;
mod doctor;
mod doubts;
mod forget;
mod found;
mod help;
mod incidents;
mod init;
mod judge;
mod keywords;
mod links;
mod open;
mod opml;
mod outbox;
mod restore;
mod run;
mod score;
mod sources;
mod status;
mod terminal;
mod train;
mod trying;
mod webhook;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

use args::{Args, Command};
use terminal::Terminal;

use crate::model::Ui;
use crate::reader;

/// A mistake of the caller or in a file: exit 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct BadUsage(String);

/// Parses the arguments, runs the command and picks the exit code.
pub fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    if words.next().is_some_and(|word| word == reader::SUBCOMMAND) {
        return reader::child(words);
    }
    // Every TLS connection of this process uses ring; a second installation is harmless.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let ui = open::early_ui();
    let matches = match help::localised(Args::command(), ui).try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::from(error.use_stderr()) * 2);
        }
    };
    let args = match Args::from_arg_matches(&matches) {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(2);
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into(), ui),
    };
    let code = runtime
        .block_on(command(args, ui))
        .unwrap_or_else(|error| failed(&error, ui));
    // A parser that will not end must not keep a finished command from ending.
    runtime.shutdown_background();
    code
}

async fn command(args: Args, ui: Ui) -> anyhow::Result<ExitCode> {
    let terminal = Terminal::new(args.json);
    let config = args.config.as_deref();
    match args.command {
        Command::Demo { dir } => Box::pin(demo::demo(&terminal, &dir, ui)).await,
        Command::Init { dir } => init::init(&dir, ui),
        Command::Check {
            online,
            mail_to,
            webhook,
        } => {
            let (mail_to, webhook) = (mail_to.as_deref(), webhook.as_deref());
            check::check(&terminal, config, ui, online, (mail_to, webhook)).await
        }
        Command::Run { once, log } => run::run(config, ui, once, log).await,
        Command::Status => status::status(&terminal, config, ui).await,
        Command::Try {
            sources,
            kind,
            base,
        } => trying::try_all(&terminal, config, ui, &sources, kind, base.as_ref()).await,
        Command::Score { file, manner } => {
            score::score(&terminal, config, ui, file.as_deref(), manner)
        }
        Command::Sources => sources::sources(&terminal, config, ui).await,
        Command::Cases { all, doubts } => cases::cases(&terminal, config, ui, (all, doubts)).await,
        Command::Case { id, act } => cases::case(&terminal, config, ui, &id, act).await,
        Command::Incidents { id } => {
            incidents::incidents(&terminal, config, ui, id.as_deref()).await
        }
        Command::Outbox { id, all, act } => {
            outbox::outbox(&terminal, config, ui, (id.as_deref(), all), act).await
        }
        Command::Links { what } => links::links(config, ui, &what).await,
        Command::Keywords { what } => keywords::keywords(&terminal, config, ui, what).await,
        Command::Capture {
            text,
            author,
            url,
            published,
            source_name,
        } => {
            let said = capture::Said {
                text,
                author,
                url,
                published,
                source_name,
            };
            capture::capture(&terminal, config, ui, said).await
        }
        Command::Import { file, dry_run } => {
            opml::import(&terminal, config, ui, &file, dry_run).await
        }
        Command::Export => opml::export(&terminal, config, ui),
        Command::Backup { file } => backup::backup(&terminal, config, ui, &file).await,
        Command::Restore { wish } => restore::restore(&terminal, config, ui, wish).await,
        Command::Copy { url } => copy::copy(&terminal, config, ui, &url).await,
        Command::Forget { who } => forget::forget(&terminal, config, ui, who).await,
        Command::Doctor { file } => doctor::doctor(&terminal, config, ui, file).await,
        Command::Train { out, from } => Box::pin(train::train(config, &out, &from, ui)).await,
        Command::Eval {
            dir,
            lines,
            teacher,
        } => train::eval::eval(&terminal, &dir, &lines, teacher.as_deref(), ui),
        Command::Completions { shell } => completions(shell, ui),
    }
}

fn completions(shell: clap_complete::Shell, ui: Ui) -> anyhow::Result<ExitCode> {
    let mut command = help::localised(Args::command(), ui);
    // Whoever writes them panics where he cannot: they are made first.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "escucha", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}

/// What was given with an option; blanks alone are nothing.
fn given(option: &str, text: String, ui: Ui) -> anyhow::Result<String> {
    if text.trim().is_empty() {
        let said = ui.pick("está vacío", "is empty");
        return Err(BadUsage(format!("{option} {said}")).into());
    }
    Ok(text)
}

fn failed(error: &anyhow::Error, ui: Ui) -> ExitCode {
    // A reader that went away (`escucha cases | head`) is no failure worth a word.
    let is_closed_pipe = error.chain().any(|cause| {
        let cause = cause.downcast_ref::<std::io::Error>();
        cause.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    });
    if is_closed_pipe {
        return ExitCode::SUCCESS;
    }
    let said = error
        .chain()
        .map(|cause| match cause.downcast_ref::<std::io::Error>() {
            Some(error) => ui.io(error),
            None => cause.to_string(),
        });
    let said: Vec<String> = said.collect();
    terminal::complain(&format!("escucha: {}", said.join(": ")));
    ExitCode::from(if error.is::<BadUsage>() { 2 } else { 1 })
}
