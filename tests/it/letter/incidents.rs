//! The letters about incidents.

use escucha::letter::{self, Incident, Letter, Matter, Voice};
use escucha::model::{CaseId, IncidentId, Timestamp, Topic, Ui};
use jiff::tz::TimeZone;

use super::{Made, at, hostile};

fn zone() -> TimeZone {
    TimeZone::get("Europe/Madrid").unwrap()
}

/// `n_new` join those who were told of before, at three places.
pub(super) fn voices(n: usize, n_new: usize) -> Vec<Voice> {
    const WORDS: [&str; 4] = [
        "Desde las nueve sin fibra en el centro de Getafe. Nadie informa de la avería.",
        "A mí también, sin fibra en Getafe.",
        "Sin fibra toda la mañana en Getafe; trabajo desde casa y he perdido dos reuniones con clientes \
         de los que dependen mis ingresos de este mes, y el teléfono de asistencia comunica siempre.",
        "¿Alguien de Getafe con fibra? La avería sigue y no informan.",
    ];
    let voice = |nth: usize| Voice {
        case_id: CaseId::candidate(&nth.to_string(), 0),
        author: (nth % 5 != 4).then(|| format!("Vecina {nth}")),
        words: WORDS[nth % 4].to_owned(),
        url: Some(format!("https://foro{}.test/hilo/{nth}-sin-fibra", nth % 3)),
        source: "foro".into(),
        published: Some(at("2026-11-20T08:00:00Z").plus_minutes(nth as i64)),
        risk: (nth * 7 % 80) as u8,
        is_new: nth >= n - n_new,
    };
    (0..n).map(voice).collect()
}

pub(super) fn grown(n: usize, n_before: usize, ui: Ui) -> Letter {
    grown_with_places(n, n_before, ui).plain()
}

fn grown_with_places(n: usize, n_before: usize, ui: Ui) -> Letter {
    let id = IncidentId("i-1a2b3c4d".into());
    let voices = voices(n, n - n_before);
    let it = Incident {
        id: &id,
        topic: Some(Topic::Outage),
        n,
        n_before,
        n_more: 0,
        voices: &voices,
    };
    letter::incident(&it, ui, now(), &zone())
}

fn now() -> Timestamp {
    at("2026-11-20T11:45:00Z")
}

/// Every letter about incidents, also with the words of somebody hostile.
pub(super) fn letters() -> Vec<(&'static str, Letter)> {
    let id = IncidentId("i-1a2b3c4d".into());
    let mut letters = Vec::new();
    let hostile: Made = hostile();
    let mut evil = voices(4, 2);
    for voice in &mut evil {
        voice.author.clone_from(&hostile.post.author);
        voice.words.clone_from(&hostile.post.text);
        voice.url.clone_from(&hostile.post.url);
        voice.source = "foro <b>\r\n".into();
    }
    for ui in [Ui::Es, Ui::En] {
        for (n, n_before) in [(2, 0), (8, 4), (3, 3), (64, 32)] {
            letters.push(("incident", grown_with_places(n, n_before, ui)));
        }
        for voices in [&evil, &voices(60, 60)] {
            let it = Incident {
                id: &id,
                topic: None,
                n: voices.len(),
                n_before: 2,
                n_more: 0,
                voices,
            };
            letters.push(("incident", letter::incident(&it, ui, now(), &zone())));
            for matter in [Matter::Unanswered, Matter::Solved, Matter::Escalated] {
                let letter = letter::incident_reminder(&it, matter, ui, now(), &zone());
                letters.push(("incident", letter));
            }
        }
    }
    letters
}

/// Those for whom there is no room are counted wherever the letter counts.
#[test]
fn a_full_letter_counts_those_whom_it_does_not_name() {
    let voices = voices(40, 30);
    let it = Incident {
        id: &IncidentId("i-1a2b3c4d".into()),
        topic: Some(Topic::Outage),
        n: 1_040,
        n_before: 10,
        n_more: 1_000,
        voices: &voices,
    };
    let letter = letter::incident(&it, Ui::Es, now(), &zone());
    let words: Vec<&str> = letter.text.split_whitespace().collect();
    let text = words.join(" ");
    for said in [
        "De 1030 de ellos aún no se le había avisado",
        "Quiénes se suman ahora: 1030",
        "… y 1000 más",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn the_letter_of_an_incident_names_everybody_and_says_what_to_do() {
    let letter = grown(8, 4, Ui::Es);
    assert_eq!(letter.subject, "Ya son 8 clientes con lo mismo: avería");
    let said = format!("Subject: {}\n\n{}", letter.subject, letter.text);
    insta::with_settings!({ snapshot_path => "../snapshots" }, {
        insta::assert_snapshot!("incident_es_text", said);
        insta::assert_snapshot!("incident_en_text", grown(8, 4, Ui::En).text);
    });
    for n in [2, 64, 150] {
        let letter = grown(n, n / 2, Ui::Es);
        let voices = voices(n, n - n / 2);
        for voice in voices {
            let id = &voice.case_id.0;
            assert!(
                letter.text.contains(id) && letter.html.contains(id),
                "{n}: {id}"
            );
        }
    }
    // A flood: each that nobody was told of is named all the same.
    let letter = grown(2_000, 0, Ui::En);
    assert!(
        voices(2_000, 2_000)
            .iter()
            .all(|voice| letter.text.contains(&voice.case_id.0))
    );
    assert!(letter.html.len() < 2_000_000, "{}", letter.html.len());
}
