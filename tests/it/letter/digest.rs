//! Digests, letters of a week, and what is gathered in one mail.

use escucha::letter::{self, Counted, Day, Entry, Gathered, Held, Letter, Listed, Week};
use escucha::model::{CaseId, State, Timestamp, Topic, Ui};
use jiff::tz::TimeZone;

use super::{at, hostile};

fn zone() -> TimeZone {
    TimeZone::get("Europe/Madrid").unwrap()
}

fn now() -> Timestamp {
    at("2026-11-23T07:30:00Z")
}

const SAID: [&str; 3] = [
    "Me han cobrado dos veces la cuota de octubre y nadie me la devuelve.",
    "Desde las nueve sin fibra y el teléfono de asistencia comunica.",
    "El técnico no vino, y van tres veces.",
];

fn entries(n: usize, note: &str) -> Vec<Entry> {
    let entry = |nth: usize| Entry {
        id: CaseId::candidate(&nth.to_string(), 0).0,
        author: Some(["Javier", "Ana Ruiz", "Luis"][nth % 3].to_owned()),
        words: SAID[nth % 3].to_owned(),
        url: Some(format!("https://foro.test/hilos/{nth}")),
        source: "foro".into(),
        published: Some(now().plus_hours(-3 * nth as i64 - 2)),
        risk: (90 - nth % 80) as u8,
        note: note.to_owned(),
    };
    (0..n).map(entry).collect()
}

fn listed(n: usize, note: &str) -> Listed {
    let entries = entries(n.min(20), note);
    Listed { entries, n }
}

fn held(n: usize) -> Held {
    Held {
        entries: entries(n.min(letter::NAMED_MAX), "sigue sin respuesta"),
        n,
        subjects: vec!["Ya son 8 clientes con lo mismo: avería".into()],
    }
}

fn quiet() -> Day {
    Day {
        n_sources: 42,
        n_read: 42,
        n_posts: 1_300,
        since: at("2026-11-22T07:30:00Z"),
        ..Day::default()
    }
}

fn full(n: usize) -> Day {
    Day {
        open: listed(n, "espera desde hace 3 días"),
        solved: listed(2, ""),
        doubts: listed(n / 2, "probabilidad de queja: 48 %"),
        n_backlog: 12,
        n_answered: 3,
        n_trouble: 2,
        ..quiet()
    }
}

fn digest(held: &Held, day: Option<&Day>, ui: Ui) -> Letter {
    letter::digest(held, day, ui, now(), &zone())
}

fn week() -> Week {
    let case = |topic, risk, state| Counted { state, topic, risk };
    Week {
        until: now(),
        cases: vec![
            case(Some(Topic::Billing), 80, State::Told),
            case(Some(Topic::Billing), 40, State::Solved),
            case(Some(Topic::Outage), 60, State::Answered),
            case(None, 20, State::Dismissed),
            case(None, 30, State::Silent),
        ],
        before: vec![
            case(Some(Topic::Outage), 60, State::Silent),
            case(Some(Topic::Delivery), 10, State::Gone),
        ],
        from_mail_ms: vec![3_600_000, 7_200_000, 90_000_000],
        from_post_ms: vec![10_800_000, 14_400_000, 190_000_000],
    }
}

/// All of them, in both languages, for the tests that every letter must pass.
pub(super) fn letters() -> Vec<(&'static str, Letter)> {
    let mut evil = full(3);
    let case = hostile();
    let sections = [&mut evil.open, &mut evil.solved, &mut evil.doubts];
    for entry in sections.into_iter().flat_map(|of| &mut of.entries) {
        entry.author.clone_from(&case.post.author);
        entry.words.clone_from(&case.post.text);
        entry.url.clone_from(&case.post.url);
        entry.source = "foro <b>\r\nBcc: a@evil.test".into();
    }
    let evil_held = Held {
        entries: evil.open.entries.clone(),
        n: 3,
        subjects: vec!["<script>alert(1)</script>\r\nBcc: a@evil.test \u{202e}".into()],
    };
    let mut letters = Vec::new();
    for ui in [Ui::Es, Ui::En] {
        for (held, day) in [
            (Held::default(), Some(quiet())),
            (Held::default(), Some(full(3))),
            (held(4), Some(full(60))),
            (held(2_500), None),
            (evil_held.clone(), Some(evil.clone())),
        ] {
            letters.push(("digest", digest(&held, day.as_ref(), ui)));
        }
        for why in [Gathered::AtOnce, Gathered::Urgent] {
            for held in [held(1), held(25), evil_held.clone()] {
                let letter = letter::together(&held, why, ui, now(), &zone());
                letters.push(("together", letter));
            }
        }
        for week in [Week::default(), week()] {
            letters.push(("weekly", letter::weekly(&week, ui, now(), &zone())));
        }
        let brief = case.brief();
        let words = brief.post.text.as_str();
        letters.push(("solved", letter::solved(&brief, words, ui, "foro")));
    }
    letters
}

/// As it leaves where there is no page to link to.
fn shown(letter: &Letter) -> String {
    let letter = letter.plain();
    format!("Subject: {}\n\n{}", letter.subject, letter.text)
}

#[test]
fn digests_read_as_they_should() {
    let nothing = Held::default();
    insta::with_settings!({ snapshot_path => "../snapshots" }, {
        for (name, ui) in [("es", Ui::Es), ("en", Ui::En)] {
            let plain = digest(&held(2), Some(&full(2)), ui);
            let empty = digest(&nothing, Some(&quiet()), ui);
            let together = letter::together(&held(2), Gathered::Urgent, ui, now(), &zone());
            let weekly = letter::weekly(&week(), ui, now(), &zone());
            insta::assert_snapshot!(format!("digest_{name}_text"), shown(&plain));
            insta::assert_snapshot!(format!("digest_quiet_{name}_text"), shown(&empty));
            insta::assert_snapshot!(format!("together_{name}_text"), shown(&together));
            insta::assert_snapshot!(format!("weekly_{name}_text"), shown(&weekly));
        }
        let html = digest(&held(2), Some(&full(2)), Ui::Es).plain().html;
        insta::assert_snapshot!("digest_es_html", html);
    });
}

#[test]
fn a_long_digest_names_two_thousand_and_counts_the_rest() {
    let long = digest(&held(2_500), Some(&full(60)), Ui::Es);
    let named = (0..2_000).filter(|nth| {
        let id = CaseId::candidate(&nth.to_string(), 0).0;
        long.text.contains(&id)
    });
    assert_eq!(named.count(), 2_000);
    assert!(long.text.contains("… y 500 más: escucha cases"));
    assert!(long.text.contains("mayor riesgo primero: 60"));
    assert!(long.text.contains("… y 40 más: escucha cases"));
    assert!(long.html.len() < 2 << 20, "{}", long.html.len());
}
