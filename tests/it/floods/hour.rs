//! An hour of complaints about one outage, heard by the running service (R44).
//!
//! The clock of the service goes faster: `ESCUCHA_HOUR_PACE` sets how much (2). `ESCUCHA_HOUR_SECONDS` sets how
//! many seconds the storm lasts (10), `ESCUCHA_HOUR_COMPLAINTS` how many complain meanwhile (60).

use std::collections::BTreeMap;
use std::time::Duration;

use mail_parser::MessageParser;
use tokio::time::Instant;

use crate::fast;
use crate::kill::signals::signal;
use crate::support::town::{DEADLINE, Doubts, Town, message_id};
use crate::support::{dice, figure, levers, wait};

use super::{STORM_MAILS, complaint, feed_of, n_told};

/// By the clock of the service.
const FIRST_MAIL: Duration = Duration::from_mins(1);
/// The page shows the last so many.
const SHOWN: u64 = 500;
const KINDS: &str = "SELECT o.message_id, a.kind FROM outbox o JOIN alerts a ON a.id = o.alert_id";

#[tokio::test(flavor = "multi_thread")]
async fn r44_a_storm_is_told_within_a_minute_by_the_running_service() {
    let pace = dice::from_env("ESCUCHA_HOUR_PACE", 2);
    let n_seconds = dice::from_env("ESCUCHA_HOUR_SECONDS", 10);
    let n_complaints = dice::from_env("ESCUCHA_HOUR_COMPLAINTS", 60);
    let town = Town::new(2, None).await;
    let Some(mut service) = fast::start(&town.home, pace) else {
        return;
    };
    let n_asked = town.forums[0].hits("/rss");
    wait(DEADLINE, "the service reads", || {
        town.forums[0].hits("/rss") > n_asked
    });

    let (first_mail, n_mails) = storm(&town, n_complaints, Duration::from_secs(n_seconds)).await;
    signal(&service.0, "TERM");
    assert!(service.0.wait().unwrap().success());
    town.drain().await;
    let first_mail = first_mail.expect("a mail in the hour") * pace as u32;
    let n_told = told(&town).await;
    let what =
        format!("complaints in {n_seconds} s of a service whose clock goes {pace} times as fast");
    figure("R44", &what, n_complaints);
    let ms = format!("{} ms", first_mail.as_millis());
    figure("R44", "time until the first mail, by its clock", ms);
    figure("R44", "mails to one person meanwhile", n_mails);
    figure("R44", "cases of which its mails tell", n_told);
    assert!(first_mail <= FIRST_MAIL, "{first_mail:?}");
    assert!(n_mails <= STORM_MAILS, "{n_mails}");
    assert_eq!(n_told as u64, n_complaints);
    let told = town.told(0..0, &Doubts::default()).await;
    assert_eq!(told.n_copies, 0, "{:?}", told.too_often);
}

/// The complaints come one by one; returns after what time the first mail had, and how many there were in the end.
async fn storm(town: &Town, n_complaints: u64, lasts: Duration) -> (Option<Duration>, usize) {
    let began = Instant::now();
    let mut first_mail = None;
    let mut n_shown = 0;
    while began.elapsed() < lasts {
        let share = began.elapsed().as_secs_f64() / lasts.as_secs_f64();
        let n = ((n_complaints as f64 * share) as u64 + 1).min(n_complaints);
        if n > n_shown {
            town.forums[0].route("/rss", feed_of(n.saturating_sub(SHOWN)..n, complaint));
            n_shown = n;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        if first_mail.is_none() && !town.smtp.mails().is_empty() {
            first_mail = Some(began.elapsed());
        }
    }
    let n_mails = town.smtp.mails().len();
    let last = n_complaints.saturating_sub(SHOWN)..n_complaints;
    town.forums[0].route("/rss", feed_of(last, complaint));
    (first_mail, n_mails)
}

/// Of how many cases all mails tell.
async fn told(town: &Town) -> usize {
    let kinds: BTreeMap<String, String> = levers::pairs(&town.database, KINDS)
        .await
        .into_iter()
        .collect();
    let mails = town.smtp.mails();
    let of = mails.iter().map(|mail| {
        let kind = &kinds[&format!("<{}>", message_id(mail))];
        let parsed = MessageParser::default().parse(&mail.raw).unwrap();
        n_told(kind, &parsed.body_text(0).unwrap())
    });
    of.sum()
}
