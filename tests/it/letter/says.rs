//! Subjects, first lines, deadlines and pronouns: what a manager reads first.

use escucha::letter::{self, Letter};
use escucha::model::{Topic, Ui};
use escucha::reply::{Brief, drafts};

use super::{again, at, every_letter, hostile, javier, words};

#[test]
fn a_second_complaint_stays_in_its_thread_and_says_what_is_new() {
    let case = javier();
    let letter = again(&case, Ui::Es);
    let first = letter.text.lines().next().unwrap();
    assert_eq!(
        first,
        "Javier ha vuelto a escribir: «Este mes me han vuelto a cobrar la cuota de más»"
    );
    let opened = case.complaint(Ui::Es);
    assert_eq!(letter.subject, format!("Re: {}", opened.subject));
    let brief = case.brief();
    let alone = letter::spoke_again(&brief, None, Ui::Es, "foro", &[]);
    assert_eq!(alone.subject, letter.subject);
}

#[track_caller]
fn check_subject(url: &str, words: [&str; 2], topics: &[Topic], expected: [&str; 2]) {
    let mut case = javier();
    case.post.url = Some(url.into());
    case.post.title = Some(words[0].into());
    case.post.text = words[1].into();
    case.verdict.topics = topics.to_vec();
    let subjects = [Ui::Es, Ui::En].map(|ui| case.complaint(ui).subject);
    assert_eq!(subjects, expected);
}

#[test]
fn the_subject_tells_who_where_and_the_concrete_thing() {
    check_subject(
        "https://foro.test/4711",
        ["Doble cobro y nadie contesta", ""],
        &[Topic::Billing],
        [
            "Javier en foro.test: doble cobro, nadie contesta",
            "Javier at foro.test: double charge, nobody answers",
        ],
    );
    check_subject(
        "http://127.0.0.1:8080/4711",
        ["Tres días", "Llamo y no contestan."],
        &[Topic::Support, Topic::Delivery],
        [
            "Javier en foro: entrega, nadie contesta",
            "Javier at foro: delivery, nobody answers",
        ],
    );
    check_subject(
        "http://localhost/x",
        [
            "Sin internet otra vez",
            "Escribí y una máquina me contestó que esperase.",
        ],
        &[Topic::Outage],
        [
            "Javier en foro: sin internet, sin solución",
            "Javier at foro: no internet, not solved",
        ],
    );
}

#[test]
fn a_deadline_in_the_night_or_on_the_weekend_says_so() {
    let case = javier();
    for (answer_by, es, en) in [
        ("2026-11-22T06:28:00Z", "cae de noche", "in the night"),
        ("2026-11-22T11:00:00Z", "en fin de semana", "on the weekend"),
    ] {
        let brief = Brief {
            answer_by: at(answer_by),
            ..case.brief()
        };
        let text = letter::complaint(&brief, Ui::Es, "foro", &drafts(&brief)).text;
        let monday = "contestar el lunes 23 de noviembre antes de las 13:00.";
        assert!(text.contains(es) && text.contains(monday), "{text}");
        assert_eq!(text.matches("antes de las 13:00").count(), 4, "{text}");
        let text = letter::complaint(&brief, Ui::En, "foro", &[]).text;
        assert!(text.contains(en), "{text}");
    }
    let text = case.complaint(Ui::Es).text;
    assert!(!text.contains("Ese plazo"), "{text}");
}

#[test]
fn no_english_letter_guesses_who_is_a_man() {
    let (javier, hostile) = (javier(), hostile());
    let mut letters: Vec<Letter> = every_letter()
        .into_iter()
        .filter(|(name, _)| matches!(*name, "operator" | "test" | "backlog"))
        .map(|(_, letter)| letter)
        .collect();
    for case in [&javier, &hostile] {
        // Without drafts, which are in the customer's language.
        let brief = case.brief();
        letters.push(letter::complaint(&brief, Ui::En, "foro", &[]));
        letters.push(letter::reminder(&brief, 1, brief.now, Ui::En, "foro", &[]));
        letters.push(letter::reminder(&brief, 2, brief.now, Ui::En, "foro", &[]));
        letters.push(letter::spoke_again(&brief, None, Ui::En, "foro", &[]));
        letters.push(letter::ask_whether_solved(
            &brief,
            brief.now,
            Ui::En,
            "foro",
        ));
    }
    letters.retain(|letter| letter.html.contains("<html lang=\"en\">"));
    assert!(letters.len() > 12);
    for letter in letters {
        for guess in ["he", "him", "his", "himself", "she", "her"] {
            let text = &letter.text;
            assert!(!words(text).contains(&guess), "{guess}: {text}");
        }
    }
}

#[test]
fn no_letter_calls_anybody_late() {
    for (name, letter) in every_letter() {
        for late in ["tarde", "retraso", "retrasado", "late", "overdue", "delay"] {
            assert!(
                !words(&letter.text).contains(&late),
                "{name}: {}",
                letter.text
            );
        }
    }
}
