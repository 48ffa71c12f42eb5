//! Floods: tens of thousands of entries in one poll, thousands of complaints in an hour.
//!
//! `ESCUCHA_FLOOD` sets how many entries one poll brings (2,000), `ESCUCHA_STORM` how many complain in one
//! hour (360).

mod hour;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::Range;
use std::time::{Duration, Instant};

use escucha::flow::deadlines;
use escucha::model::Timestamp;

use crate::fleet::stopped::Worker;
use crate::incidents::{self, OUTAGE, Said, subjects};
use crate::kill::signals::signal;
use crate::support::http::{Answer, Seen};
use crate::support::lab::Lab;
use crate::support::town::Town;
use crate::support::{databases, dice, figure, levers, wait};

/// What design and plan allow.
const FLOOD_TIME: Duration = Duration::from_mins(2);
const FLOOD_MIB: u64 = 512;
const FLOOD_MAILS: usize = 2;
const STORM_MAILS: usize = 13;
/// Another source is read every two seconds; ten of its turns may fall to the flood.
const OTHERS_LATE: Duration = Duration::from_secs(20);
/// Reads of the source in the hour of the storm.
const READS: usize = 10;
/// One in so many entries of the flood complains of the same outage.
const COMPLAINT_EVERY: u64 = 250;

#[tokio::test(flavor = "multi_thread")]
async fn r43_a_flood_in_one_poll_is_stored_and_scored_while_others_are_read() {
    let n_entries = dice::from_env("ESCUCHA_FLOOD", 2_000);
    let town = Town::new(2, None).await;
    town.forums[0].route("/rss", flood(n_entries));
    town.take_over().await;
    let began = tokio::time::Instant::now();
    let mut service = Worker(town.home.start(&["run"]));
    let mut n_stored = 0;
    while n_stored < n_entries as i64 && began.elapsed() < FLOOD_TIME * 3 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        n_stored = levers::number(&town.database, "SELECT COUNT(*) FROM posts").await;
    }
    let taken = began.elapsed();
    let peak_mib = peak_mib(service.0.id());
    wait(FLOOD_TIME, "somebody is told of the outage", || {
        !town.smtp.mails().is_empty()
    });
    // Another round of both sources: what was to be told at once has been told.
    let n_asked = town.forums[1].hits("/rss");
    wait(FLOOD_TIME, "the others are read on", || {
        town.forums[1].hits("/rss") >= n_asked + 2
    });
    signal(&service.0, "TERM");
    service.0.wait().unwrap();
    let n_mails = town.smtp.mails().len();
    let longest = longest_gap(&town.forums[1].requests());
    figure("R43", "entries of one poll", n_entries);
    figure("R43", "of them stored and scored", n_stored);
    figure(
        "R43",
        "time until all were stored",
        format!("{} ms", taken.as_millis()),
    );
    figure(
        "R43",
        "peak memory of the service",
        format!("{peak_mib} MiB"),
    );
    figure("R43", "mails", n_mails);
    figure(
        "R43",
        "longest time between two readings of another source, which wants to be read every 2 s",
        format!("{} ms", longest.as_millis()),
    );
    assert_eq!(n_stored, n_entries as i64);
    assert!(taken < FLOOD_TIME, "{taken:?}");
    assert!(peak_mib < FLOOD_MIB, "{peak_mib} MiB");
    assert!(n_mails <= FLOOD_MAILS, "{n_mails} mails");
    assert!(
        longest < OTHERS_LATE,
        "{longest:?} without the other source"
    );
}

#[tokio::test]
async fn r44_a_storm_of_complaints_in_one_hour_is_a_handful_of_mails_and_adds_up() {
    let n_complaints = dice::from_env("ESCUCHA_STORM", 360) as usize;
    for fresh in databases::both().await {
        let mut lab = incidents::lab(&fresh).await;
        let began = lab.now;
        storm(&mut lab, began, n_complaints).await;
        let in_the_hour = lab
            .mails
            .iter()
            .filter(|mail| mail.recipient == "gerente@ejemplo.test");
        let n_mails = in_the_hour.count();
        for _ in 0..6 {
            lab.pass_hours(1);
            deadlines::turn(lab.store, &lab.engine, lab.now)
                .await
                .unwrap();
            lab.look_around().await;
        }
        let cases = lab.store.cases(2 * n_complaints as u32).await.unwrap();
        let n_told: usize = lab
            .mails
            .iter()
            .map(|mail| n_told(&mail.kind, &mail.text))
            .sum();
        figure(
            "R44",
            &format!("complaints in one hour, {}", fresh.engine),
            n_complaints,
        );
        figure(
            "R44",
            &format!("mails to one person within it, {}", fresh.engine),
            n_mails,
        );
        figure("R44", &format!("cases, {}", fresh.engine), cases.len());
        figure(
            "R44",
            &format!("cases of which the mails tell, {}", fresh.engine),
            n_told,
        );
        assert_eq!(cases.len(), n_complaints, "{}", fresh.engine);
        assert!(
            n_mails <= STORM_MAILS,
            "{}: {n_mails}: {:?}",
            fresh.engine,
            subjects(&lab, "complaint")
        );
        assert_eq!(n_told, n_complaints, "{}", fresh.engine);
    }
}

/// An hour of complaints about one outage, read every six minutes.
async fn storm(lab: &mut Lab<'_>, began: Timestamp, n_complaints: usize) {
    for nth in 0..READS {
        lab.now = began.plus_minutes(6 * (nth as i64 + 1));
        let said = |n: usize| {
            // Published in the minute before it is read.
            let at = lab.now.plus_seconds(-60);
            Said::new(n, &format!("Afectado {n}"), &complaint(n as u64), at)
        };
        let news: Vec<Said> = (n_complaints * nth / READS..n_complaints * (nth + 1) / READS)
            .map(said)
            .collect();
        let body = incidents::feed("foro.test", &news);
        lab.read(&BTreeMap::from([("foro", body.clone()), ("red", quiet())]))
            .await;
        deadlines::turn(lab.store, &lab.engine, lab.now)
            .await
            .unwrap();
        lab.look_around().await;
        // The first mail leaves in the turn that reads the first complaint.
        assert!(!lab.mails.is_empty(), "nothing was told at once");
    }
}

const JOINED: &str = "Quiénes se suman ahora: ";

/// Of how many cases a letter tells for the first time; whoever reads it finds one number only.
fn n_told(kind: &str, text: &str) -> usize {
    if kind == "complaint" {
        return 1;
    }
    let Some(from) = text.find(JOINED) else {
        return 0;
    };
    let list = &text[from + JOINED.len()..];
    let list = list.split("De quiénes ya se le avisó").next().unwrap();
    let list = list.split("Todos sus casos:").next().unwrap();
    let number = |text: &str| text.split_whitespace().next().unwrap().parse().unwrap();
    let n_joined = number(list);
    let said = match n_joined {
        1 => "De uno de ellos aún no se le había avisado".to_owned(),
        n => format!("De {n} de ellos aún no se le había avisado"),
    };
    // The lines of the letter are folded.
    let unfolded: Vec<&str> = text.split_whitespace().collect();
    assert!(unfolded.join(" ").contains(&said), "{text}");
    let named: BTreeSet<&str> = list
        .split(|c: char| !is_of_id(c))
        .filter(|word| word.starts_with("c-"))
        .collect();
    let n_unnamed = list.split("… y ").nth(1).map_or(0, number);
    assert_eq!(named.len() + n_unnamed, n_joined, "{text}");
    n_joined
}

fn is_of_id(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

fn quiet() -> String {
    incidents::feed("red.test", &[])
}

/// A feed of so many entries, all of them new.
fn flood(n_entries: u64) -> Answer {
    feed_of(0..n_entries, |at| {
        if at % COMPLAINT_EVERY == 0 {
            complaint(at)
        } else {
            let street = at % 97;
            format!("La fiesta número {at} de la calle {street} empieza a las siete.")
        }
    })
}

fn complaint(nth: u64) -> String {
    format!("{OUTAGE} Van {nth} avisos.")
}

/// Its ETag changes with what it shows.
fn feed_of(numbers: Range<u64>, text: impl Fn(u64) -> String) -> Answer {
    let published = escucha::clock::now().plus_hours(-2);
    let tag = format!("\"{}-{}\"", numbers.start, numbers.end);
    let mut items = String::new();
    for at in numbers {
        let text = text(at);
        let _ = write!(
            items,
            "<item><guid isPermaLink=\"false\">f{at}</guid><title>Tema {at}</title>\
             <link>https://foro.test/f/{at}</link><dc:creator>Vecino {at}</dc:creator>\
             <dc:date>{published}</dc:date><description>{text}</description></item>"
        );
    }
    let body = format!(
        "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>Foro</title>\
         <link>https://foro.test/</link><description>d</description>{items}</channel></rss>"
    );
    Answer::ok("application/rss+xml; charset=utf-8", body).etag(&tag)
}

fn longest_gap(requests: &[Seen]) -> Duration {
    let asked: Vec<Instant> = requests
        .iter()
        .filter(|seen| seen.path == "/rss")
        .map(|seen| seen.at)
        .collect();
    // The first was made when the town was; the service began later.
    let gaps = asked
        .windows(2)
        .skip(1)
        .map(|two| two[1].duration_since(two[0]));
    gaps.max().unwrap_or_default()
}

/// The most memory that a process has had.
fn peak_mib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    let kib: u64 = line.split_whitespace().next().unwrap().parse().unwrap();
    kib / 1_024
}
