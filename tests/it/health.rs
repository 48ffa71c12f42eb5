//! Never blind in silence: one alarm when a source falls silent or cannot be read, one when it is well
//! again, and after the repair what was published meanwhile. On both databases.

use std::collections::BTreeMap;

use escucha::flow::poll::{Cause, Outcome, Trouble};
use escucha::model::Timestamp;

use crate::support::lab::{Lab, failed, not_modified};
use crate::support::{binary, databases};

const FORO: &str = "[[source]]\nname = \"foro\"\nurl = \"https://foro.test/rss\"\nevery = \"1h\"\n\
                    full_text = false\n";
const OPINIONES: &str = "[[source]]\nname = \"opiniones\"\nkind = \"reviews\"\nevery = \"1h\"\n\
                         url = \"https://opiniones.test/ejemplo\"\n\
                         select = { item = \"div.review\", text = \"p\", author = \"b\", \
                         date = \"time@datetime\" }\n";

/// A feed with these posts: number, hours before `now`, and whether it complains.
fn feed(now: Timestamp, posts: &[(u32, i64)]) -> String {
    let items: Vec<String> = posts
        .iter()
        .map(|(n, age)| {
            format!(
                "<item><guid>g{n}</guid><title>Hilo {n}</title><link>https://foro.test/{n}</link>\
                 <pubDate>{}</pubDate><description>{}</description></item>",
                now.plus_hours(-age)
                    .to_jiff()
                    .strftime("%a, %d %b %Y %H:%M:%S +0000"),
                complaint(*n)
            )
        })
        .collect();
    let items = items.concat();
    format!("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel>{items}</channel></rss>")
}

fn complaint(n: u32) -> String {
    format!("Llamé {n} veces a Telefonía Ejemplo por la factura y nadie me atiende. Estoy harto.")
}

fn reviews(class: &str, now: Timestamp, posts: &[(u32, i64)]) -> String {
    let items: Vec<String> = posts
        .iter()
        .map(|(n, age)| {
            format!(
                "<div class=\"{class}\"><b>Vecino {n}</b><time datetime=\"{}\"></time><p>{}</p></div>",
                now.plus_hours(-age),
                complaint(*n)
            )
        })
        .collect();
    let items = items.concat();
    format!("<!doctype html><html><body><h1>Opiniones</h1>{items}</body></html>")
}

fn only(name: &str, body: String) -> BTreeMap<&str, String> {
    BTreeMap::from([(name, body)])
}

/// Twenty daily posts, the newest `age` hours old.
fn daily(now: Timestamp, age: i64) -> String {
    let posts: Vec<(u32, i64)> = (0..20).map(|n| (n + 2, age + i64::from(n) * 24)).collect();
    feed(now, &posts)
}

#[tokio::test]
async fn r42_a_source_that_is_quiet_against_its_own_rhythm_is_told_once() {
    for fresh in databases::both().await {
        let mut lab = Lab::new(&fresh.store, FORO).await;
        let body = daily(lab.now, 0);
        let mut told_after = None;
        for hour in 0..24 * 10 {
            lab.read(&only("foro", body.clone())).await;
            let told = lab.take("operator");
            if !told.is_empty() {
                assert_eq!(told, ["Escucha: foro lleva tiempo callada"]);
                assert_eq!(told_after, None, "{}: told twice", fresh.engine);
                told_after = Some(hour);
            }
            lab.pass_hours(1);
        }
        // Three times its rhythm is 72 hours; a day more is the limit.
        let told_after = told_after.unwrap();
        assert!((72..=96).contains(&told_after), "{told_after} hours");
        let news = feed(lab.now, &[(50, 0)]);
        lab.pass_hours(1);
        lab.read(&only("foro", news)).await;
        assert_eq!(lab.take("operator"), ["Escucha vuelve a leer foro"]);
    }
}

#[tokio::test]
async fn sources_and_status_say_who_is_silent_since_when_and_what_to_do() {
    let fresh = databases::sqlite().await;
    let mute = FORO.replace("foro", "un foro de nombre larguísimo que no acaba");
    let database = format!("[database]\nurl = \"{}\"\n{FORO}{mute}", fresh.url);
    let database = database.replace(
        "https://un foro de nombre larguísimo que no acaba",
        "https://x",
    );
    let mut lab = Lab::new(&fresh.store, &database).await;
    let body = daily(lab.now, 0);
    lab.read(&only("foro", body.clone())).await;
    let output = lab.home.run(&["status"]).await;
    assert!(
        binary::out(&output).contains("con problemas: 1"),
        "{}",
        binary::out(&output)
    );
    for _ in 0..8 {
        lab.pass_hours(12);
        lab.read(&only("foro", body.clone())).await;
    }
    let output = lab.home.run(&["sources"]).await;
    let said = binary::out(&output);
    assert!(
        said.lines().all(|line| line.chars().count() <= 80),
        "{said}"
    );
    for words in [
        "foro                  callada       ▁▁▁▁▁▁▁▁▁▁▁▁▁▁  próxima ",
        "no publica nada desde el 15/01/2027 09:00, y lo habitual es una publicación",
        "→ mire en un navegador",
        "un foro de nombre l…  no se oye ",
        "desde el 15/01/2027 09:00: no responde",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let rows = binary::rows(&lab.home.run(&["sources", "--json"]).await);
    assert_eq!(rows[0]["health"], "quiet");
    assert_eq!(rows[0]["told_of"], "quiet");
    assert_eq!(rows[0]["days"].as_array().map(Vec::len), Some(14));
    assert_eq!(rows[1]["health"], "blind");
    let output = lab.home.run(&["status"]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(
        binary::out(&output).contains("con problemas: 2"),
        "{}",
        binary::out(&output)
    );
}

#[tokio::test]
async fn a_source_without_a_rhythm_is_never_quiet() {
    let fresh = databases::sqlite().await;
    let mut lab = Lab::new(&fresh.store, FORO).await;
    let body = feed(lab.now, &[(2, 3), (3, 700)]);
    for _ in 0..60 {
        lab.read(&only("foro", body.clone())).await;
        lab.pass_hours(24);
    }
    assert_eq!(lab.take("operator"), Vec::<String>::new());
}

#[tokio::test]
async fn a_selector_that_finds_nothing_is_one_alarm_and_the_repair_alerts_what_came_meanwhile() {
    for fresh in databases::both().await {
        let mut lab = Lab::new(&fresh.store, OPINIONES).await;
        let old = [(3, 30), (2, 50)];
        lab.read(&only("opiniones", reviews("review", lab.now, &old)))
            .await;
        assert_eq!(lab.take("complaint").len(), 1, "the older one is backlog");
        assert_eq!(lab.take("backlog").len(), 1);
        // The site changes its markup; four days later the operator mends the selector.
        for hour in 1..=96 {
            lab.pass_hours(1);
            let posts = [(3, 30 + hour), (2, 50 + hour)];
            lab.read(&only("opiniones", reviews("opinion", lab.now, &posts)))
                .await;
        }
        let told = lab.take("operator");
        assert_eq!(
            told,
            ["Escucha no puede leer opiniones"],
            "{}",
            fresh.engine
        );
        lab.configure(&OPINIONES.replace("div.review", "div.opinion"))
            .await;
        lab.pass_hours(1);
        // Numbers 5 and 4 came in the dark, 4 more than two days ago.
        let posts = [(5, 1), (4, 80), (3, 126), (2, 146)];
        lab.read(&only("opiniones", reviews("opinion", lab.now, &posts)))
            .await;
        assert_eq!(lab.take("operator"), ["Escucha vuelve a leer opiniones"]);
        let mails = lab.take("complaint");
        assert_eq!(mails.len(), 2, "{}: {mails:?}", fresh.engine);
        assert_eq!(lab.take("backlog"), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_page_that_loses_its_posts_is_trouble_and_an_outage_hides_no_complaint() {
    let fresh = databases::sqlite().await;
    let mut lab = Lab::new(&fresh.store, FORO).await;
    lab.read(&only("foro", feed(lab.now, &[(2, 1), (3, 2)])))
        .await;
    assert_eq!(lab.take("complaint").len(), 2);
    // An empty feed may mean it for an evening, not for a day.
    let mut told_after = None;
    for hour in 1..48 {
        lab.pass_hours(1);
        lab.read(&only("foro", feed(lab.now, &[]))).await;
        let told = lab.take("operator");
        assert!(
            told.len() <= 1 && (told.is_empty() || told_after.is_none()),
            "told twice"
        );
        if !told.is_empty() {
            told_after = Some(hour);
        }
    }
    // It is read every hour and a little, so the emptiness began in the second hour at the latest.
    assert!((24..=26).contains(&told_after.unwrap()), "{told_after:?}");
    // It is asked as often as before, an hour and at most a tenth apart: the repair is seen at once.
    lab.pass_hours(2);
    lab.read(&only("foro", feed(lab.now, &[(9, 40), (2, 50), (3, 51)])))
        .await;
    assert_eq!(
        lab.take("complaint").len(),
        1,
        "published in the dark, two days ago"
    );
    assert_eq!(lab.take("operator"), ["Escucha vuelve a leer foro"]);
}

#[tokio::test]
async fn what_fails_is_told_within_a_day_however_seldom_it_is_read() {
    let fresh = databases::sqlite().await;
    let seldom = FORO.replace("\"1h\"", "\"24h\"");
    let mut lab = Lab::new(&fresh.store, &seldom).await;
    lab.outcome(&failed("no responde", Cause::Passing)).await;
    assert_eq!(lab.take("operator"), ["Escucha no puede leer foro"]);
    for _ in 0..20 {
        lab.pass_hours(24);
        lab.outcome(&failed("no responde", Cause::Passing)).await;
    }
    assert_eq!(lab.take("operator"), Vec::<String>::new());
    lab.pass_hours(48);
    lab.outcome(&not_modified()).await;
    assert_eq!(lab.take("operator"), ["Escucha vuelve a leer foro"]);
}

#[tokio::test]
async fn a_feed_that_is_gone_is_told_at_once_and_flapping_does_not_nag() {
    for fresh in databases::both().await {
        let mut lab = Lab::new(&fresh.store, FORO).await;
        let body = feed(lab.now, &[(2, 1)]);
        lab.read(&only("foro", body.clone())).await;
        for hour in 0..72 {
            lab.pass_hours(2);
            if hour % 2 == 0 {
                lab.outcome(&failed("ya no existe", Cause::Lasting)).await;
            } else {
                lab.read(&only("foro", body.clone())).await;
            }
            if hour == 0 {
                assert_eq!(lab.take("operator"), ["Escucha no puede leer foro"]);
            }
        }
        let told = lab.take("operator").len();
        assert!(
            told <= 2 * 6,
            "{}: {told} letters in six days",
            fresh.engine
        );
    }
}

#[tokio::test]
async fn a_host_that_rests_for_days_hides_none_of_its_sources() {
    for fresh in databases::both().await {
        let sources: Vec<String> = (0..5)
            .map(|n| {
                format!(
                    "[[source]]\nname = \"s{n}\"\nurl = \"https://foro.test/{n}\"\nevery = \"1h\"\n"
                )
            })
            .collect();
        let mut lab = Lab::new(&fresh.store, &sources.concat()).await;
        for _ in 0..30 {
            let day_ms = 24 * 3_600_000;
            let tired = Outcome::Trouble(Trouble {
                sentence: "pide descanso".into(),
                retry_after_ms: Some(day_ms),
                cause: Cause::Passing,
            });
            lab.outcome_and_rest(&tired, day_ms).await;
            lab.pass_hours(1);
        }
        // One source was asked; all five are blind, and the operator knows it.
        let states = fresh.store.source_states().await.unwrap();
        let n_told = states
            .iter()
            .filter(|state| state.told_at.is_some())
            .count();
        assert_eq!(n_told, 5, "{}", fresh.engine);
        lab.pass_hours(24);
        for _ in 0..5 {
            lab.pass_hours(1);
            lab.outcome(&not_modified()).await;
        }
        let states = fresh.store.source_states().await.unwrap();
        assert!(states.iter().all(|state| state.told_at.is_none()));
    }
}

/// Nothing of it fails; but whoever is always sent away has not heard anything either.
#[tokio::test]
async fn a_source_that_is_put_off_day_after_day_is_told_of() {
    for fresh in databases::both().await {
        let mut lab = Lab::new(&fresh.store, FORO).await;
        let until = lab.now.plus_seconds(100);
        lab.outcome(&Outcome::PutOff { until }).await;
        let state = &fresh.store.source_states().await.unwrap()[0];
        assert_eq!(state.trouble, None, "others ask that host just now");
        for _ in 0..3 {
            lab.pass_hours(10);
            let until = lab.now.plus_hours(10);
            lab.outcome(&Outcome::PutOff { until }).await;
        }
        assert_eq!(lab.take("operator").len(), 0);
        lab.pass_hours(10);
        lab.look_around().await;
        assert_eq!(lab.take("operator"), ["Escucha no puede leer foro"]);
        lab.outcome(&not_modified()).await;
        assert_eq!(lab.take("operator"), ["Escucha vuelve a leer foro"]);
        assert_eq!(fresh.store.source_states().await.unwrap()[0].n_failures, 0);
    }
}

#[tokio::test]
async fn many_sources_that_fail_together_come_in_one_letter() {
    let fresh = databases::sqlite().await;
    let sources: Vec<String> = (0..200)
        .map(|n| {
            format!(
                "[[source]]\nname = \"s{n}\"\nurl = \"https://h{n}.test/rss\"\nevery = \"1h\"\n"
            )
        })
        .collect();
    let mut lab = Lab::new(&fresh.store, &sources.concat()).await;
    for _ in 0..24 {
        lab.read(&BTreeMap::new()).await;
        lab.pass_hours(1);
    }
    let mails = std::mem::take(&mut lab.mails);
    assert!(mails.len() <= 4, "{} letters", mails.len());
    let said: String = mails.iter().map(|mail| mail.text.as_str()).collect();
    assert!(said.contains("s7"), "{said}");
    let states = fresh.store.source_states().await.unwrap();
    assert!(states.iter().all(|state| state.told_at.is_some()));
    lab.pass_hours(24);
    let well: BTreeMap<&str, String> = lab
        .engine
        .settings
        .sources
        .iter()
        .map(|source| (source.name.clone(), feed(lab.now, &[])))
        .map(|(name, body)| (&*name.leak(), body))
        .collect();
    lab.read(&well).await;
    assert_eq!(lab.take("operator"), ["Escucha vuelve a leer 200 fuentes"]);
}

#[tokio::test]
async fn sources_that_move_together_are_told_in_one_letter() {
    for fresh in databases::both().await {
        moves_are_one_letter(&fresh.store).await;
    }
}

async fn moves_are_one_letter(store: &escucha::store::Store) {
    let source = |n: u32| {
        format!("[[source]]\nname = \"s{n}\"\nurl = \"https://h{n}.test/rss\"\nevery = \"1h\"\n")
    };
    let sources: Vec<String> = (0..9).map(source).collect();
    let mut lab = Lab::new(store, &sources.concat()).await;
    let moved = |to: &str| {
        let Outcome::NotModified { mut told, is_whole } = not_modified() else {
            unreachable!("it is one");
        };
        told.moved_to = Some(to.to_owned());
        Outcome::NotModified { told, is_whole }
    };
    for _ in 0..6 {
        lab.outcome(&moved("https://nuevo.test/rss")).await;
        lab.pass_hours(2);
    }
    let mails = std::mem::take(&mut lab.mails);
    let subjects: Vec<&str> = mails.iter().map(|mail| mail.subject.as_str()).collect();
    assert_eq!(subjects, ["Escucha: 9 fuentes han cambiado de dirección"]);
    for n in 0..9 {
        assert!(
            mails[0].text.contains(&format!("s{n}")),
            "{}",
            mails[0].text
        );
    }
    let n_places = mails[0].text.matches("https://nuevo.test/rss").count();
    assert_eq!(n_places, 9, "{}", mails[0].text);
}
