//! Never loses, never repeats: what makes a post the same post, whatever the source does to its guids,
//! links, dates and words. On both databases.

mod gone;
mod reader;

use std::collections::BTreeMap;

use escucha::model::Timestamp;

use crate::support::databases;
use crate::support::lab::Lab;

pub(crate) const FORO: &str = "[[source]]\nname = \"foro\"\nurl = \"https://foro.test/rss\"\n\
                               every = \"1h\"\nfull_text = false\n";
const ECO: &str = "[[source]]\nname = \"eco\"\nurl = \"https://eco.test/rss\"\nevery = \"1h\"\n\
                   full_text = false\n";

/// One entry of a feed; what is `None` is not written.
#[derive(Clone, Default)]
pub(crate) struct Item {
    pub(crate) guid: Option<String>,
    pub(crate) link: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) author: Option<String>,
    pub(crate) published: Option<Timestamp>,
    pub(crate) text: String,
}

pub(crate) fn complaint(n: usize) -> String {
    const WHAT: [&str; 7] = [
        "la factura de marzo",
        "el cobro doble",
        "la avería de la fibra",
        "el técnico que no vino",
        "la portabilidad del fijo",
        "el router estropeado",
        "la baja que pedí",
    ];
    format!(
        "Llamé {} veces a Telefonía Ejemplo por {} y nadie me atiende desde el día {n}. Estoy harto.",
        n % 9 + 2,
        WHAT[n % 7]
    )
}

pub(crate) fn items(now: Timestamp, numbers: impl IntoIterator<Item = usize>) -> Vec<Item> {
    let item = |n: usize| Item {
        guid: Some(format!("g{n}")),
        link: Some(format!("https://foro.test/hilo/{n}")),
        title: Some(format!("Hilo {n}")),
        author: Some(format!("Vecino {n}")),
        published: Some(now.plus_hours(-(n as i64))),
        text: complaint(n),
    };
    numbers.into_iter().map(item).collect()
}

pub(crate) fn feed(items: &[Item]) -> String {
    let tag = |name: &str, value: Option<&String>| {
        value.map_or(String::new(), |value| {
            format!("<{name}>{}</{name}>", value.replace('&', "&amp;"))
        })
    };
    let body: Vec<String> = items
        .iter()
        .map(|item| {
            let date = item.published.map(|at| {
                let at = at.to_jiff().strftime("%a, %d %b %Y %H:%M:%S +0000");
                at.to_string()
            });
            format!(
                "<item>{}{}{}{}{}<description>{}</description></item>",
                tag("guid", item.guid.as_ref()),
                tag("link", item.link.as_ref()),
                tag("title", item.title.as_ref()),
                tag("dc:creator", item.author.as_ref()),
                tag("pubDate", date.as_ref()),
                item.text
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel>{}</channel></rss>",
        body.concat()
    )
}

/// Reads a feed at which this source shows these items now, an hour after the last reading.
pub(crate) async fn show(lab: &mut Lab<'_>, name: &str, items: &[Item]) {
    lab.now = lab.now.plus_hours(2);
    lab.read(&BTreeMap::from([(name, feed(items))])).await;
}

type Spoil = fn(&mut Item, usize, usize);

/// What sources do to their entries, by item and by poll.
const SPOILED: [(&str, Spoil); 10] = [
    ("nothing", |_, _, _| {}),
    ("moving guids", |item, n, poll| {
        item.guid = Some(format!("{poll}-{n}"));
    }),
    ("one guid for all", |item, _, _| {
        item.guid = Some("https://foro.test/".into());
    }),
    ("no guid, no link, no title", |item, _, _| {
        (item.guid, item.link, item.title) = (None, None, None);
    }),
    ("no author and no date either", |item, _, _| {
        *item = Item {
            text: item.text.clone(),
            ..Item::default()
        };
    }),
    ("sessions in links", |item, n, poll| {
        item.guid = None;
        item.link = Some(format!("https://foro.test/hilo/{n}?PHPSESSID={poll}abc"));
    }),
    (
        "sessions with another name, and guids that are links",
        |item, n, poll| {
            item.link = Some(format!("https://foro.test/hilo/{n}?visita={poll}"));
            item.guid = item.link.clone();
        },
    ),
    ("http and https", |item, n, poll| {
        let scheme = if poll % 2 == 0 { "http" } else { "https" };
        item.link = Some(format!("{scheme}://www.foro.test/hilo/{n}/"));
        item.guid = item.link.clone();
    }),
    ("tracking that grows", |item, n, poll| {
        item.link = Some(format!(
            "https://foro.test/hilo/{n}?utm_source=rss&utm_campaign=c{poll}#xtor=RSS-{poll}"
        ));
        item.guid = None;
    }),
    ("dates of today", |item, _, poll| {
        let at = item.published.unwrap_or_default();
        item.published = Some(at.plus_hours(2 * poll as i64));
    }),
];

#[tokio::test]
async fn r39_each_complaint_is_told_once_in_fifty_polls_whatever_its_source_does() {
    for fresh in databases::both().await {
        for (n_case, (what, spoil)) in SPOILED.iter().enumerate() {
            let source = FORO.replace("foro", &format!("foro{n_case}"));
            let mut lab = Lab::new(&fresh.store, &source).await;
            lab.now = lab.now.plus_days(n_case as i64 * 30);
            let start = lab.now;
            for poll in 0..50 {
                // In the middle two more complaints come, the second while the first is still new.
                let n_shown = 4 + usize::from(poll >= 20) + usize::from(poll >= 21);
                let mut shown = items(start, 0..n_shown);
                for (n, item) in shown.iter_mut().enumerate() {
                    item.text = item.text.replace("marzo", &format!("marzo {n_case}"));
                    item.text = item.text.replace("día", &format!("día {n_case}0"));
                    spoil(item, n, poll);
                }
                show(&mut lab, &format!("foro{n_case}"), &shown).await;
            }
            let mut told = lab.take("complaint").len() + lab.take("backlog").len();
            if *what == "no author and no date either" {
                // Without a date, what is there at the first reading comes in one backlog mail.
                told += 3;
            }
            assert_eq!(told, 6, "{}: {what}", fresh.engine);
        }
    }
}

#[tokio::test]
async fn r40_history_that_is_published_again_alerts_nobody() {
    for fresh in databases::both().await {
        let mut lab = Lab::new(&fresh.store, FORO).await;
        let start = lab.now;
        show(&mut lab, "foro", &items(start, 0..500)).await;
        lab.mails.clear();
        let mut again = items(start, 0..500);
        for (n, item) in again.iter_mut().enumerate() {
            item.published = Some(lab.now);
            item.guid = Some(format!("nuevo-{n}"));
            item.link = Some(format!("https://nuevo.foro.test/{n}"));
        }
        show(&mut lab, "foro", &again).await;
        assert!(
            lab.mails.is_empty(),
            "{}: {} mails",
            fresh.engine,
            lab.mails.len()
        );
    }
}

#[tokio::test]
async fn r40_the_same_words_in_two_sources_are_one_alert_that_names_both() {
    for fresh in databases::both().await {
        let mut lab = Lab::new(&fresh.store, &format!("{FORO}{ECO}")).await;
        let told = items(lab.now, [1]);
        let mut echo = told.clone();
        echo[0].guid = Some("otro".into());
        echo[0].link = Some("https://eco.test/copia".into());
        lab.read(&BTreeMap::from([
            ("foro", feed(&told)),
            ("eco", feed(&echo)),
        ]))
        .await;
        let mails: Vec<_> = lab
            .mails
            .iter()
            .filter(|mail| mail.kind == "complaint")
            .collect();
        assert_eq!(mails.len(), 1, "{}", fresh.engine);
        for place in ["https://foro.test/hilo/1", "https://eco.test/copia"] {
            assert!(mails[0].text.contains(place), "{place}: {}", mails[0].text);
        }
        let case = &fresh.store.cases(9).await.unwrap()[0];
        let events = fresh.store.case_events(&case.id).await.unwrap();
        let elsewhere: Vec<_> = events
            .iter()
            .filter(|event| event.event == "seen_elsewhere")
            .collect();
        assert_eq!(elsewhere.len(), 1, "{events:?}");
        // Whichever is seen later, and however often: told once.
        for _ in 0..3 {
            lab.pass_hours(2);
            lab.read(&BTreeMap::from([
                ("foro", feed(&echo)),
                ("eco", feed(&told)),
            ]))
            .await;
        }
        assert_eq!(lab.mails.len(), 1);
    }
}

#[tokio::test]
async fn an_edit_alerts_once_and_only_when_it_becomes_a_complaint() {
    for fresh in databases::both().await {
        let mut lab = Lab::new(&fresh.store, FORO).await;
        let mut shown = items(lab.now, [1]);
        show(&mut lab, "foro", &shown).await;
        assert_eq!(lab.take("complaint").len(), 1);
        shown[0]
            .text
            .push_str(" Edito: hoy me han colgado otra vez.");
        show(&mut lab, "foro", &shown).await;
        let neutral = "He cambiado de tarifa con Telefonía Ejemplo y he elegido la de fibra con \
                       cien canales, la factura llega el día uno";
        let mut quiet = items(lab.now, [2]);
        neutral.clone_into(&mut quiet[0].text);
        quiet.extend(shown.clone());
        show(&mut lab, "foro", &quiet).await;
        assert_eq!(
            lab.take("complaint"),
            Vec::<String>::new(),
            "{}",
            fresh.engine
        );
        quiet[0].text = format!(
            "{neutral}. Me han cobrado dos veces, he llamado tres veces y nadie me atiende."
        );
        for _ in 0..3 {
            show(&mut lab, "foro", &quiet).await;
        }
        assert_eq!(lab.take("complaint").len(), 1, "{}", fresh.engine);
        let cases = fresh.store.cases(9).await.unwrap();
        assert_eq!(cases.len(), 2);
        let words: Vec<String> = {
            let mut words = Vec::new();
            for case in &cases {
                for event in fresh.store.case_events(&case.id).await.unwrap() {
                    words.push(event.event);
                }
            }
            words
        };
        assert_eq!(words.iter().filter(|word| *word == "edited").count(), 1);
    }
}

#[tokio::test]
async fn a_post_that_says_how_old_it_is_is_one_post() {
    let fresh = databases::sqlite().await;
    let mut lab = Lab::new(&fresh.store, FORO).await;
    let bare = |text: String| Item {
        text,
        author: Some("Vecina".into()),
        ..Item::default()
    };
    let other = bare("Hoy hace sol en la plaza y los del Ejemplo juegan a las cartas.".into());
    show(&mut lab, "foro", std::slice::from_ref(&other)).await;
    for minutes in 1..20 {
        let text = format!("{} Hace {minutes} minutos.", complaint(1));
        show(&mut lab, "foro", &[bare(text), other.clone()]).await;
    }
    assert_eq!(lab.take("complaint").len(), 1);
}

#[tokio::test]
async fn one_guid_used_by_one_customer_after_another_hides_nobody() {
    let fresh = databases::sqlite().await;
    let mut lab = Lab::new(&fresh.store, FORO).await;
    let first = items(lab.now, [20]);
    show(&mut lab, "foro", &first).await;
    lab.mails.clear();
    // The newest complaint stands under a guid and a link that never change; most words are the same.
    for n in 1..6 {
        let mut shown = items(lab.now, [0]);
        shown[0].guid = Some("ultima".into());
        shown[0].link = Some("https://foro.test/ultima".into());
        shown[0].author = Some(format!("Vecino {n}"));
        shown[0].text = format!("Llamé {n} veces a Telefonía Ejemplo y nadie me atiende.");
        show(&mut lab, "foro", &shown).await;
    }
    assert_eq!(lab.take("complaint").len(), 5);
}

#[tokio::test]
async fn a_feed_that_grows_longer_brings_its_history_in_one_mail() {
    let fresh = databases::sqlite().await;
    let mut lab = Lab::new(&fresh.store, FORO).await;
    let start = lab.now;
    show(&mut lab, "foro", &items(start, 0..5)).await;
    assert_eq!(lab.take("complaint").len(), 5);
    lab.now = lab.now.plus_days(5);
    let mut longer = items(start, 0..60);
    // One that was held back for moderation stands among the known ones: it is news.
    longer[3]
        .text
        .push_str(" Y otra cosa muy distinta que nadie ha leído todavía, con más palabras.");
    longer[3].guid = Some("moderada".into());
    longer[3].link = Some("https://foro.test/moderada".into());
    longer[3].author = Some("Moderada".into());
    show(&mut lab, "foro", &longer).await;
    assert_eq!(lab.take("complaint").len(), 1);
    assert_eq!(lab.take("backlog").len(), 1);
}
