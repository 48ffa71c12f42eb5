//! The same story from many mouths is one incident: told once per doubling, and no case of it is ever lost
//! from sight. On both databases, with real feeds over the real jobs.

mod noise;

use std::collections::{BTreeMap, BTreeSet};

use escucha::flow::deadlines;
use escucha::model::{CaseId, IncidentId, Timestamp};

use crate::support::databases;
use crate::support::lab::Lab;

pub(crate) const SOURCES: &str = "[[source]]\nname = \"foro\"\nurl = \"https://foro.test/rss\"\nevery = \"5m\"\n\
    full_text = false\nwatches = [\"ejemplo\"]\n\
    [[source]]\nname = \"red\"\nurl = \"https://red.test/rss\"\nevery = \"5m\"\nfull_text = false\n\
    watches = [\"ejemplo\"]\n";

/// One entry of a feed.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) n: usize,
    pub(crate) author: String,
    pub(crate) text: String,
    pub(crate) at: Timestamp,
    /// The number of the entry that it answers.
    pub(crate) answers: Option<usize>,
}

impl Said {
    pub(crate) fn new(n: usize, author: &str, text: &str, at: Timestamp) -> Self {
        Self {
            n,
            author: author.to_owned(),
            text: text.to_owned(),
            at,
            answers: None,
        }
    }

    pub(crate) fn to(self, answers: usize) -> Self {
        Self {
            answers: Some(answers),
            ..self
        }
    }
}

pub(crate) fn feed(host: &str, said: &[Said]) -> String {
    let items: Vec<String> = said
        .iter()
        .map(|said| {
            let date = said.at.to_jiff().strftime("%a, %d %b %Y %H:%M:%S +0000");
            let link = |n: usize| format!("https://{host}/m/{n}");
            let answers = said.answers.map_or(String::new(), |n| {
                format!("<thr:in-reply-to ref=\"{0}\" href=\"{0}\"/>", link(n))
            });
            format!(
                "<item><guid>{0}</guid><link>{0}</link><dc:creator>{1}</dc:creator>\
                 <pubDate>{date}</pubDate>{answers}<description>{2}</description></item>",
                link(said.n),
                said.author,
                said.text
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:thr=\"http://purl.org/syndication/thread/1.0\"><channel>{}</channel></rss>",
        items.concat()
    )
}

/// Both sources are read, an hour later.
pub(crate) async fn read(lab: &mut Lab<'_>, foro: &[Said], red: &[Said]) {
    lab.pass_hours(1);
    lab.read(&BTreeMap::from([
        ("foro", feed("foro.test", foro)),
        ("red", feed("red.test", red)),
    ]))
    .await;
}

/// A lab whose sources have been read once, so that what comes is news.
pub(crate) async fn lab(fresh: &databases::Fresh) -> Lab<'_> {
    let mut lab = Lab::new(&fresh.store, SOURCES).await;
    let sun = [Said::new(
        900,
        "Paseante",
        "He cambiado de tarifa y he elegido la de cien canales.",
        lab.now,
    )];
    let rain = [Said::new(
        901,
        "Paseanta",
        "La tienda de la plaza abre los lunes a las diez.",
        lab.now,
    )];
    read(&mut lab, &sun, &rain).await;
    let told: Vec<&str> = lab.mails.iter().map(|mail| mail.subject.as_str()).collect();
    assert!(told.is_empty(), "{told:?}");
    lab
}

/// The hours pass, and the keeper and the courier do their work.
pub(crate) async fn pass(lab: &mut Lab<'_>, hours: i64) {
    for _ in 0..hours {
        lab.pass_hours(1);
        deadlines::turn(lab.store, &lab.engine, lab.now)
            .await
            .unwrap();
        lab.look_around().await;
    }
}

/// Who belongs together: the authors of each incident.
pub(crate) async fn together(lab: &Lab<'_>) -> Vec<BTreeSet<String>> {
    let mut all: BTreeMap<IncidentId, BTreeSet<String>> = BTreeMap::new();
    for row in lab.store.cases(10_000).await.unwrap() {
        let Some(incident) = lab.store.incident_of(&row.id).await.unwrap() else {
            continue;
        };
        let post = lab.store.post(&row.post_id).await.unwrap().unwrap();
        let author = post.post.author.unwrap_or_default();
        all.entry(incident).or_default().insert(author);
    }
    all.into_values().collect()
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The cases that no accepted mail names.
pub(crate) async fn unnamed(lab: &Lab<'_>) -> Vec<CaseId> {
    let rows = lab.store.cases(100_000).await.unwrap();
    let said: String = lab.mails.iter().map(|mail| mail.text.as_str()).collect();
    let cases = rows.into_iter().map(|row| row.id);
    cases.filter(|id| !said.contains(&id.0)).collect()
}

pub(crate) fn subjects(lab: &Lab<'_>, kind: &str) -> Vec<String> {
    let of = lab.mails.iter().filter(|mail| mail.kind == kind);
    of.map(|mail| mail.subject.clone()).collect()
}

pub(crate) const OUTAGE: &str = "Desde las nueve de la mañana sin fibra en el centro de Getafe con \
    Telefonía Ejemplo. Nadie informa de la avería y el teléfono de asistencia comunica.";
const COPIED: &str = "Sin fibra en el centro de Getafe desde las 9 de la mañana. De la avería nadie \
    informa, Telefonía Ejemplo, y el teléfono de asistencia comunica todo el rato.";
const OTHER: &str = "Telefonía Ejemplo me ha cobrado dos veces la cuota de octubre y en la tienda de la \
    calle Mayor no quieren devolverme el dinero.";

#[tokio::test]
async fn a_thread_of_me_too_is_one_incident_and_praise_never_joins() {
    for fresh in databases::both().await {
        let mut lab = lab(&fresh).await;
        let at = lab.now;
        let mut foro = vec![Said::new(1, "Javier", OUTAGE, at)];
        read(&mut lab, &foro, &[]).await;
        assert_eq!(subjects(&lab, "complaint").len(), 1);
        foro.extend([
            Said::new(2, "Ana", "A mí también.", at.plus_minutes(10)).to(1),
            Said::new(3, "Luis", "Igual aquí, en Leganés.", at.plus_minutes(20)).to(2),
            Said::new(4, "Eva", "A mí también me encanta.", at.plus_minutes(21)).to(1),
            Said::new(
                5,
                "Curiosa",
                "Qué raro, a mí me va perfecto.",
                at.plus_minutes(22),
            )
            .to(1),
            Said::new(9, "Nuria", "A mí también me funciona.", at.plus_minutes(21)).to(1),
            Said::new(6, "Javier", "Y sigo igual.", at.plus_minutes(30)).to(3),
            Said::new(7, "Rosa", OTHER, at.plus_minutes(40)).to(1),
        ]);
        read(&mut lab, &foro, &[]).await;
        let engine = fresh.engine;
        assert_eq!(
            together(&lab).await,
            [names(&["Ana", "Javier", "Luis"])],
            "{engine}"
        );
        assert_eq!(
            subjects(&lab, "incident"),
            ["3 clientes cuentan lo mismo: avería"]
        );
        // Javier and Rosa, whose trouble is another one.
        let alone = subjects(&lab, "complaint");
        assert_eq!(
            alone
                .iter()
                .filter(|subject| subject.contains("Rosa"))
                .count(),
            1,
            "{alone:?}"
        );
        assert!(
            alone.iter().all(|subject| !subject.contains("Ana")),
            "{alone:?}"
        );
        assert!(unnamed(&lab).await.is_empty());
        // He too, later, answering one who only said so himself.
        foro.push(Said::new(8, "Pilar", "+1", lab.now).to(2));
        read(&mut lab, &foro, &[]).await;
        let all = names(&["Ana", "Javier", "Luis", "Pilar"]);
        assert_eq!(together(&lab).await, [all], "{engine}");
    }
}

#[tokio::test]
async fn what_answers_us_or_nobody_known_joins_nothing() {
    for fresh in databases::both().await {
        let sources = format!("own_authors = [\"@ejemplo_ayuda\"]\n{SOURCES}");
        let mut lab = lab(&fresh).await;
        lab.configure(&sources).await;
        let at = lab.now;
        let foro = [
            Said::new(1, "Javier", OUTAGE, at),
            Said::new(
                2,
                "@ejemplo_ayuda",
                "Lo sentimos, lo miramos.",
                at.plus_minutes(5),
            )
            .to(1),
            Said::new(3, "Ana", "A mí también.", at.plus_minutes(6)).to(2),
            Said::new(4, "Luis", "A mí también.", at.plus_minutes(7)).to(77),
            Said::new(5, "Eva", "A mí también.", at.plus_minutes(8)),
        ];
        read(&mut lab, &foro, &[]).await;
        assert!(together(&lab).await.is_empty(), "{}", fresh.engine);
        assert_eq!(lab.store.cases(9).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn nearly_the_same_words_in_two_sources_are_one_incident() {
    for fresh in databases::both().await {
        let mut lab = lab(&fresh).await;
        let at = lab.now;
        let foro = [Said::new(1, "Javier", OUTAGE, at)];
        read(&mut lab, &foro, &[]).await;
        let red = [
            Said::new(2, "Ana", COPIED, at.plus_minutes(5)),
            Said::new(3, "Rosa", OTHER, at.plus_minutes(6)),
            // He himself, at another place and in other words: no other mouth.
            Said::new(
                4,
                "Javier",
                &format!("{COPIED} Increíble."),
                at.plus_minutes(7),
            ),
        ];
        read(&mut lab, &foro, &red).await;
        assert_eq!(
            together(&lab).await,
            [names(&["Ana", "Javier"])],
            "{}",
            fresh.engine
        );
        let letters = subjects(&lab, "incident");
        assert_eq!(letters, ["2 clientes cuentan lo mismo: avería"]);
        let mail = lab
            .mails
            .iter()
            .find(|mail| mail.kind == "incident")
            .unwrap();
        for word in ["Ana", "foro.test", "red.test", "Javier", "getafe"] {
            assert!(
                mail.text.contains(word) && mail.html.contains(word),
                "{word}: {}",
                mail.text
            );
        }
        assert!(unnamed(&lab).await.is_empty());
    }
}

#[tokio::test]
async fn one_author_at_two_places_is_no_incident() {
    for fresh in databases::both().await {
        let mut lab = lab(&fresh).await;
        let at = lab.now;
        let foro = [Said::new(1, "Javier", OUTAGE, at)];
        let red = [Said::new(2, "javier ", COPIED, at.plus_minutes(5))];
        read(&mut lab, &foro, &red).await;
        assert!(together(&lab).await.is_empty(), "{}", fresh.engine);
        assert_eq!(lab.store.cases(9).await.unwrap().len(), 2);
        assert!(unnamed(&lab).await.is_empty());
    }
}

#[tokio::test]
async fn who_joins_in_the_same_moment_elsewhere_is_seen() {
    for fresh in databases::both().await {
        let lab = lab(&fresh).await;
        let now = lab.now.plus_hours(1);
        let jobs = escucha::flow::poll::begin(lab.store, &lab.engine, "w", now, 9)
            .await
            .unwrap();
        assert_eq!(jobs.len(), 2);
        let finish = async |at: usize, author: &str, text: &str| {
            let said = [Said::new(at, author, text, now)];
            let body = feed("foro.test", &said);
            lab.finish_with(&jobs[at], &body, now).await;
        };
        tokio::join!(finish(0, "Javier", OUTAGE), finish(1, "Ana", COPIED));
        assert_eq!(
            together(&lab).await,
            [names(&["Ana", "Javier"])],
            "{}",
            fresh.engine
        );
    }
}

#[tokio::test]
async fn a_topic_that_surges_is_one_incident_and_other_topics_stay_apart() {
    for fresh in databases::both().await {
        let mut lab = lab(&fresh).await;
        let mut foro = Vec::new();
        // Ten days with a complaint or two about bills.
        for day in 0..10 {
            for n in 0..=day % 2 {
                let text = format!(
                    "Telefonía Ejemplo me ha cobrado {} de más en la factura.",
                    day + n
                );
                foro.push(Said::new(
                    foro.len(),
                    &format!("Vecino {day} {n}"),
                    &text,
                    lab.now,
                ));
            }
            lab.pass_hours(23);
            read(&mut lab, &foro, &[]).await;
        }
        assert!(together(&lab).await.is_empty(), "{}", fresh.engine);
        let n_before = lab.mails.len();
        let told = [
            "Estoy sin internet desde anoche y los de Ejemplo ni cogen el teléfono.",
            "Se cayó la red en mi casa, imposible trabajar hoy. Muy mal, Ejemplo.",
            "Otra vez sin línea. ¿Qué pasa, Ejemplo?",
            "No hay conexión en toda la urbanización, vergüenza de empresa.",
            "La fibra no va desde las siete, he reiniciado diez veces el router y nada.",
            "Me habéis dejado sin servicio y tengo una videollamada a las doce.",
            "Llevo toda la mañana sin wifi, esto es un desastre de avería.",
            "Caída total de internet, y en la web ponen que todo funciona. Mentira.",
            "Ejemplo, ¿cuándo arreglan el corte de la calle Real? Sin línea y sin avisar.",
            "Dos horas de corte ya y nadie da una explicación de la avería, Ejemplo.",
        ];
        let now = lab.now;
        for (n, text) in told.iter().enumerate() {
            foro.push(Said::new(100 + n, &format!("Afectada {n}"), text, now));
        }
        foro.push(Said::new(200, "Rosa", OTHER, now));
        read(&mut lab, &foro, &[]).await;
        let groups = together(&lab).await;
        assert_eq!(groups.len(), 1, "{}: {groups:?}", fresh.engine);
        assert!(
            groups[0].len() >= 6 && !groups[0].contains("Rosa"),
            "{groups:?}"
        );
        assert_eq!(subjects(&lab, "incident").len(), 1);
        assert!(
            lab.mails.len() - n_before <= 6,
            "{:?}",
            subjects(&lab, "complaint")
        );
        assert!(unnamed(&lab).await.is_empty());
    }
}

#[tokio::test]
async fn stories_months_apart_reports_and_our_own_posts_stay_apart() {
    for fresh in databases::both().await {
        let mut lab = lab(&fresh).await;
        let at = lab.now;
        let mut foro = vec![Said::new(1, "Javier", OUTAGE, at)];
        read(&mut lab, &foro, &[]).await;
        lab.pass_hours(24 * 60);
        let now = lab.now;
        foro.push(Said::new(2, "Ana", COPIED, now));
        read(&mut lab, &foro, &[]).await;
        assert!(together(&lab).await.is_empty(), "{}", fresh.engine);
        let report = "La operadora Telefonía Ejemplo sufre una avería que deja sin fibra desde las \
            nueve de la mañana a los clientes del centro de Getafe, que denuncian que nadie informa y que \
            el teléfono de asistencia comunica.";
        let red = [
            Said::new(3, "El Diario", report, now),
            Said::new(4, "La Voz", report, now),
        ];
        read(&mut lab, &foro, &red).await;
        assert!(together(&lab).await.is_empty(), "{}", fresh.engine);
        assert!(unnamed(&lab).await.is_empty());
    }
}
