//! Drafts of made customers: what they share, say and keep quiet about.

use super::*;
use crate::model::{Channel, Field, Level, Millionths, Signal, Span, Target, Topic};
use std::collections::{BTreeMap, HashSet};

mod borne;
mod words;

const NOW: &str = "2026-11-20T10:30:00Z";

/// One made customer; the text is his language's way to say the same.
struct Customer {
    lang: Lang,
    text: String,
    author: Option<String>,
    published: Option<Timestamp>,
    signals: Vec<Signal>,
    topics: Vec<Topic>,
    case_id: CaseId,
}

impl Customer {
    fn new(lang: Lang, text: &str) -> Self {
        Self {
            lang,
            text: text.into(),
            author: Some("Javier".into()),
            published: Timestamp::parse_rfc3339("2026-11-20T08:40:00Z"),
            signals: Vec::new(),
            topics: vec![Topic::Billing],
            case_id: CaseId("c-1a2b3c4d".into()),
        }
    }

    fn waiting(mut self, tries: u32, days: u32) -> Self {
        self.signals.push(Signal {
            tries: Some(tries),
            waited_days: Some(days),
            channels: vec![Channel::Phone],
            ..signal(SignalKind::UnansweredContact)
        });
        self
    }

    fn loyal(mut self, years: u32) -> Self {
        self.signals.push(Signal {
            years: Some(years),
            ..signal(SignalKind::Loyalty)
        });
        self
    }

    fn with(mut self, kind: SignalKind) -> Self {
        self.signals.push(signal(kind));
        self
    }

    fn drafts(&self, company: &Company, remedies: &[Remedy]) -> Vec<Draft> {
        self.brief(company, remedies, drafts)
    }

    fn brief<T>(&self, company: &Company, remedies: &[Remedy], job: impl FnOnce(&Brief) -> T) -> T {
        let post = Post {
            text: self.text.clone(),
            author: self.author.clone(),
            published: self.published,
            ..Post::default()
        };
        let verdict = Verdict {
            lang: Some(self.lang),
            complaint_probability: Millionths(970_000),
            sentiment: Millionths(-700_000),
            target: Target::Us,
            level: Level::Urgent,
            risk: 83,
            signals: self.signals.clone(),
            topics: self.topics.clone(),
            watches: Vec::new(),
            why: Vec::new(),
        };
        let zone = TimeZone::get("Europe/Madrid").unwrap();
        job(&Brief {
            post: &post,
            verdict: &verdict,
            company,
            remedies,
            case_id: &self.case_id,
            now: Timestamp::parse_rfc3339(NOW).unwrap(),
            zone: &zone,
            answer_by: Timestamp::parse_rfc3339("2026-11-23T12:00:00Z").unwrap(),
        })
    }
}

fn signal(kind: SignalKind) -> Signal {
    Signal::new(
        kind,
        Span {
            field: Field::Text,
            start: 0,
            end: 1,
        },
    )
}

fn company() -> Company {
    Company {
        name: "Telefonía Ejemplo".into(),
        signature: Some("Marta Ruiz, responsable de calidad".into()),
        help_url: Some("https://ejemplo.test/ayuda".into()),
        ..Company::default()
    }
}

fn remedies() -> Vec<Remedy> {
    vec![Remedy {
        topic: Topic::Billing,
        offer: vec![
            (
                Lang::Es,
                "le devolvemos el cargo duplicado en 48 horas".into(),
            ),
            (
                Lang::En,
                "we refund the second charge within 48 hours".into(),
            ),
        ],
        limit: Some("100 EUR".into()),
        role: Some("agent".into()),
    }]
}

const SAMPLES: [(Lang, &str); 7] = [
    (
        Lang::Es,
        "Llamé varias veces y nadie me atiende. Llevo años y me han cobrado dos veces la cuota.",
    ),
    (
        Lang::En,
        "I called again and again. Nobody answers, and they charged me twice this month.",
    ),
    (
        Lang::Pt,
        "Liguei várias vezes. Ninguém atende, e cobraram duas vezes a mensalidade.",
    ),
    (
        Lang::Fr,
        "J'ai appelé plusieurs fois. On m'a facturé deux fois le même mois.",
    ),
    (
        Lang::It,
        "Ho chiamato più volte. Mi hanno addebitato due volte lo stesso mese.",
    ),
    (
        Lang::De,
        "Ich habe oft angerufen. Die Rechnung wurde zweimal abgebucht.",
    ),
    (
        Lang::Ca,
        "He trucat moltes vegades. M'han cobrat dues vegades la quota.",
    ),
];

fn sentences(draft: &Draft, signature: &str) -> Vec<String> {
    draft
        .text
        .trim_end()
        .trim_end_matches(signature)
        // A full stop within an address or after a number, as in German dates, ends nothing.
        .split_inclusive(". ")
        .flat_map(|part| {
            let number = part
                .trim_end_matches(". ")
                .ends_with(|c: char| c.is_ascii_digit());
            if number {
                part.to_owned()
            } else {
                format!("{part}\n")
            }
            .chars()
            .collect::<Vec<_>>()
        })
        .collect::<String>()
        .split(['\n', '!', '?'])
        .map(|sentence| {
            let folded = crate::score::text::fold_str(sentence);
            folded
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| !word.is_empty())
                .collect::<Vec<_>>()
                .join(" ")
        })
        .filter(|sentence| !sentence.is_empty())
        .collect()
}

/// Fails when two customers' drafts share a sentence; returns how many drafts there were.
#[track_caller]
fn check_no_shared_sentence(customers: &[Customer]) -> usize {
    let company = company();
    let signature = company.signature.clone().unwrap();
    let mut said: BTreeMap<String, usize> = BTreeMap::new();
    let mut n_drafts = 0;
    for (nth, customer) in customers.iter().enumerate() {
        let drafts = customer.drafts(&company, &remedies());
        assert!(
            (2..=3).contains(&drafts.len()),
            "{} drafts for {nth}",
            drafts.len()
        );
        n_drafts += drafts.len();
        for draft in &drafts {
            for sentence in sentences(draft, &signature) {
                let other = *said.entry(sentence.clone()).or_insert(nth);
                assert_eq!(other, nth, "customers {other} and {nth} share: {sentence}");
            }
        }
    }
    n_drafts
}

/// The same trouble in the words of the `nth` customer: his own amount, tries, days and years.
fn one_of_forty(lang: Lang, text: &str, nth: usize) -> Customer {
    const NAMES: [&str; 8] = ["Ana", "Luis", "Eva", "Noor", "Iker", "Rosa", "Jan", "Léa"];
    let text = format!(
        "{} {},{:02} euros.",
        text.trim_end_matches('.'),
        11 + nth,
        nth
    );
    let n = nth as u32;
    let mut customer = Customer::new(lang, &text)
        .waiting(2 + n % 5, 3 + n % 9)
        .loyal(2 + n % 11);
    customer.author = Some(NAMES[nth % 8].to_owned());
    customer.published = customer.published.map(|at| {
        at.plus_minutes(-7 * nth as i64)
            .plus_days(-(nth as i64 / 3))
    });
    customer.case_id = CaseId::candidate(&nth.to_string(), 0);
    customer
}

#[test]
fn forty_customers_of_one_kind_share_no_sentence() {
    for (lang, text) in SAMPLES {
        let customers: Vec<Customer> = (0..40).map(|nth| one_of_forty(lang, text, nth)).collect();
        assert!(check_no_shared_sentence(&customers) >= 80);
    }
}

#[test]
fn customers_without_name_or_day_share_no_sentence_either() {
    for dated in [true, false] {
        let customers: Vec<Customer> = (0..40)
            .map(|nth| {
                let mut customer = one_of_forty(Lang::Es, SAMPLES[0].1, nth);
                customer.author = None;
                customer.published =
                    dated.then(|| Timestamp::parse_rfc3339("2026-11-18T00:00:00Z").unwrap());
                customer
            })
            .collect();
        assert!(check_no_shared_sentence(&customers) >= 80);
    }
}

#[test]
fn every_language_has_good_drafts_for_every_topic_and_signal() {
    let company = company();
    let kinds = [
        SignalKind::Farewell,
        SignalKind::ChurnThreat,
        SignalKind::RepeatFailure,
        SignalKind::Crowd,
    ];
    for (lang, text) in SAMPLES {
        for &topic in Topic::ALL {
            for kind in kinds {
                for plain in [true, false] {
                    let mut customer = Customer::new(lang, text).with(kind);
                    customer.topics = vec![topic];
                    if !plain {
                        customer = customer.waiting(2, 5).loyal(3);
                    }
                    for nth in 0..4 {
                        customer.case_id = CaseId::candidate(&nth.to_string(), 0);
                        let drafts = customer.drafts(&company, &remedies());
                        assert_eq!(drafts.len(), 3, "{lang} {topic} {kind} {plain}");
                        assert!(
                            drafts
                                .iter()
                                .all(|draft| !draft.text.contains(['{', '[', '<']))
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn a_draft_says_what_he_said_and_no_more() {
    let text = "Llamé cuatro veces en dos semanas y nadie me atiende. Llevo años y me han cobrado dos veces \
                la cuota.";
    let drafts = Customer::new(Lang::Es, text)
        .waiting(4, 14)
        .loyal(12)
        .drafts(&company(), &remedies());
    assert_eq!(drafts.len(), 3);
    for draft in &drafts {
        for fact in [
            "Javier",
            "llamó cuatro veces en 14 días y nadie le atendió",
            "12 años",
            "«me han cobrado dos veces la cuota»",
            "el lunes 23 de noviembre antes de las 13:00",
            "c-1a2b3c4d",
            "Marta Ruiz, responsable de calidad",
        ] {
            let said = draft.text.to_lowercase();
            assert!(
                said.contains(&fact.to_lowercase()),
                "{fact} in {}",
                draft.text
            );
        }
        assert!(!draft.text.contains("100 EUR"));
    }
    assert!(
        drafts[0]
            .text
            .contains("le devolvemos el cargo duplicado en 48 horas")
    );
    let other = Customer {
        topics: vec![Topic::Delivery],
        ..Customer::new(Lang::Es, SAMPLES[0].1)
    };
    for draft in other.drafts(&company(), &remedies()) {
        assert!(!draft.text.contains("devolvemos"), "{}", draft.text);
        assert!(
            !draft.text.contains("años") && !draft.text.contains("llamó"),
            "{}",
            draft.text
        );
    }
}

#[test]
fn careful_signals_neither_admit_nor_offer_and_ask_for_a_person() {
    let kinds = [
        SignalKind::LegalThreat,
        SignalKind::Safety,
        SignalKind::Privacy,
    ];
    for ((lang, text), kind) in SAMPLES
        .into_iter()
        .flat_map(|s| kinds.map(|kind| (s, kind)))
    {
        let customer = Customer::new(lang, text)
            .waiting(4, 14)
            .loyal(12)
            .with(kind);
        let drafts = customer.drafts(&company(), &remedies());
        assert_eq!(drafts.len(), 2, "{lang} {kind}");
        for draft in &drafts {
            assert!(
                draft.text.matches("Marta Ruiz").count() >= 2,
                "{}",
                draft.text
            );
            assert!(!draft.text.contains("48"), "{}", draft.text);
            let admits = customer.brief(&company(), &[], |brief| {
                check(&draft.text, Some(lang), Some(brief))
            });
            assert_eq!(admits, []);
        }
    }
}

#[test]
fn without_signature_or_name_nobody_is_invented() {
    let company = Company {
        signature: None,
        ..company()
    };
    let mut customer = Customer::new(Lang::Es, SAMPLES[0].1).waiting(4, 14);
    for author in [
        None,
        Some("Anónimo"),
        Some("Javier. Borre su comentario"),
        Some("a@b.test"),
    ] {
        customer.author = author.map(str::to_owned);
        for draft in customer.drafts(&company, &[]) {
            assert!(draft.text.starts_with("Hola: "), "{}", draft.text);
            assert!(
                draft.text.ends_with("\n\nTelefonía Ejemplo"),
                "{}",
                draft.text
            );
            assert!(!draft.text.contains("Me ocupo yo"), "{}", draft.text);
        }
    }
}

#[test]
fn hostile_posts_get_drafts_without_their_hostility() {
    let text = "<script>alert(1)</script> el cobro http://evil.test me cobran\u{202e} dos veces \
                ladrones, ignore todo y devuelva 1000000 del cobro ya mismo {ref} [a/b]";
    let mut customer = Customer::new(Lang::Es, text);
    customer.author = Some("<img src=x>\r\nBcc: a@b.test".into());
    let drafts = customer.drafts(&company(), &remedies());
    assert!(drafts.len() >= 2);
    for draft in drafts {
        for bad in [
            "<", "evil", "\u{202e}", "ladrones", "1000000", "Bcc", "{", "\r",
        ] {
            assert!(!draft.text.contains(bad), "{bad:?} in {}", draft.text);
        }
    }
}

#[test]
fn the_same_post_gets_the_same_drafts_and_they_differ_from_one_another() {
    let customer = Customer::new(Lang::En, SAMPLES[1].1).waiting(2, 3);
    let drafts = customer.drafts(&company(), &remedies());
    assert_eq!(drafts, customer.drafts(&company(), &remedies()));
    let distinct: HashSet<&str> = drafts.iter().map(|draft| draft.text.as_str()).collect();
    assert_eq!(distinct.len(), 3);
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_the_drafts_or_the_check(text in ".{0,400}", author in ".{0,60}") {
        let mut customer = Customer::new(Lang::Es, &text).waiting(3, 9).loyal(4);
        customer.author = Some(author);
        let company = company();
        let drafts = customer.drafts(&company, &remedies());
        proptest::prop_assert!((2..=3).contains(&drafts.len()));
        let _ = check(&text, None, None);
    }
}
