//! `escucha init`: asks three things and writes both files.

use std::io::{self, BufRead as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;

use super::BadUsage;
use super::terminal::Terminal;
use crate::config::{self, InitAnswers, template};
use crate::model::Ui;
use crate::settings::Mailbox;

pub(super) fn init(dir: &Path, ui: Ui) -> anyhow::Result<ExitCode> {
    let (escucha, keywords) = (dir.join("escucha.toml"), dir.join("keywords.toml"));
    for file in [&escucha, &keywords] {
        if file.exists() {
            let file = file.display();
            return Err(BadUsage(match ui {
                Ui::Es => format!("{file} ya existe; no lo toco. Elija otra carpeta o muévalo"),
                Ui::En => {
                    format!("{file} exists already and stays. Choose another folder or move it")
                }
            })
            .into());
        }
    }
    let (escucha_toml, keywords_toml) = template(&questions(dir, ui)?);
    std::fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
    for (file, text) in [(&escucha, escucha_toml), (&keywords, keywords_toml)] {
        std::fs::write(file, text).with_context(|| file.display().to_string())?;
        Terminal::line(&file.display().to_string())?;
    }
    let named = escucha.display();
    Terminal::line(&match ui {
        Ui::Es => format!(
            "Léalos, complete [smtp] y compruébelos con: escucha --config {named} check --online"
        ),
        Ui::En => format!(
            "Read them, complete [smtp], and check them with: escucha --config {named} check --online"
        ),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn questions(dir: &Path, ui: Ui) -> anyhow::Result<InitAnswers> {
    let company = ask(ui.pick("Nombre de la empresa", "Name of the company"))?;
    if company.is_empty() {
        let sentence = ui.pick(
            "hace falta el nombre de la empresa",
            "the company's name is needed",
        );
        return Err(BadUsage(sentence.to_owned()).into());
    }
    let site = ask(ui.pick(
        "Su sitio web (puede faltar)",
        "Its web site (may be left out)",
    ))?;
    let site = match config::site(&site) {
        None if !site.is_empty() => {
            return Err(BadUsage(match ui {
                Ui::Es => {
                    format!("«{site}» no es una dirección web; escríbala como www.ejemplo.es")
                }
                Ui::En => format!("\"{site}\" is no web address; write it as www.example.com"),
            })
            .into());
        }
        site => site,
    };
    let manager = ask(ui.pick(
        "Correo de quien responde a los clientes",
        "Mail address of the person who answers customers",
    ))?;
    let Some(manager) = Mailbox::parse(&manager) else {
        return Err(BadUsage(match ui {
            Ui::Es => {
                format!("«{manager}» no es una dirección de correo; escríbala como nombre@dominio")
            }
            Ui::En => format!("\"{manager}\" is no mail address; write it as name@domain"),
        })
        .into());
    };
    Ok(InitAnswers {
        ui,
        company,
        site,
        manager,
        database: database(dir),
    })
}

/// The folder of a service's configuration is not one that the service may write to: its state lies
/// where the unit of systemd, the Debian package and the image put it.
fn database(dir: &Path) -> &'static str {
    if dir.starts_with("/etc") {
        "sqlite:///var/lib/escucha/escucha.db"
    } else {
        "sqlite://escucha.db"
    }
}

fn ask(question: &str) -> anyhow::Result<String> {
    let mut err = io::stderr().lock();
    write!(err, "{question}: ")?;
    err.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_keeps_its_state_out_of_etc() {
        let service = "sqlite:///var/lib/escucha/escucha.db";
        for (dir, wanted) in [
            ("/etc/escucha", service),
            ("/etc", service),
            (".", "sqlite://escucha.db"),
            ("etc/escucha", "sqlite://escucha.db"),
            ("/srv/marta/etc", "sqlite://escucha.db"),
        ] {
            assert_eq!(database(Path::new(dir)), wanted, "{dir}");
        }
    }
}
