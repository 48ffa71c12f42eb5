//! Never nags, never forgets: who is told what, and when, on both databases with the real jobs.

mod budget;
mod digest;
mod people;

use std::collections::BTreeMap;

use escucha::flow::{deadlines, digest as digests};

use crate::incidents::{SOURCES, Said, feed};
use crate::support::databases::Fresh;
use crate::support::lab::{KEYWORDS, Lab};

pub(crate) const BILLING: &str = "Telefonía Ejemplo me ha cobrado dos veces la cuota de octubre y en la \
    tienda de la calle Mayor no quieren devolverme el dinero.";
pub(crate) const OUTAGE: &str = "Desde las nueve de la mañana sin fibra en el centro de Getafe con \
    Telefonía Ejemplo. Nadie informa de la avería y el teléfono de asistencia comunica.";

/// A lab with these lines in `[alerts]` and these sections, whose sources have been read once: what comes
/// is news.
pub(crate) async fn lab<'a>(fresh: &'a Fresh, alerts: &str, sections: &str) -> Lab<'a> {
    lab_with(fresh, alerts, sections, KEYWORDS).await
}

pub(crate) async fn lab_with<'a>(
    fresh: &'a Fresh,
    alerts: &str,
    sections: &str,
    keywords: &str,
) -> Lab<'a> {
    let sources = format!("{SOURCES}{sections}");
    let mut lab = Lab::with(&fresh.store, &sources, alerts, keywords).await;
    let said = |n, at| Said::new(n, "Paseante", "He elegido la tarifa de cien canales.", at);
    let first = [said(900, lab.now)];
    read(&mut lab, &first).await;
    assert!(lab.mails.is_empty());
    lab
}

/// The forum shows this an hour later.
pub(crate) async fn read(lab: &mut Lab<'_>, foro: &[Said]) {
    lab.pass_hours(1);
    read_now(lab, foro).await;
}

pub(crate) async fn read_now(lab: &mut Lab<'_>, foro: &[Said]) {
    lab.read(&BTreeMap::from([
        ("foro", feed("foro.test", foro)),
        ("red", feed("red.test", &[])),
    ]))
    .await;
}

/// The hours pass, and the keeper and the courier do their work.
pub(crate) async fn pass(lab: &mut Lab<'_>, hours: i64) {
    for _ in 0..hours {
        lab.pass_hours(1);
        turn(lab).await;
    }
}

/// What the keeper and the courier do at this moment.
pub(crate) async fn turn(lab: &mut Lab<'_>) {
    deadlines::turn(lab.store, &lab.engine, lab.now)
        .await
        .unwrap();
    digests::turn(lab.store, &lab.engine, lab.now)
        .await
        .unwrap();
    lab.look_around().await;
}

/// Kind and recipient of every mail since the last call, in their order.
pub(crate) fn taken(lab: &mut Lab<'_>) -> Vec<String> {
    let mails = std::mem::take(&mut lab.mails);
    let shown = |recipient: &str| recipient.split('@').next().unwrap().to_owned();
    let mut taken: Vec<String> = mails
        .iter()
        .map(|mail| format!("{} {}", mail.kind, shown(&mail.recipient)))
        .collect();
    taken.sort();
    taken
}
