//! What `--help` says, in both languages, by one table.

mod lines;

use clap::Command;

use crate::model::Ui;

use lines::LINES;

const AFTER_ES: &str = "Para empezar:\n  escucha demo                 ver qué hace, sin instalar nada\n  escucha init                 escribir la configuración\n  escucha check --online       comprobarla de verdad\n  escucha run                  ponerse a escuchar";
const AFTER_EN: &str = "To begin:\n  escucha demo                 see what it does, nothing to install\n  escucha init                 write the configuration\n  escucha check --online       check it for real\n  escucha run                  begin to listen";

/// The command with its help in the reader's language.
pub(super) fn localised(command: Command, ui: Ui) -> Command {
    translate(command, "", ui).after_help(ui.pick(AFTER_ES, AFTER_EN))
}

fn translate(command: Command, path: &str, ui: Ui) -> Command {
    let command = match line(path, ui) {
        Some(about) => command.about(about),
        None => command,
    };
    let path_of = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    let names: Vec<String> = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned())
        .collect();
    let command = command.mut_args(|arg| {
        let id = arg.get_id().as_str().to_owned();
        let own = if path.is_empty() {
            format!(".{id}")
        } else {
            format!("{path}.{id}")
        };
        match line(&own, ui) {
            Some(help) => arg.help(help),
            None => arg,
        }
    });
    names.iter().fold(command, |command, name| {
        let path = path_of(name);
        command.mut_subcommand(name, |sub| translate(sub, &path, ui))
    })
}

fn line(path: &str, ui: Ui) -> Option<&'static str> {
    LINES
        .iter()
        .find(|(known, _, _)| *known == path)
        .map(|(_, es, en)| ui.pick(*es, *en))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn everything_has_a_line_in_both_languages() {
        fn collect(command: &Command, path: &str, missing: &mut Vec<String>) {
            if line(path, Ui::Es).is_none() {
                missing.push(path.to_owned());
            }
            for arg in command.get_arguments().filter(|arg| !arg.is_global_set()) {
                let id = format!("{path}.{}", arg.get_id());
                if !matches!(arg.get_id().as_str(), "help" | "version")
                    && line(&id, Ui::En).is_none()
                {
                    missing.push(id);
                }
            }
            for sub in command.get_subcommands() {
                let name = sub.get_name();
                let path = if path.is_empty() {
                    name.to_owned()
                } else {
                    format!("{path}.{name}")
                };
                collect(sub, &path, missing);
            }
        }
        let mut missing = Vec::new();
        collect(&super::super::args::Args::command(), "", &mut missing);
        assert_eq!(missing, Vec::<String>::new());
        super::super::args::Args::command().debug_assert();
    }
}
