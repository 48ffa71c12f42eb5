//! `escucha demo`: the real pipeline over real HTTP and SMTP, against a small town on loopback.

mod mailbox;
mod town;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;

use super::terminal::{Terminal, complain};
use super::{open, run};
use crate::clock;
use crate::daemon;
use crate::model::Ui;
use crate::store::Role;

/// Files of a former demonstration; a folder with anything else in it is left alone.
const OWN_NAMES: [&str; 3] = ["escucha", "keywords.toml", "correo"];

pub(super) async fn demo(terminal: &Terminal, dir: &Path, ui: Ui) -> anyhow::Result<ExitCode> {
    empty(dir, ui)?;
    let town = town::open(clock::now()).await?;
    let mailbox = mailbox::open().await?;
    write_configuration(dir, &town.base, mailbox.port, ui)?;
    complain(&match ui {
        Ui::Es => format!(
            "Un pueblo de muestra en {}: un foro, un blog y opiniones.",
            town.base
        ),
        Ui::En => format!(
            "A sample town at {}: a forum, a blog and reviews.",
            town.base
        ),
    });
    let settings = open::settings(Some(&dir.join("escucha.toml")), ui, open::Need::Secrets)?;
    let service = run::service(settings, Role::Service).await?;
    let done = daemon::once(&service, &CancellationToken::new()).await?;
    let counts = service.store.counts().await?;
    service.store.close().await;
    let mails = mailbox.mails();
    let folder = dir.join("correo");
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    for (n, mail) in mails.iter().enumerate() {
        let file = folder.join(format!("{:02}.eml", n + 1));
        std::fs::write(&file, mail).with_context(|| file.display().to_string())?;
    }
    let javier = mails
        .iter()
        .position(|mail| mailbox::plain_text(mail).contains("Javier"));
    if let Some(at) = javier {
        Terminal::line(&terminal.bold(&mailbox::subject(&mails[at])))?;
        Terminal::line("")?;
        Terminal::line(&mailbox::plain_text(&mails[at]))?;
    }
    next_steps(dir, mails.len(), counts.posts, ui);
    Ok(ExitCode::from(u8::from(
        javier.is_none() || done.n_waiting > 0,
    )))
}

/// Makes the folder anew, unless it holds something that no demonstration wrote.
fn empty(dir: &Path, ui: Ui) -> anyhow::Result<()> {
    let context = || dir.display().to_string();
    if dir.exists() {
        for entry in std::fs::read_dir(dir).with_context(context)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            anyhow::ensure!(
                OWN_NAMES.iter().any(|own| name.starts_with(own)),
                match ui {
                    Ui::Es => format!(
                        "{} contiene {name}, que no es de la demostración",
                        dir.display()
                    ),
                    Ui::En => format!(
                        "{} holds {name}, which is not the demonstration's",
                        dir.display()
                    ),
                }
            );
        }
        std::fs::remove_dir_all(dir).with_context(context)?;
    }
    std::fs::create_dir_all(dir).with_context(context)
}

fn write_configuration(dir: &Path, base: &str, port: u16, ui: Ui) -> anyhow::Result<()> {
    let language = ui.code();
    let escucha = format!(
        r#"# Written by "escucha demo"; the next demonstration writes it anew.
language = "{language}"
time_zone = "Europe/Madrid"

[database]
url = "sqlite://escucha.db"

[company]
name = "Telefonía Ejemplo"
customers = 1200
help_url = "https://ejemplo.test/ayuda"
signature = "Marta Ruiz, responsable de calidad"
own_authors = ["@ejemplo_ayuda"]

[[source]]
name = "foro"
kind = "feed"
url = "{base}/foro/rss.xml"
every = "15m"

[[source]]
name = "blog"
kind = "feed"
url = "{base}/blog/atom.xml"
every = "1h"
full_text = true

[[source]]
name = "opiniones"
kind = "reviews"
url = "{base}/opiniones/ejemplo"
every = "1h"
watches = ["ejemplo"]

[fetch]
contact = "https://ejemplo.test/escucha"
allow_private = ["127.0.0.0/8"]

[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
from = "Escucha <avisos@ejemplo.test>"
reply_to = "atencion@ejemplo.test"

[alerts]
to = ["gerente@ejemplo.test"]
operator = ["sistemas@ejemplo.test"]
answer_within = "4h"

[[remedy]]
topic = "billing"
offer = {{ es = "le devolvemos el cargo duplicado en 48 horas", en = "we refund the second charge within 48 hours" }}
limit = "100 EUR"
role = "agent"
"#
    );
    let keywords = include_str!("keywords.toml");
    for (name, text) in [
        ("escucha.toml", escucha.as_str()),
        ("keywords.toml", keywords),
    ] {
        let file = dir.join(name);
        std::fs::write(&file, text).with_context(|| file.display().to_string())?;
    }
    Ok(())
}

fn next_steps(dir: &Path, n_mails: usize, n_posts: i64, ui: Ui) {
    let dir = dir.display();
    let posts = ui.count(
        n_posts,
        ["publicación leída", "publicaciones leídas"],
        ["post read", "posts read"],
    );
    let mails = ui.count(
        n_mails,
        ["correo enviado", "correos enviados"],
        ["mail sent", "mails sent"],
    );
    complain(&match ui {
        Ui::Es => format!(
            "\n{posts}, {mails}.\n\n\
             Mire ahora:\n  {dir}/correo/*.eml            los correos, como los vería el responsable\n  \
             escucha --config {dir}/escucha.toml cases\n  \
             escucha --config {dir}/escucha.toml sources\n  \
             escucha init                 su propia configuración"
        ),
        Ui::En => format!(
            "\n{posts}, {mails}.\n\n\
             Look now at:\n  {dir}/correo/*.eml            the mails, as the manager would see them\n  \
             escucha --config {dir}/escucha.toml cases\n  \
             escucha --config {dir}/escucha.toml sources\n  \
             escucha init                 your own configuration"
        ),
    });
}
