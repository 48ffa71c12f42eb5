//! The mails as a manager gets them: both bodies, and the HTML in a real browser.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking, as tests do"
)]

pub(crate) mod browser;
mod digest;
mod incidents;
mod links;
mod says;
mod shown;
mod unicode;

use escucha::letter::{self, BacklogItem, Letter, Trouble};
use escucha::model::{
    CaseId, Channel, Company, Field, Lang, Level, Millionths, Post, Reason, Remedy, Signal,
    SignalKind, Span, Target, Timestamp, Topic, Ui, Verdict,
};
use escucha::reply::{Brief, drafts};
use jiff::tz::TimeZone;

const TEXT: &str = "Llamé cuatro veces en dos semanas a Telefonía Ejemplo y nadie me atiende. Soy \
cliente desde 2014 y en octubre me han cobrado dos veces la cuota.\n\nEl sistema de la página da \
error cada vez que intento reclamar. Si alguien de la empresa lee esto, por favor, que me \
conteste.";

/// One made case: what a brief borrows from.
struct Made {
    post: Post,
    verdict: Verdict,
    company: Company,
    remedies: Vec<Remedy>,
    case_id: CaseId,
    zone: TimeZone,
}

impl Made {
    fn brief(&self) -> Brief<'_> {
        Brief {
            post: &self.post,
            verdict: &self.verdict,
            company: &self.company,
            remedies: &self.remedies,
            case_id: &self.case_id,
            now: at("2026-11-20T11:45:00Z"),
            zone: &self.zone,
            answer_by: at("2026-11-20T17:45:00Z"),
        }
    }

    fn complaint(&self, ui: Ui) -> Letter {
        self.complaint_with_places(ui).plain()
    }

    fn complaint_with_places(&self, ui: Ui) -> Letter {
        let brief = self.brief();
        letter::complaint(&brief, ui, "foro", &drafts(&brief))
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

/// The span of `words` in `text`, in characters.
fn span(text: &str, words: &str) -> Span {
    let byte = text.find(words).unwrap();
    let start = text[..byte].chars().count() as u32;
    Span {
        field: Field::Text,
        start,
        end: start + words.chars().count() as u32,
    }
}

fn javier() -> Made {
    Made {
        post: Post {
            title: Some("Dos cobros y nadie al teléfono".into()),
            text: TEXT.into(),
            author: Some("Javier".into()),
            url: Some("https://foro.test/hilos/4711-dos-cobros-y-nadie-al-telefono#m1".into()),
            published: Some(at("2026-11-20T08:40:00Z")),
            ..Post::default()
        },
        verdict: verdict_on_javier(),
        company: Company {
            name: "Telefonía Ejemplo".into(),
            customers: Some(1_200),
            help_url: Some("https://ejemplo.test/ayuda".into()),
            signature: Some("Marta Ruiz, responsable de calidad".into()),
            own_authors: Vec::new(),
        },
        remedies: vec![Remedy {
            topic: Topic::Billing,
            offer: vec![(
                Lang::Es,
                "le devolvemos el cargo duplicado en 48 horas".into(),
            )],
            limit: Some("100 EUR".into()),
            role: Some("agente".into()),
        }],
        case_id: CaseId("c-1a2b3c4d".into()),
        zone: TimeZone::get("Europe/Madrid").unwrap(),
    }
}

fn verdict_on_javier() -> Verdict {
    let calls = span(
        TEXT,
        "Llamé cuatro veces en dos semanas a Telefonía Ejemplo y nadie me atiende",
    );
    let years = span(TEXT, "cliente desde 2014");
    let charge = span(TEXT, "me han cobrado dos veces");
    let asks = span(TEXT, "que me conteste");
    let reason = |points, because: &str, span| Reason {
        points,
        because: because.into(),
        span,
    };
    Verdict {
        lang: Some(Lang::Es),
        complaint_probability: Millionths(974_312),
        sentiment: Millionths(-710_000),
        target: Target::Us,
        level: Level::Urgent,
        risk: 83,
        signals: vec![
            Signal {
                tries: Some(4),
                waited_days: Some(14),
                channels: vec![Channel::Phone],
                ..Signal::new(SignalKind::UnansweredContact, calls)
            },
            Signal {
                years: Some(12),
                ..Signal::new(SignalKind::Loyalty, years)
            },
            Signal::new(SignalKind::AsksForReply, asks),
        ],
        topics: vec![Topic::Billing, Topic::System],
        watches: vec!["ejemplo".into()],
        why: vec![
            reason(15, "es una queja", None),
            reason(
                30,
                "llamó cuatro veces en 14 días y nadie le atendió",
                Some(calls),
            ),
            reason(15, "cliente desde 2014", Some(years)),
            reason(20, "«me han cobrado dos veces»", Some(charge)),
            reason(8, "dos semanas de espera", Some(calls)),
            reason(5, "pide una respuesta", Some(asks)),
            reason(-10, "lo pide con buenas palabras", None),
        ],
    }
}

/// A second complaint of the same person, three days later.
fn again(first: &Made, ui: Ui) -> Letter {
    again_with_places(first, ui).plain()
}

fn again_with_places(first: &Made, ui: Ui) -> Letter {
    let mut second = javier();
    second.post = Post {
        title: None,
        text: "Sigo sin noticias. Este mes me han vuelto a cobrar la cuota de más.".into(),
        published: Some(at("2026-11-23T07:00:00Z")),
        ..first.post.clone()
    };
    second.verdict.signals.clear();
    second.verdict.why.clear();
    let brief = Brief {
        now: at("2026-11-23T08:00:00Z"),
        answer_by: at("2026-11-23T11:00:00Z"),
        ..second.brief()
    };
    let opened = first.brief();
    letter::spoke_again(&brief, Some((&opened, "foro")), ui, "foro", &drafts(&brief))
}

/// A post that tries every trick: markup, headers, directions, links, length.
fn hostile() -> Made {
    let mut case = javier();
    let long = "Sigo esperando que alguien me devuelva el dinero del cobro. ".repeat(80);
    case.post = Post {
        title: Some("</title><script>alert(1)</script>\r\nBcc: todos@evil.test".into()),
        text: format!(
            "<script src=https://evil.test/x.js></script><img src=x onerror=alert(1)> \
             \u{202e}ojabA\u{202c} \
             {}\r\n\r\n</blockquote></div><style>body{{display:none}}</style> \
             Z{} {long} FIN",
            "A".repeat(400),
            "\u{301}".repeat(400),
        ),
        author: Some("Ja\u{202e}vier\r\nBcc: a@evil.test <b onclick=alert(1)>😡</b>".into()),
        url: Some("https://banco.test@\u{435}jemplo.test/\"><script>?a=<b>&c=\u{202e}".into()),
        ..case.post
    };
    case.verdict.why = vec![Reason {
        points: 12,
        because: "<img src=http://evil.test/p.gif>\u{202e}".into(),
        span: Some(Span {
            field: Field::Text,
            start: 3,
            end: 90,
        }),
    }];
    case.verdict.signals = vec![Signal::new(
        SignalKind::LegalThreat,
        Span {
            field: Field::Title,
            start: 0,
            end: 4_000_000,
        },
    )];
    case
}

/// The words of the plain text, and those that a browser shows of the HTML.
#[track_caller]
fn check_both_say_the_same(letter: &Letter) {
    let shown = visible_text(&letter.html);
    assert_eq!(words(&letter.text), words(&shown));
}

fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect()
}

fn visible_text(html: &str) -> String {
    let page = scraper::Html::parse_document(html);
    let body = scraper::Selector::parse("body").unwrap();
    let body = page.select(&body).next().unwrap();
    body.text()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('\u{301}', "")
}

/// Subject and bodies hold nothing that acts.
#[track_caller]
fn check_harmless(letter: &Letter) {
    assert!(letter.subject.chars().count() <= 60, "{}", letter.subject);
    let acts = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(c, '\u{2066}'..='\u{2069}')
    };
    assert!(!letter.subject.chars().any(acts), "{:?}", letter.subject);
    for body in [&letter.text, &letter.html] {
        assert!(!body.chars().any(|c| c != '\n' && acts(c)));
    }
    let page = scraper::Html::parse_document(&letter.html);
    for banned in [
        "script",
        "img",
        "link",
        "iframe",
        "object",
        "embed",
        "form",
        "input",
        "video",
        "audio",
        "svg",
        "base",
        "[onclick]",
        "[onerror]",
        "[src]",
        "[background]",
        "body style",
    ] {
        let selector = scraper::Selector::parse(banned).unwrap();
        assert_eq!(page.select(&selector).count(), 0, "{banned}");
    }
    let links = scraper::Selector::parse("a").unwrap();
    for link in page.select(&links) {
        let href = link.value().attr("href").unwrap();
        assert!(
            href.starts_with("https://") || href.starts_with("http://"),
            "{href}"
        );
    }
    let style = scraper::Selector::parse("style").unwrap();
    assert_eq!(page.select(&style).count(), 1);
    assert!(!letter.html.contains("url(") && !letter.html.contains("@import"));
}

/// As they are where there is no page.
fn every_letter() -> Vec<(&'static str, Letter)> {
    let letters = every_letter_with_places().into_iter();
    letters
        .map(|(name, letter)| (name, letter.plain()))
        .collect()
}

fn every_letter_with_places() -> Vec<(&'static str, Letter)> {
    let (javier, hostile) = (javier(), hostile());
    let zone = TimeZone::get("Europe/Madrid").unwrap();
    let mut letters = Vec::new();
    for (es, en, case) in [
        ("javier_es", "javier_en", &javier),
        ("hostile_es", "hostile_en", &hostile),
    ] {
        letters.push((es, case.complaint_with_places(Ui::Es)));
        letters.push((en, case.complaint_with_places(Ui::En)));
        let brief = case.brief();
        let drafts = drafts(&brief);
        let told_at = at("2026-11-20T08:45:00Z");
        let monday = Brief {
            now: at("2026-11-23T09:00:00Z"),
            ..brief
        };
        for ui in [Ui::Es, Ui::En] {
            letters.push((
                "reminder",
                letter::reminder(&brief, 1, told_at, ui, "foro", &drafts),
            ));
            letters.push((
                "reminder",
                letter::reminder(&monday, 2, told_at, ui, "foro", &drafts),
            ));
            letters.push(("again", again_with_places(case, ui)));
            letters.push((
                "ask",
                letter::ask_whether_solved(&brief, told_at, ui, "foro"),
            ));
        }
        let items: Vec<BacklogItem> = (0..60)
            .map(|nth| BacklogItem {
                case_id: CaseId::candidate(&nth.to_string(), 0),
                published: case.post.published.map(|at| at.plus_days(-nth - 3)),
                author: case.post.author.clone(),
                words: case.post.text.clone(),
                url: case.post.url.clone(),
                risk: (nth % 7 * 10) as u8,
            })
            .collect();
        for ui in [Ui::Es, Ui::En] {
            let told = [
                "gerente@ejemplo.test".to_owned(),
                "segunda@ejemplo.test".to_owned(),
            ];
            for told in [&told[..], &told[..1], &[]] {
                let letter = letter::escalation(&brief, told_at, told, ui, "foro", &drafts, None);
                letters.push(("escalation", letter));
            }
            let now = brief.now;
            letters.push((
                "backlog",
                letter::backlog("opiniones", &items, ui, now, &zone),
            ));
        }
    }
    for ui in [Ui::Es, Ui::En] {
        letters.push(("operator", letter::operator(&troubles(), ui)));
        for trouble in troubles() {
            letters.push(("operator", letter::operator(&[trouble], ui)));
        }
        letters.push(("test", letter::test_mail(ui, "Telefonía Ejemplo")));
    }
    letters.extend(incidents::letters());
    letters.extend(digest::letters());
    letters
}

fn troubles() -> Vec<Trouble> {
    vec![
        Trouble::SourceBlind {
            source: "foro <b>\r\n".into(),
            url: "https://foro.test/rss".into(),
            detail: "404 Not Found <script>".into(),
        },
        Trouble::RobotsForbid {
            source: "opiniones".into(),
            url: "javascript:alert(1)".into(),
        },
        Trouble::KeywordsRefused {
            problems: vec!["keywords.toml:3:1: watch.query: a quote is not closed".into()],
        },
        Trouble::MailStuck {
            case_id: CaseId("c-1a2b3c4d".into()),
            detail: "451 try again later".into(),
        },
    ]
}

#[test]
fn every_letter_is_harmless_and_both_bodies_say_the_same() {
    let letters = every_letter();
    assert!(letters.len() > 25);
    for (_, letter) in &letters {
        check_harmless(letter);
        let unmarked = Letter {
            text: letter.text.replace('\u{301}', ""),
            ..letter.clone()
        };
        check_both_say_the_same(&unmarked);
    }
}

#[test]
fn the_letters_read_as_they_should() {
    for name in ["javier_es", "javier_en", "hostile_es"] {
        let letters = every_letter();
        let (_, letter) = letters.iter().find(|(known, _)| *known == name).unwrap();
        let Letter {
            subject,
            text,
            html,
        } = letter;
        insta::assert_snapshot!(
            format!("{name}_text"),
            format!("Subject: {subject}\n\n{text}")
        );
        insta::assert_snapshot!(format!("{name}_html"), html);
    }
    let texts: Vec<String> = every_letter()
        .into_iter()
        .filter(|(name, _)| !name.contains("javier") && !name.contains("hostile"))
        .filter(|(name, letter)| *name != "backlog" || letter.text.len() < 30_000)
        .map(|(name, letter)| format!("=== {name}: {}\n\n{}", letter.subject, letter.text))
        .take(6)
        .collect();
    insta::assert_snapshot!("others_text", texts.join("\n"));
}

#[test]
fn the_first_mail_says_who_where_what_and_why() {
    let letter = javier().complaint(Ui::Es);
    let first = letter.text.lines().next().unwrap();
    assert!(
        first.starts_with("Llamó cuatro veces en 14 días y nadie le atendió; cliente desde 2014"),
        "{first}"
    );
    for said in [
        "*Llamé cuatro veces en dos semanas a Telefonía Ejemplo y nadie me atiende*",
        "espera desde hace 3 horas",
        "el viernes 20 de noviembre antes de las 18:45",
        "Responder a este correo no llega al cliente",
        "escucha case c-1a2b3c4d answered",
        "83 de 100",
        "https://foro.test/hilos/4711-dos-cobros-y-nadie-al-telefono#m1",
        "100 EUR",
    ] {
        assert!(letter.text.contains(said), "{said}\n{}", letter.text);
    }
    assert!(letter.subject.contains("Javier") && letter.subject.contains("foro.test"));
    let case = javier();
    let brief = case.brief();
    let again = letter::reminder(&brief, 2, brief.now, Ui::Es, "foro", &[]);
    assert_eq!(again.subject, format!("Re: {}", letter.subject));
}

#[test]
fn a_backlog_names_fifty_and_counts_the_rest() {
    let letters = every_letter();
    let (_, letter) = letters.iter().find(|(name, _)| *name == "backlog").unwrap();
    assert_eq!(letter.text.matches("\nc-").count(), 50);
    assert!(letter.text.contains("y 10 más"));
    let risks: Vec<u32> = letter
        .text
        .lines()
        .filter_map(|line| line.split("· riesgo ").nth(1)?.parse().ok())
        .collect();
    assert!(
        risks.len() == 50 && risks.is_sorted_by(|a, b| a >= b),
        "{risks:?}"
    );
}
