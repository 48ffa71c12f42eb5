//! S35, S36: what has outlived its time goes, of a person who wants it everything; nothing is told again.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use escucha::flow::forget::{self, Whom};
use escucha::flow::retention;
use escucha::model::{Case, CaseId, Due, Level, State, Timestamp, Ui};
use escucha::settings::Retention;
use escucha::store::{CaseRow, Settling, Store};

use crate::store::{NOW, admit, complaint, later, post, posts, verdict};
use crate::support::databases::{self, Fresh};
use crate::support::lab::Lab;
use crate::support::levers;

const SOURCES: &str =
    "[[source]]\nname = \"foro\"\nurl = \"https://foro.test/rss\"\nfull_text = false\n";

fn in_days(days: i64) -> Timestamp {
    later(days * 86_400)
}

async fn send_all(store: &Store, now: Timestamp) {
    let until = now.plus_seconds(60);
    for delivery in store.claim_deliveries("w", now, until, 50).await.unwrap() {
        assert!(
            store
                .seal_delivery(&delivery, "sellado: CANARIO", now)
                .await
                .unwrap()
        );
        let sent = Settling {
            state: "sent",
            cause: None,
            event: "sent",
            next_at: now,
            attempts: 1,
            doubts: 0,
            code: Some(250),
            error: None,
        };
        assert!(
            store
                .settle_delivery(&delivery, &sent, &[], &[], now)
                .await
                .unwrap()
        );
    }
}

async fn close(store: &Store, row: &CaseRow, now: Timestamp) {
    let closed = Case {
        state: State::Dismissed,
        due: None,
        ..row.case.clone()
    };
    let because = Some("not_about_us");
    let closed = store.step_case(row, &closed, "dismissed", because, &[], now);
    assert!(closed.await.unwrap());
}

async fn n(fresh: &Fresh, sql: &'static str) -> i64 {
    if fresh.engine == "sqlite" {
        return crate::support::levers::number(&fresh.url, sql).await;
    }
    let connecting = <sqlx::PgConnection as sqlx::Connection>::connect(&fresh.url);
    let mut connection = connecting.await.unwrap();
    sqlx::query_scalar(sql)
        .fetch_one(&mut connection)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[expect(
    clippy::too_many_lines,
    reason = "one life, from the first night to the last"
)]
async fn s35_each_kind_goes_when_its_time_has_come_and_open_cases_stay() {
    for fresh in databases::both().await {
        let (store, engine) = (&fresh.store, fresh.engine);
        let mut doubt = post("Eva", "no sé si me quejo, pero esto no es normal");
        doubt.verdict = Some(verdict(Level::Doubt));
        let judged = post("Luis", "el anuncio nuevo me gusta bastante");
        let judged_id = judged.id.clone();
        let mut all = vec![
            complaint("Javier", "llamé tres veces y nadie me atiende"),
            complaint("Carmen", "llevo un mes sin línea y no contestan"),
            doubt,
            judged,
        ];
        all.extend((0..1_203).map(|at| post("Ana", &format!("hoy hace sol, día {at}"))));
        admit(store, &posts(all)).await;
        let judgement = escucha::store::Judgement {
            post_id: judged_id,
            is_complaint: false,
            because: "judged".to_owned(),
            at: NOW,
        };
        store.judge(&judgement, None).await.unwrap();
        send_all(store, later(2)).await;
        let cases = store.cases(10).await.unwrap();
        let closed = CaseId::candidate("llevo un mes sin línea y no contestan", 0);
        let row = cases.iter().find(|row| row.id == closed).unwrap();
        close(store, row, in_days(1)).await;
        let times = Retention::default();
        let keys = n(&fresh, "SELECT COUNT(*) FROM seen_keys").await;

        let early = retention::round(store, &times, in_days(29)).await.unwrap();
        assert!(early.is_empty(), "{engine}: {early:?}");
        let done = retention::round(store, &times, in_days(31)).await.unwrap();
        assert_eq!(
            (done.n_posts, done.n_cases),
            (1_203, 0),
            "{engine}: in three slices"
        );
        assert_eq!(store.counts().await.unwrap().posts, 4);
        assert_eq!(
            n(&fresh, "SELECT COUNT(*) FROM seen_keys").await,
            keys,
            "{engine}"
        );

        let done = retention::round(store, &times, in_days(93)).await.unwrap();
        assert_eq!(done.n_emptied, 2, "{engine}: the words of two mails");
        let left = "SELECT COUNT(*) FROM outbox WHERE mime IS NOT NULL OR state <> 'sent'";
        assert_eq!(n(&fresh, left).await, 0, "{engine}");
        assert_eq!(
            n(&fresh, "SELECT COUNT(*) FROM alerts WHERE text <> ''").await,
            0
        );

        let done = retention::round(store, &times, in_days(365)).await.unwrap();
        assert_eq!(done.n_cases, 0, "{engine}: a day too early");
        let done = retention::round(store, &times, in_days(367)).await.unwrap();
        assert_eq!(
            (done.n_cases, done.n_posts),
            (1, 2),
            "{engine}: case, doubt, judged"
        );
        for sql in [
            "SELECT COUNT(*) FROM judgements",
            "SELECT COUNT(*) FROM alerts WHERE id LIKE '%un mes%'",
            "SELECT COUNT(*) FROM outbox WHERE id LIKE '%un mes%'",
        ] {
            assert_eq!(n(&fresh, sql).await, 0, "{engine}: {sql}");
        }
        let done = retention::round(store, &times, in_days(3_000))
            .await
            .unwrap();
        assert_eq!(done.n_cases, 0, "{engine}: an open case stays, however old");
        let open = store.cases(10).await.unwrap();
        assert_eq!(open.len(), 1);
        assert!(matches!(open[0].case.due, Some((Due::Tell, _))));
    }
}

/// One worker of a fleet does it, once a night.
#[tokio::test(flavor = "multi_thread")]
async fn the_round_is_made_once_a_night_by_one_worker() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        let zone = jiff::tz::TimeZone::get("Europe/Madrid").unwrap();
        // 08:00 UTC is 09:00 there: the first round waits for nothing.
        let begin = |now| retention::begin(store, &zone, now);
        assert!(begin(NOW).await.unwrap());
        assert!(
            !begin(NOW).await.unwrap(),
            "{}: somebody has it",
            fresh.engine
        );
        assert!(!begin(NOW.plus_hours(8)).await.unwrap());
        assert!(begin(NOW.plus_hours(18)).await.unwrap(), "03:00 in Madrid");
        assert!(!begin(NOW.plus_hours(20)).await.unwrap());
        assert!(begin(NOW.plus_hours(42)).await.unwrap(), "the next night");
        // The clock was put back by years: it is not waited for.
        assert!(begin(NOW.plus_days(-900)).await.unwrap());
    }
}

fn holds(left: &std::path::Path, canary: &str) -> Vec<String> {
    let folder = left.parent().unwrap();
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let holding = entries.filter(|path| {
        let bytes = std::fs::read(path).unwrap();
        bytes
            .windows(canary.len())
            .any(|window| window == canary.as_bytes())
    });
    holding
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect()
}

/// Not in a free page, not in the log.
#[tokio::test(flavor = "multi_thread")]
async fn s35_no_byte_of_what_went_is_left_and_the_file_shrinks() {
    let fresh = databases::sqlite().await;
    let path = std::path::PathBuf::from(fresh.url.trim_start_matches("sqlite://"));
    let canary = "Canario-Quevedo-7f3a";
    let long = |at: u32| format!("{at} {canary} {}", "contado una y otra vez ".repeat(200));
    let some: Vec<_> = (0..300).map(|at| post(canary, &long(at))).collect();
    admit(&fresh.store, &posts(some)).await;
    assert!(!holds(&path, canary).is_empty(), "it was there");
    let store = &fresh.store;
    retention::round(store, &Retention::default(), in_days(1))
        .await
        .unwrap();
    let before = std::fs::metadata(&path).unwrap().len();
    let done = retention::round(store, &Retention::default(), in_days(31))
        .await
        .unwrap();
    assert_eq!(done.n_posts, 300);
    assert_eq!(holds(&path, canary), Vec::<String>::new());
    let after = std::fs::metadata(&path).unwrap().len();
    assert!(after * 3 < before, "{before} bytes before, {after} after");
}

fn document(entries: &[(&str, &str, i64)], now: Timestamp) -> BTreeMap<&'static str, String> {
    let mut items = String::new();
    for (author, text, days) in entries {
        let published = now.plus_days(-days);
        let _ = write!(
            items,
            "<item><guid isPermaLink=\"false\">{author}</guid><title>Tema de {author}</title>\
             <link>https://foro.test/{author}</link><dc:creator>{author}</dc:creator>\
             <dc:date>{published}</dc:date><description>{text}</description></item>"
        );
    }
    let rss = format!(
        "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>Foro</title>\
         <link>https://foro.test/</link><description>d</description>{items}</channel></rss>"
    );
    BTreeMap::from([("foro", rss)])
}

const SUNNY: &str = "Hoy hace un sol espléndido en la plaza y la fuente vuelve a echar agua";
const STILL: &str = "Sigo sin línea desde marzo y Telefonía Ejemplo no contesta a mis correos";
const ANGRY: &str =
    "Llamé tres veces a Telefonía Ejemplo, me han cobrado dos veces y nadie me atiende";

#[tokio::test(flavor = "multi_thread")]
async fn what_went_is_not_told_again_while_its_source_still_shows_it() {
    for fresh in databases::both().await {
        let mut lab = Lab::new(&fresh.store, SOURCES).await;
        lab.read(&document(
            &[("Ana", SUNNY, 0), ("Eva", "La feria abre el sábado", 0)],
            lab.now,
        ))
        .await;
        let start = lab.now;
        lab.pass_hours(40 * 24);
        let done = retention::round(&fresh.store, &Retention::default(), lab.now)
            .await
            .unwrap();
        assert_eq!(done.n_posts, 2, "{}", fresh.engine);
        let days = lab.now.ms_since(start) / 86_400_000;
        // The same once more; and one whose author has made a complaint of it since.
        lab.read(&document(
            &[
                ("Ana", ANGRY, days),
                ("Eva", "La feria abre el sábado", days),
            ],
            lab.now,
        ))
        .await;
        assert_eq!(
            lab.take("complaint"),
            Vec::<String>::new(),
            "{}",
            fresh.engine
        );
        lab.pass_hours(24);
        let days = days + 1;
        lab.read(&document(
            &[("Ana", ANGRY, days), ("Carmen", STILL, 0)],
            lab.now,
        ))
        .await;
        assert_eq!(
            lab.take("complaint").len(),
            1,
            "{}: what is new is told",
            fresh.engine
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s36_who_is_forgotten_is_gone_everywhere_and_stays_away() {
    for fresh in databases::both().await {
        let store = &fresh.store;
        let mut lab = Lab::new(store, SOURCES).await;
        let told = [
            ("Quevedo-7f3a", ANGRY, 0),
            ("Carmen", "La fibra de Telefonía Ejemplo no va", 0),
        ];
        lab.read(&document(&told, lab.now)).await;
        assert!(!lab.take("complaint").is_empty());
        let key = lab.engine.instance_key.clone();
        let whom = Whom::Author {
            name: "QUEVEDO-7F3A ".to_owned(),
            source: None,
        };
        assert_eq!(forget::find(store, &key, &whom).await.unwrap().len(), 1);
        let done = forget::forget(store, &key, &whom, Ui::Es, lab.now)
            .await
            .unwrap();
        assert_eq!(
            (done.n_posts, done.n_cases),
            (1, 1),
            "{}: {done:?}",
            fresh.engine
        );
        assert!(
            done.n_letters + done.n_emptied >= 1 && done.n_sent >= 1,
            "{done:?}"
        );
        for sql in [
            "SELECT COUNT(*) FROM posts WHERE author = 'Quevedo-7f3a'",
            "SELECT COUNT(*) FROM alerts WHERE text LIKE '%Quevedo%' OR html LIKE '%Quevedo%' \
             OR subject LIKE '%Quevedo%'",
            "SELECT COUNT(*) FROM outbox WHERE mime LIKE '%Quevedo%'",
            "SELECT COUNT(*) FROM suppressed WHERE hash LIKE '%uevedo%'",
        ] {
            assert_eq!(n(&fresh, sql).await, 0, "{}: {sql}", fresh.engine);
        }
        if fresh.engine == "sqlite" {
            let path = std::path::PathBuf::from(fresh.url.trim_start_matches("sqlite://"));
            assert_eq!(holds(&path, "Quevedo-7f3a"), Vec::<String>::new());
        }
        // His source still shows him, and he writes once more.
        lab.pass_hours(1);
        let more = [
            ("Quevedo-7f3a", ANGRY, 0),
            ("Luis", "El recibo de Telefonía Ejemplo está mal", 0),
        ];
        lab.read(&document(&more, lab.now)).await;
        let authors = "SELECT COUNT(*) FROM posts WHERE author LIKE 'Quevedo%'";
        assert_eq!(n(&fresh, authors).await, 0, "{}", fresh.engine);
        assert_eq!(
            n(&fresh, "SELECT COUNT(*) FROM posts").await,
            2,
            "the others are heard"
        );
        // A restored backup knows nothing of it: he is taken out once more.
        let back = posts(vec![post("Quevedo-7f3a", "otra vez yo")]);
        store
            .capture(
                &escucha::model::SourceId::of_name("foro"),
                "foro",
                &back,
                lab.now,
            )
            .await
            .unwrap();
        let again = forget::replay(store, &key, Ui::Es, lab.now).await.unwrap();
        assert_eq!(again.n_posts, 1, "{}", fresh.engine);
    }
}

/// What no letter asks for any more: how many somebody had on a day, and which digests were made.
#[tokio::test(flavor = "multi_thread")]
async fn s35_quotas_and_digests_go_with_the_letters_of_their_time() {
    const LEFT: &str = "SELECT (SELECT COUNT(*) FROM quotas) * 10 + (SELECT COUNT(*) FROM digests)";
    for fresh in databases::both().await {
        let days = "INSERT INTO quotas (recipient, day, n) VALUES ('a@b.test', '2020-01-01', 3), \
                    ('a@b.test', '2099-01-01', 3)";
        let made = "INSERT INTO digests (kind, recipient, day, until_at) VALUES \
                    ('day', 'a@b.test', '2020-01-01', 1577836800000), \
                    ('day', 'a@b.test', '2099-01-01', 4070908800000)";
        levers::set(&fresh.url, days).await;
        levers::set(&fresh.url, made).await;
        assert_eq!(n(&fresh, LEFT).await, 22, "{}", fresh.engine);
        let times = Retention::default();
        retention::round(&fresh.store, &times, NOW).await.unwrap();
        assert_eq!(n(&fresh, LEFT).await, 11, "{}", fresh.engine);
    }
}
