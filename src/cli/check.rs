//! `escucha check`: both files, and with `--online` the world that they name.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::terminal::Terminal;
use super::{BadUsage, found, open, trying, webhook};
use crate::clock;
use crate::fetch::Client;
use crate::imap::{self, Errand};
use crate::letter;
use crate::mail::{self, Envelope, Mailer};
use crate::model::{Ui, message_id};
use crate::settings::{Mailbox, Settings, SmtpSettings, SourceKind};

pub(super) async fn check(
    terminal: &Terminal,
    config: Option<&Path>,
    ui: Ui,
    online: bool,
    (mail_to, hook): (Option<&str>, Option<&str>),
) -> anyhow::Result<ExitCode> {
    let settings = open::settings(config, ui, open::Need::Secrets)?;
    report(terminal, "config", true, &counted(&settings))?;
    let mut is_well = true;
    remarks(terminal, &settings)?;
    if !online {
        is_well &= check_addresses(terminal, &settings)?;
    }
    for (key, what) in settings.missing_for_run() {
        is_well = false;
        report(terminal, key, false, &what)?;
    }
    if online {
        is_well &= check_sources(terminal, &settings).await?;
        for hook in &settings.webhooks {
            let (may_be, said) = webhook::looked_at(hook, &settings).await;
            is_well &= may_be;
            report(terminal, &format!("webhook {}", hook.name), may_be, &said)?;
        }
        is_well &= check_replies(terminal, &settings).await?;
        if mail_to.is_none() {
            is_well &= check_mail(terminal, &settings, None).await?;
        }
    }
    if let Some(address) = mail_to {
        is_well &= check_mail(terminal, &settings, Some(address)).await?;
    }
    if let Some(name) = hook {
        let Some((is_taken, said)) = webhook::tried(&settings, name).await? else {
            return Err(BadUsage(no_webhook(&settings, name)).into());
        };
        is_well &= is_taken;
        report(terminal, &format!("webhook {name}"), is_taken, &said)?;
    }
    Ok(ExitCode::from(u8::from(!is_well)))
}

fn no_webhook(settings: &Settings, name: &str) -> String {
    let known = settings.webhooks.iter().map(|hook| hook.name.as_str());
    let known: Vec<&str> = known.collect();
    let known = known.join(", ");
    match settings.ui {
        Ui::Es => format!("no hay ningún webhook «{name}» en escucha.toml; hay estos: {known}"),
        Ui::En => format!("there is no webhook \"{name}\" in escucha.toml; there are: {known}"),
    }
}

fn counted(settings: &Settings) -> String {
    let ui = settings.ui;
    let counts = [
        ui.count(
            settings.sources.len(),
            ["fuente", "fuentes"],
            ["source", "sources"],
        ),
        ui.count(
            settings.rules.watches.len(),
            ["escucha", "escuchas"],
            ["watch", "watches"],
        ),
        ui.count(
            settings.rules.keywords.len(),
            ["palabra clave", "palabras clave"],
            ["keyword", "keywords"],
        ),
    ];
    let valid = ui.pick("configuración válida", "valid configuration");
    format!("{valid}: {}", counts.join(", "))
}

/// What the operator should know of what is valid: of each section, what the author of its recipe says.
fn remarks(terminal: &Terminal, settings: &Settings) -> std::io::Result<()> {
    let sections = settings.sources.iter();
    let sections = sections.filter(|source| source.name == source.section);
    let remarks =
        sections.filter_map(|source| Some((source.name.as_str(), source.remark.clone()?)));
    let remarks = remarks.chain(two_mailboxes(settings).map(|said| ("replies", said)));
    let exposed = settings
        .exposed
        .iter()
        .map(|path| exposed(path, settings.ui));
    for (what, remark) in remarks.chain(exposed.map(|said| ("password", said))) {
        if terminal.json {
            report(terminal, what, true, &remark)?;
        } else {
            Terminal::line(&format!("! {what}: {remark}"))?;
        }
    }
    Ok(())
}

fn exposed(path: &Path, ui: Ui) -> String {
    let path = path.display();
    match ui {
        Ui::Es => format!(
            "{path} guarda una contraseña y cualquiera de esta máquina puede leerlo o cambiarlo: chmod 640 {path}"
        ),
        Ui::En => format!(
            "{path} holds a password, and everybody on this machine may read or change it: chmod 640 {path}"
        ),
    }
}

/// Returned mails and answers go to two addresses, and one mailbox is read.
fn two_mailboxes(settings: &Settings) -> Option<String> {
    settings.replies.as_ref()?;
    let smtp = settings.smtp.as_ref()?;
    let (returned, answers) = (&smtp.from.address, &smtp.reply_to.as_ref()?.address);
    let said = match settings.ui {
        Ui::Es => format!(
            "los correos devueltos van a {returned} (smtp.from) y las respuestas a {answers} \
             (smtp.reply_to): al buzón de [replies] han de llegar los dos, o no se leerá el otro"
        ),
        Ui::En => format!(
            "returned mails go to {returned} (smtp.from) and answers to {answers} (smtp.reply_to): both \
             must reach the mailbox of [replies], or the other is not read"
        ),
    };
    (!returned.eq_ignore_ascii_case(answers)).then_some(said)
}

fn report(terminal: &Terminal, what: &str, is_well: bool, sentence: &str) -> std::io::Result<()> {
    if terminal.json {
        return Terminal::row(&json!({"what": what, "well": is_well, "said": sentence}));
    }
    let mark = if is_well { "✓" } else { "✗" };
    Terminal::line(&format!("{mark} {what}: {sentence}"))
}

/// Sources that would never be asked, wherever their names lead.
fn check_addresses(terminal: &Terminal, settings: &Settings) -> anyhow::Result<bool> {
    let client = client(settings)?;
    let mut is_well = true;
    let pages = settings.sources.iter();
    for source in pages.filter(|source| source.kind != SourceKind::Mailbox) {
        if let Err(error) = client.check(&source.url) {
            is_well = false;
            report(terminal, &source.name, false, &error.sentence(settings.ui))?;
        }
    }
    Ok(is_well)
}

fn client(settings: &Settings) -> anyhow::Result<Client> {
    Client::new(&settings.fetch).map_err(|error| anyhow::anyhow!(error.sentence(settings.ui)))
}

async fn check_sources(terminal: &Terminal, settings: &Settings) -> anyhow::Result<bool> {
    let ui = settings.ui;
    let client = client(settings)?;
    let mut is_well = true;
    for source in &settings.sources {
        match trying::read_source(&client, source, ui).await {
            Ok(extracted) => {
                let n = extracted.posts.len();
                // A new feed or mailbox may be empty; a page without posts is most often read wrong.
                let may_be = n > 0 || matches!(source.kind, SourceKind::Feed | SourceKind::Mailbox);
                is_well &= may_be;
                let mut said = match (ui, n) {
                    (Ui::Es, 0) => "se puede leer, pero no hay en ella ninguna publicación; si \
                                    debería haberlas, revise la dirección, kind o select"
                        .to_owned(),
                    (Ui::En, 0) => "it can be read, but there is no post in it; if there should \
                                    be, look at the address, kind or select"
                        .to_owned(),
                    (_, n) => found::n_posts(n, ui),
                };
                if let Some(note) = found::note(&extracted, ui) {
                    said = format!("{said}; {note}");
                }
                report(terminal, &source.name, may_be, &said)?;
            }
            Err(sentence) => {
                is_well = false;
                report(terminal, &source.name, false, &sentence)?;
            }
        }
        // The same manners as the service: one host is never hurried.
        tokio::time::sleep(std::time::Duration::from_millis(
            settings.fetch.pace_ms.max(source.pace_ms) as u64,
        ))
        .await;
    }
    Ok(is_well)
}

/// Greets the mail server, or sends a real test mail.
async fn check_mail(
    terminal: &Terminal,
    settings: &Settings,
    to: Option<&str>,
) -> anyhow::Result<bool> {
    let ui = settings.ui;
    let Some(smtp) = &settings.smtp else {
        // That it is missing was told with all that is missing.
        return Ok(false);
    };
    let to = match to
        .map(|to| Mailbox::parse(to).ok_or_else(|| bad_address(to, ui)))
        .transpose()
    {
        Ok(to) => to,
        Err(sentence) => return Err(BadUsage(sentence).into()),
    };
    let letter = to
        .as_ref()
        .map(|to| test_mail(settings, smtp, to))
        .transpose()?;
    let sent = async {
        let mailer = Mailer::new(smtp)?.with_limits(mail::Limits::brief());
        let mut session = mailer.connect().await?;
        if let (Some(to), Some(mime)) = (&to, &letter) {
            session.begin(&smtp.from.address, &to.address).await?;
            session.body(mime).await?;
        }
        session.quit().await;
        Ok::<(), mail::SendError>(())
    };
    match sent.await {
        Ok(()) => {
            let sentence = match (&to, ui) {
                (Some(_), Ui::Es) => "el servidor aceptó el correo de prueba (250); mire el buzón",
                (Some(_), Ui::En) => "the server took the test mail (250); look into the mailbox",
                (None, Ui::Es) => "el servidor de correo responde y deja entrar",
                (None, Ui::En) => "the mail server answers and lets us in",
            };
            report(terminal, "smtp", true, sentence)?;
            Ok(true)
        }
        Err(error) => {
            let mut said = error.sentence(ui);
            if error.outcome() == mail::Outcome::Later {
                said = format!("{said} {}", later(ui));
            }
            report(terminal, "smtp", false, &said)?;
            Ok(false)
        }
    }
}

/// What the sentences say of the service does not hold for this command.
fn later(ui: Ui) -> &'static str {
    ui.pick(
        "El servicio lo reintenta por sí solo; esta prueba no: repítala dentro de un cuarto de hora.",
        "The service tries again by itself; this test does not: repeat it in a quarter of an hour.",
    )
}

/// Looks into the mailbox to which answers come.
async fn check_replies(terminal: &Terminal, settings: &Settings) -> anyhow::Result<bool> {
    let ui = settings.ui;
    let Some(mailbox) = &settings.replies else {
        return Ok(true);
    };
    let client =
        Client::new(&settings.fetch).map_err(|error| anyhow::anyhow!(error.sentence(ui)))?;
    let errand = Errand {
        cursor: None,
        last_ok_at: None,
        is_careful: true,
        now: clock::now(),
    };
    let limits = imap::Limits {
        mails: 1,
        first_days: 1,
        mail_bytes: 64 << 10,
        head_bytes: 1 << 10,
        ..imap::Limits::default()
    };
    let read = imap::read_within(&client, mailbox, errand, limits).await;
    let (is_well, said) = match read {
        Ok(_) => {
            let said = ui.pick(
                "el buzón de respuestas se puede leer",
                "the mailbox for replies can be read",
            );
            (true, said.to_owned())
        }
        Err(error) => (false, error.sentence(ui)),
    };
    report(terminal, "replies", is_well, &said)?;
    Ok(is_well)
}

fn test_mail(settings: &Settings, smtp: &SmtpSettings, to: &Mailbox) -> anyhow::Result<Vec<u8>> {
    let domain = smtp.from.address.rsplit('@').next().unwrap_or("localhost");
    let now = clock::now();
    let envelope = Envelope {
        from: smtp.from.clone(),
        to: to.clone(),
        reply_to: smtp.reply_to.clone(),
        message_id: message_id(&open::random_hex()?, "test", domain),
        date: now,
        references: None,
        in_reply_to: None,
    };
    let letter = letter::test_mail(settings.ui, &settings.company.name);
    Ok(mail::compose::mime(&envelope, &letter)?)
}

fn bad_address(address: &str, ui: Ui) -> String {
    match ui {
        Ui::Es => {
            format!("«{address}» no es una dirección de correo; escríbala como nombre@dominio")
        }
        Ui::En => format!("\"{address}\" is no mail address; write it as name@domain"),
    }
}
