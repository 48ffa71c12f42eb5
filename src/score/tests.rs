//! The hard cases, end to end: each line of these tables is a post.

use super::query::Query;
use super::rules::{Keyword, Levels, Points, Silence};
use super::*;
use crate::model::{Channel, Topic};

const PUBLISHED: &str = "2026-11-20T10:00:00Z";

fn now() -> Timestamp {
    Timestamp::parse_rfc3339(PUBLISHED).unwrap()
}

fn watch(name: &str, query: &str) -> Watch {
    Watch::new(name, Query::parse(query).unwrap())
}

fn rules() -> Rules {
    Rules {
        watches: vec![watch("ejemplo", "ejemplo OR @ejemplo_ayuda OR #ejemplo")],
        ..Rules::default()
    }
}

fn scorer(rules: Rules) -> Scorer {
    let company = Company {
        name: "Telefonía Ejemplo".into(),
        own_authors: vec!["@ejemplo_ayuda".into(), "Equipo Ejemplo @ foro.test".into()],
        ..Company::default()
    };
    Scorer::new(
        rules,
        Context {
            company,
            ui: Ui::Es,
            ..Context::default()
        },
    )
}

fn sample(text: &str) -> Sample<'_> {
    Sample {
        text,
        published: Some(now()),
        ..Sample::default()
    }
}

fn verdict(text: &str) -> Verdict {
    scorer(rules()).verdict(&sample(text), now())
}

/// `expected` is the least and the highest level allowed: `none`, `doubt..`, `..doubt`, `complaint..`.
#[track_caller]
fn check(text: &str, expected: &str) {
    let verdict = verdict(text);
    let (least, most) = match expected.split_once("..") {
        Some((least, most)) => (
            Level::parse(least).unwrap_or(Level::None),
            Level::parse(most).unwrap_or(Level::Urgent),
        ),
        None => (
            Level::parse(expected).unwrap(),
            Level::parse(expected).unwrap(),
        ),
    };
    assert!(
        (least..=most).contains(&verdict.level),
        "{text}\n  is {} and should be {expected}: p {} target {}",
        verdict.level,
        verdict.complaint_probability.to_f64(),
        verdict.target,
    );
}

#[test]
fn what_was_written_to_us_is_not_seen_in_passing() {
    for text in [
        "He escrito cuatro correos a Telefonía Ejemplo por un cargo que no es mío y nadie contesta.",
        "Enviado tres veces el formulario a Telefonía Ejemplo y nadie contesta, llevo un mes así.",
        "Telefonía Ejemplo me dijo «espere» y luego «llame usted»: un mes sin línea y nadie contesta.",
    ] {
        assert_eq!(verdict(text).target, Target::Us, "{text}");
    }
    let sent =
        "El banco me ha cobrado dos veces y nadie contesta.\nEnviado desde mi Telefonía Ejemplo";
    assert_eq!(verdict(sent).target, Target::Unclear);
}

#[test]
fn what_was_charged_twice_counts_no_tries() {
    let verdict = verdict(
        "Telefonía Ejemplo me ha cobrado dos veces la factura de abril. Escribí dos correos y nadie \
         contesta.",
    );
    assert_eq!(verdict.signals[0].kind, SignalKind::UnansweredContact);
    assert_eq!(verdict.signals[0].tries, Some(2));
    assert_eq!(verdict.signals[0].channels, [Channel::Mail]);
}

#[test]
fn the_example_of_the_design() {
    let text = "Llamé cuatro veces en dos semanas a Telefonía Ejemplo y nadie me atiende. \
                Soy cliente desde 2014 y me han cobrado dos veces.";
    let verdict = verdict(text);
    assert_eq!(verdict.lang, Some(Lang::Es));
    assert_eq!(verdict.level, Level::Urgent, "risk {}", verdict.risk);
    assert!(verdict.complaint_probability.to_f64() > 0.9);
    assert_eq!(verdict.target, Target::Us);
    assert_eq!(verdict.topics.first(), Some(&Topic::Billing));
    assert_eq!(verdict.watches, ["ejemplo"]);
    let kinds: Vec<SignalKind> = verdict.signals.iter().map(|s| s.kind).collect();
    assert_eq!(kinds, [SignalKind::UnansweredContact, SignalKind::Loyalty]);
    let unanswered = &verdict.signals[0];
    assert_eq!((unanswered.span.start, unanswered.span.end), (0, 72));
    assert_eq!(unanswered.tries, Some(4));
    assert_eq!(unanswered.waited_days, Some(14));
    assert_eq!(unanswered.channels, [Channel::Phone]);
    let loyalty = &verdict.signals[1];
    assert_eq!((loyalty.span.start, loyalty.span.end), (78, 96));
    assert_eq!(loyalty.years, Some(12));
    let first = &verdict.why[0];
    assert_eq!(first.points, 30);
    assert_eq!(
        first.because,
        "llamó cuatro veces en 14 días y nadie le atendió"
    );
    let sum: i64 = verdict.why.iter().map(|reason| reason.points).sum();
    assert_eq!(sum, i64::from(verdict.risk));
}

#[test]
fn complaints_without_a_bad_word() {
    for text in [
        "Lamento tener que escribir esto: sigo sin recibir la factura de Ejemplo.",
        "Me gustaría que alguien de Ejemplo me explicara por qué me han cobrado dos veces.",
        "Pedí a Ejemplo la instalación hace tres semanas y aquí sigo esperando.",
        "Ejemplo: a day later still no engineer and no call.",
        "Agradecería que Ejemplo revisara mi caso, llevo un mes sin línea.",
    ] {
        check(text, "complaint..");
    }
}

#[test]
fn complaints_of_every_country() {
    for text in [
        "Los de Ejemplo no me dan bola, hace tres semanas que reclamo y nada. Una vergüenza",
        "Marqué al call center de Ejemplo y nadie contesta, pésimo servicio",
        "Ejemplo me cobró de más en la boleta y no me devuelven la plata",
        "Llevo una semana sin internet con Ejemplo y me tienen de acá para allá",
        "Qué estafa Ejemplo, me cambio de compañía mañana mismo",
        "Ejemplo is the worst company, I have been on hold for two hours and nobody answers",
        "Ejemplo é uma vergonha, liguei três vezes e ninguém atende",
        "Ejemplo: une honte, je suis sans internet depuis deux semaines",
        "Ejemplo vergognoso, due settimane senza linea e nessuno risponde",
        "Ejemplo ist eine Frechheit, seit zwei Wochen kein Internet und niemand antwortet",
        "Ejemplo és un desastre, dues setmanes sense internet i ningú contesta",
    ] {
        check(text, "complaint..");
    }
}

#[test]
fn what_is_no_complaint() {
    for text in [
        "Ninguna queja de Ejemplo, todo funciona sin problemas.",
        "Encantado con Ejemplo, me contestaron en una hora y lo arreglaron.",
        "Al principio Ejemplo me falló la fibra, pero lo arreglaron rapidísimo, muy contento.",
        "Ejemplo anunció que invertirá 200 millones de euros en fibra, según un comunicado.",
        "¡Aprovecha la oferta! Fibra Ejemplo desde 20 euros al mes, contrata ya en https://ejemplo.test",
        "¿Alguien sabe si Ejemplo llega a mi barrio?",
        "Ejemplo busca personal: vacantes de técnico, envía tu CV",
        "Excellent service from Ejemplo, no complaints at all",
        "Ojalá todas las compañías fueran como Ejemplo, gracias por la ayuda",
        "Cliente de Ejemplo desde ayer, encantado",
    ] {
        check(text, "none");
    }
}

#[test]
fn anger_at_a_rival_is_not_ours() {
    check(
        "Movistar es un desastre, menos mal que me pasé a Ejemplo",
        "none",
    );
    check(
        "Harto de Vodafone: tres semanas sin línea. Me paso a Ejemplo.",
        "none",
    );
    check("Ejemplo es una estafa, me voy a Movistar", "complaint..");
    check(
        "Ejemplo no contesta nunca. Con Movistar esto no pasaba.",
        "complaint..",
    );
}

#[test]
fn irony_is_at_least_a_doubt() {
    check("Gracias por nada, Ejemplo", "doubt..");
    check("Qué maravilla Ejemplo, tres días sin internet", "doubt..");
    check("Enhorabuena Ejemplo, otra vez sin línea", "doubt..");
}

#[test]
fn our_own_posts_are_never_scored() {
    let text = "Lamentamos mucho que Ejemplo sea un desastre y nadie conteste";
    let own = Sample {
        author: Some("@ejemplo_ayuda"),
        ..sample(text)
    };
    let verdict = scorer(rules()).verdict(&own, now());
    assert_eq!(verdict.level, Level::None);
    assert_eq!(verdict.risk, 0);
    let foreign = Sample {
        author: Some("Equipo Ejemplo"),
        url: Some("https://otro.test/1"),
        ..sample("Ejemplo es un desastre, nadie contesta")
    };
    assert!(scorer(rules()).verdict(&foreign, now()).level >= Level::Complaint);
    let said = scorer(rules()).verdict(
        &Sample {
            author: Some("Equipo Ejemplo"),
            url: Some("https://foro.test/1"),
            ..sample("Ejemplo es un desastre, nadie contesta")
        },
        now(),
    );
    assert_eq!(said.level, Level::None);
    assert_eq!(said.why[0].because, "lo hemos escrito nosotros");
}

#[test]
fn a_post_must_match_a_watch() {
    let text = "Llevo una semana sin internet y nadie contesta, un desastre";
    let plain = scorer(rules()).verdict(&sample(text), now());
    assert_eq!(plain.level, Level::None);
    assert!(plain.complaint_probability.to_f64() > 0.6);
    assert_eq!(plain.why[0].because, "no habla de nosotros");
    let about = ["ejemplo".to_owned()];
    let of_source = Sample {
        about: &about,
        ..sample(text)
    };
    let verdict = scorer(rules()).verdict(&of_source, now());
    assert!(verdict.level >= Level::Complaint);
    assert_eq!(verdict.watches, ["ejemplo"]);
    let without = scorer(Rules::default()).verdict(&sample(text), now());
    assert!(without.level >= Level::Complaint);
}

#[test]
fn a_watch_may_listen_to_some_sources_and_languages() {
    let mut rules = rules();
    rules.watches[0].sources = vec!["foro".into()];
    rules.watches[0].languages = vec![Lang::Es];
    let text = "Ejemplo es un desastre, nadie me contesta el teléfono";
    let from = |source, text| {
        let sample = Sample {
            source,
            ..sample(text)
        };
        scorer(rules.clone()).verdict(&sample, now()).watches.len()
    };
    assert_eq!(from(Some("foro"), text), 1);
    assert_eq!(from(Some("otro"), text), 0);
    assert_eq!(from(None, text), 0);
    assert_eq!(
        from(
            Some("foro"),
            "Ejemplo is the worst, nobody answers my calls"
        ),
        0
    );
}

#[test]
fn silences_cap_at_doubt_until_their_day() {
    let silenced = |until: &str| {
        let mut rules = rules();
        rules.silences = vec![Silence {
            written: "sin internet".into(),
            query: Query::phrase("sin internet").unwrap(),
            until: until.parse().unwrap(),
            because: "corte conocido".into(),
            line: 0,
        }];
        let text = "Ejemplo: dos semanas sin internet y nadie contesta";
        scorer(rules).verdict(&sample(text), now())
    };
    let verdict = silenced("2026-11-20");
    assert_eq!(verdict.level, Level::Doubt);
    let last = verdict.why.last().unwrap();
    assert_eq!(
        last.because,
        "en silencio hasta el 2026-11-20: corte conocido"
    );
    assert!(silenced("2026-11-19").level >= Level::Complaint);
}

#[test]
fn a_watch_on_trial_shows_what_it_would_find_and_tells_nobody() {
    let trial = |query: &str| {
        let mut rules = rules();
        rules.watches.push(Watch {
            trial: true,
            ..watch("nuevo", query)
        });
        let text = "Tele Ejem: dos semanas sin internet y nadie contesta";
        scorer(rules).verdict(&sample(text), now())
    };
    let verdict = trial("\"tele ejem\"");
    assert_eq!((verdict.level, verdict.watches.len()), (Level::None, 0));
    let last = verdict.why.last().unwrap();
    assert_eq!(
        last.because,
        "solo lo encuentra «nuevo», que está en prueba y aún no avisa"
    );
    // Beside a watch that counts it changes nothing at all.
    let text = "Ejemplo: dos semanas sin internet y nadie contesta";
    let mut rules = rules();
    let alone = scorer(rules.clone()).verdict(&sample(text), now());
    rules.watches.push(Watch {
        trial: true,
        ..watch("nuevo", "internet")
    });
    assert_eq!(scorer(rules).verdict(&sample(text), now()), alone);
}

#[test]
fn a_keyword_without_a_place_in_the_text_counts_too() {
    let keyword = |query: &str| Keyword {
        written: query.into(),
        query: Query::parse(query).unwrap(),
        points: -20,
        languages: Vec::new(),
        trial: false,
        line: 0,
    };
    let risk = |query: &str| {
        let mut rules = rules();
        rules.keywords = vec![keyword(query)];
        let sample = Sample {
            author: Some("Boletín"),
            source: Some("foro"),
            ..sample("Ejemplo: dos semanas sin internet y nadie contesta")
        };
        scorer(rules).verdict(&sample, now()).risk
    };
    let alone = risk("author:otro");
    for query in [
        "author:boletin",
        "source:foro AND lang:es",
        "NOT factura",
        "/!|:/",
    ] {
        assert_eq!(i64::from(risk(query)), i64::from(alone) - 20, "{query}");
    }
}

#[test]
fn keywords_add_points_and_trials_do_not() {
    let keyword = |points, trial, languages: &[Lang]| Keyword {
        written: "chorizo*".into(),
        query: Query::phrase("chorizo*").unwrap(),
        points,
        languages: languages.to_vec(),
        trial,
        line: 0,
    };
    let risk = |keywords| {
        let mut rules = rules();
        rules.keywords = keywords;
        let text = "Los de Ejemplo son unos chorizos, me han cobrado de más";
        scorer(rules).verdict(&sample(text), now())
    };
    let none = risk(Vec::new()).risk;
    let with = risk(vec![keyword(20, false, &[])]);
    assert_eq!(with.risk, none + 20);
    assert!(
        with.why
            .iter()
            .any(|r| r.because == "palabra clave «chorizo*»")
    );
    let trial = risk(vec![keyword(20, true, &[])]);
    assert_eq!(trial.risk, none);
    assert!(
        trial
            .why
            .iter()
            .any(|r| r.points == 0 && r.because == "en prueba «chorizo*»: habría sumado 20")
    );
    assert_eq!(risk(vec![keyword(20, false, &[Lang::En])]).risk, none);
    assert_eq!(risk(vec![keyword(-100, false, &[])]).risk, 0);
}

#[test]
fn urgent_begins_where_the_rules_say() {
    let text = "Ejemplo no contesta y llevo una semana sin línea";
    let level = |urgent_at| {
        let mut rules = rules();
        rules.watches[0].urgent_at = urgent_at;
        scorer(rules).verdict(&sample(text), now()).level
    };
    assert_eq!(level(Some(100)), Level::Complaint);
    assert_eq!(level(Some(5)), Level::Urgent);
    check(
        "El router de Ejemplo se incendió y casi quema la casa, una vergüenza",
        "urgent",
    );
    let mut strict = rules();
    strict.levels = Levels {
        complaint_at: 1_000_001,
        ..Levels::default()
    };
    assert_eq!(
        scorer(strict).verdict(&sample(text), now()).level,
        Level::Doubt
    );
}

#[test]
fn stars_count() {
    let rated = |rating| {
        let sample = Sample {
            rating: Some(rating),
            ..sample("Esto es Ejemplo")
        };
        scorer(rules())
            .verdict(&sample, now())
            .complaint_probability
    };
    assert!(rated(0.0) > rated(0.5));
    assert!(rated(0.5) > rated(1.0));
    assert_eq!(rated(f64::NAN), rated(0.5));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    /// Any text has a verdict; spans lie inside the text and the risk is the clamped sum.
    #[test]
    fn any_text_is_judged(text in "(?s).{0,120}", words in "(no|nadie|ejemplo|llame|[0-9]{1,9}|veces|[!?.,😡])( (no|nadie|contesta|ejemplo|llame|cliente|desde|[0-9]{1,9}|veces|años|[!?.,😡])){0,40}") {
        for text in [&text, &words] {
            let verdict = verdict(text);
            let n = text.chars().count() as u32;
            for signal in &verdict.signals {
                proptest::prop_assert!(signal.span.start < signal.span.end && signal.span.end <= n);
            }
            let sum: i64 = verdict.why.iter().map(|reason| reason.points).sum();
            proptest::prop_assert_eq!(sum.clamp(0, 100), i64::from(verdict.risk));
            proptest::prop_assert_eq!(&verdict, &scorer(rules()).verdict(&sample(text), now()));
        }
    }
}

#[test]
fn risk_never_silences_a_complaint() {
    let rules = Rules {
        points: Points {
            reach: 100,
            ..Points::default()
        },
        ..rules()
    };
    let text = "Telefonía Ejemplo me ha cobrado dos veces y nadie contesta";
    let sample = Sample {
        reach: Reach::Low,
        ..sample(text)
    };
    let verdict = scorer(rules).verdict(&sample, now());
    assert_eq!((verdict.level, verdict.risk), (Level::Complaint, 0));
}
