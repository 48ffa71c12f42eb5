//! `escucha init`: asks three things and writes both files.

use std::io::{self, BufRead as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;

use super::BadUsage;
use super::terminal::Terminal;
use crate::config::{InitAnswers, template};
use crate::model::Ui;

pub(super) fn init(terminal: &Terminal, dir: &Path, ui: Ui) -> anyhow::Result<ExitCode> {
    let (escucha, keywords) = (dir.join("escucha.toml"), dir.join("keywords.toml"));
    for file in [&escucha, &keywords] {
        if file.exists() {
            let file = file.display();
            return Err(BadUsage(match ui {
                Ui::Es => format!("{file} ya existe; no lo toco. Elija otra carpeta o muévalo"),
                Ui::En => format!("{file} exists already and stays. Choose another folder or move it"),
            })
            .into());
        }
    }
    let answers = InitAnswers {
        company: ask(ui.pick("Nombre de la empresa", "Name of the company"))?,
        site: ask(ui.pick("Su sitio web (https://…)", "Its web site (https://…)"))?,
        manager: ask(ui.pick(
            "Correo de quien responde a los clientes",
            "Mail address of the person who answers customers",
        ))?,
        ui,
    };
    if answers.company.is_empty() {
        let sentence = ui.pick("hace falta el nombre de la empresa", "the company's name is needed");
        return Err(BadUsage(sentence.to_owned()).into());
    }
    let (escucha_toml, keywords_toml) = template(&answers);
    std::fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
    for (file, text) in [(&escucha, escucha_toml), (&keywords, keywords_toml)] {
        std::fs::write(file, text).with_context(|| file.display().to_string())?;
        terminal.line(&file.display().to_string())?;
    }
    terminal.line(ui.pick(
        "Léalos, complete [smtp], y compruébelos con: escucha check --online",
        "Read them, complete [smtp], and check them with: escucha check --online",
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn ask(question: &str) -> anyhow::Result<String> {
    let mut err = io::stderr().lock();
    write!(err, "{question}: ")?;
    err.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim().to_owned())
}
