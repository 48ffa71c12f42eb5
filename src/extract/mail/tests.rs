//! Mails of each shape, written for these tests, and hostile ones.

use super::*;
use crate::extract::Kind;
use crate::extract::{Places, RawSelectors, Selectors};
use crate::model::Timestamp;

const NOW: Timestamp = Timestamp(1_795_000_000_000);

fn reading(select: Option<&Selectors>) -> Reading<'_> {
    Reading {
        kind: Kind::Mail,
        select,
        map: None,
        lang: None,
        now: NOW,
        local: crate::model::LocalTime::utc(),
    }
}

/// `how | author | url | rating | date | title | text` of each post, and what was left aside.
fn told(raw: &[u8], select: Option<&Selectors>) -> String {
    let extracted = mails([apart(raw, &reading(select))]);
    let mut lines: Vec<String> = extracted
        .posts
        .iter()
        .map(|post| {
            [
                post.how.code().to_owned(),
                post.author.clone().unwrap_or_default(),
                post.url.clone().unwrap_or_default(),
                post.rating
                    .map(|rating| rating.to_string())
                    .unwrap_or_default(),
                post.published.map(|at| at.to_string()).unwrap_or_default(),
                post.title.clone().unwrap_or_default(),
                post.text.replace('\n', "/"),
            ]
            .join(" | ")
        })
        .collect();
    lines.extend(
        extracted
            .problems
            .iter()
            .map(|problem| format!("! {}", problem.detail)),
    );
    lines.join("\n")
}

#[track_caller]
fn check(raw: &str, expected: &str) {
    assert_eq!(told(raw.as_bytes(), None), expected);
}

const DIRECT: &str = include_str!("../../../tests/fixtures/mail/direct.eml");
const NOTICE: &str = include_str!("../../../tests/fixtures/mail/notice.eml");

#[test]
fn an_alert_is_as_many_posts_as_it_has_results() {
    check(
        include_str!("../../../tests/fixtures/mail/alert.eml"),
        "mail-alert | Foro de Prueba | https://foro.test/t/41 |  | 2026-11-20T09:00:00Z | \
         Tres días sin línea | Llamo y nadie me atiende en Telefonía Ejemplo ...\n\
         mail-alert |  | https://diario.test/b?n=2 |  | 2026-11-20T09:00:00Z | Nueva tienda | \
         Abre el lunes.\n\
         mail-alert |  | https://blog.test/c |  | 2026-11-20T09:00:00Z | Una tercera opinión | \
         Contenta con la tienda",
    );
    let text_only = "From: Google Alerts <googlealerts-noreply@google.test>\n\
         Subject: Google Alert\nMessage-ID: <a@b>\n\n=== News - 1 new result for [ejemplo] ===\n\n\
         No line for days\nForum\nNobody answers at Ejemplo ...\n\
         <https://www.google.com/url?sa=t&url=https://foro.test/t/41&ct=ga&usg=A>\n\n\
         - - - - - - -\nUnsubscribe:\n<https://www.google.com/alerts/remove?s=X>\n";
    check(
        text_only,
        "mail-alert |  | https://foro.test/t/41 |  |  | No line for days | \
         Forum Nobody answers at Ejemplo ...",
    );
}

#[test]
fn a_notice_tells_who_how_many_stars_and_where_to_answer() {
    check(
        NOTICE,
        "mail | Marta G | https://opiniones.test/r/77?utm=x | 0.4 | 2026-11-20T09:15:00Z | \
         Tiene una nueva reseña de Marta G. | Hola:/Marta G. ha dejado una reseña de Telefonía \
         Ejemplo:/2 de 5/\"Tres semanas esperando al técnico y nadie contesta.\"/Ver la reseña y \
         responder:",
    );
}

#[test]
fn stars_and_authors_stand_in_many_forms() {
    for (words, expected) in [
        ("Ana escribió un comentario\n★★☆☆☆ Mal", "Ana 0.4"),
        ("New review from John Smith\nRating: 1/5", "John Smith 0.2"),
        ("Autor: María José\n1 estrella", "María José 0.2"),
        ("Pedro L. left a review\n3 out of 5 stars", "Pedro L 0.6"),
        ("El 20/11/2026 a las 10:15 alguien escribió", " "),
    ] {
        let raw = format!("From: noreply@b.test\nSubject: Aviso\nMessage-ID: <a@b>\n\n{words}\n");
        let posts = mails([apart(raw.as_bytes(), &reading(None))]).posts;
        let author = posts[0].author.clone().unwrap_or_default();
        let rating = posts[0].rating.map(|rating| rating.to_string());
        assert_eq!(
            format!("{author} {}", rating.unwrap_or_default()),
            expected,
            "{words}"
        );
    }
}

#[test]
fn selectors_read_the_html_of_a_notice() {
    let raw = RawSelectors {
        item: ".resena".into(),
        places: Places {
            text: Some(".texto".into()),
            author: Some(".quien".into()),
            rating: Some("img@alt".into()),
            ..Places::default()
        },
        ..RawSelectors::default()
    };
    let select = Selectors::parse(&raw).unwrap();
    let expected = "selectors | Marta G. | https://opiniones.test/r/77?utm=x | 0.4 | \
                    2026-11-20T09:15:00Z | Tiene una nueva reseña de Marta G. | Tres semanas \
                    esperando al técnico y nadie contesta.";
    assert_eq!(told(NOTICE.as_bytes(), Some(&select)), expected);
    // Where they find nothing, the mail is read all the same.
    assert!(told(DIRECT.as_bytes(), Some(&select)).starts_with("mail | Javier Pérez"));
}

#[test]
fn a_customers_own_mail_has_no_place_to_answer_but_his_address() {
    check(
        DIRECT,
        "mail | Javier Pérez <javier@correo.test> |  |  | 2026-11-20T09:15:00Z | Sigo sin línea | \
         Llamé cuatro veces en dos semanas y nadie me atiende. Mire https://correo.test/foto si \
         quiere./Javier",
    );
    assert!(mails([apart(DIRECT.as_bytes(), &reading(None))]).posts[0].is_by_mail());
    assert!(!mails([apart(NOTICE.as_bytes(), &reading(None))]).posts[0].is_by_mail());
}

#[test]
fn what_is_handed_on_is_its_first_writers() {
    check(
        include_str!("../../../tests/fixtures/mail/attached.eml"),
        "mail-forwarded | Ana Ruiz <ana@correo.test> |  |  | 2026-11-20T09:15:00Z | Doble cargo | \
         Me han cobrado dos veces y nadie me contesta, 50 €.",
    );
    let forwarded = "From: Tienda <tienda@b.test>\nSubject: RV: Doble cargo\nMessage-ID: <t@b>\n\n\
         Os lo paso.\n\nDe: Ana Ruiz <ana@correo.test>\nEnviado: viernes, 20 de noviembre de 2026 \
         10:15\nPara: Tienda\nAsunto: Doble cargo\n\nMe han cobrado dos veces.\n-- \nAna\n";
    check(
        forwarded,
        "mail-forwarded | Ana Ruiz <ana@correo.test> |  |  | 2026-11-20T10:15:00Z | Doble cargo | \
         Me han cobrado dos veces.",
    );
}

#[test]
fn bounces_automatic_answers_and_our_own_letters_are_left_aside() {
    let aside = "! left aside as bounces, automatic answers or our own letters: 1";
    check(
        include_str!("../../../tests/fixtures/mail/bounce.eml"),
        aside,
    );
    for head in [
        "From: Ana <ana@b.test>\nAuto-Submitted: auto-replied (vacation)",
        "From: Ana <ana@b.test>\nSubject: Respuesta automática: avería",
        "From: Ana <ana@b.test>\nSubject: Out of Office: outage",
        "From: Ana <ana@b.test>\nX-Autoreply: yes",
        "From: postmaster@b.test\nSubject: failure notice",
        "From: Escucha <avisos@b.test>\nAuto-Submitted: auto-generated\n\
         X-Auto-Response-Suppress: All\nMessage-ID: <abcdefghijklmnopqrstuvwx23@b.test>",
    ] {
        check(
            &format!("{head}\n\nTelefonía Ejemplo no contesta.\n"),
            aside,
        );
    }
    let generated = DIRECT.replace(
        "In-Reply-To:",
        "Auto-Submitted: auto-generated\nIn-Reply-To:",
    );
    assert!(told(generated.as_bytes(), None).starts_with("mail | "));
}

#[test]
fn a_folder_in_one_file_is_its_mails() {
    let folder = format!("From a@b Fri Nov 20\n{DIRECT}\nFrom b@c Sat Nov 21\n{NOTICE}");
    let read = mails([apart(folder.as_bytes(), &reading(None))]);
    let hows: Vec<&str> = read.posts.iter().map(|post| post.how.code()).collect();
    assert_eq!(hows, ["mail", "mail"]);
    assert!(is_mail(folder.as_bytes()) && is_mail(DIRECT.as_bytes()));
    for other in [
        "<html>",
        "{\"a\": 1}",
        "Título: algo\n\ntexto",
        "",
        "From: ana\n",
    ] {
        assert!(!is_mail(other.as_bytes()), "{other}");
    }
}

#[test]
fn strange_characters_and_codings_cost_only_themselves() {
    let latin = [
        &b"From: a@b.test\nSubject: x\nContent-Type: text/plain; charset=x-unknown\n\nSe\xf1al"[..],
        b" rota \xff\xfe\0 fin",
    ]
    .concat();
    let said = told(&latin, None);
    assert!(
        said.starts_with("mail | a@b.test") && said.ends_with("fin"),
        "{said}"
    );
    let raw = "From: a@b.test\nSubject: x\nContent-Transfer-Encoding: base64\n\n!!!no base64!!!";
    assert!(told(raw.as_bytes(), None).starts_with("mail | a@b.test"));
    let korean = "From: a@b.test\nSubject: =?EUC-KR?B?vsiz5w==?=\n\nx";
    assert!(told(korean.as_bytes(), None).contains("안녕"));
    check("", "! mails that could not be read: 1");
}

/// What nobody sends by mistake, within the bounds of size: each ends, and soon.
#[test]
fn hostile_mails_end() {
    let nested = "Content-Type: message/rfc822\n\n".repeat(200_000);
    let multipart = (0..20_000)
        .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n"))
        .collect::<Vec<_>>()
        .concat();
    let many = format!(
        "Content-Type: multipart/mixed; boundary=b\n\n{}",
        "--b\nContent-Type: text/plain\n\nx\n".repeat(10_000)
    );
    let unclosed = format!(
        "Content-Type: multipart/mixed; boundary=b\n\n{}{}",
        "--b\nContent-Type: multipart/mixed; boundary=zz\n\n".repeat(10_000),
        "y\n".repeat(1 << 20)
    );
    let header = format!("To: {}\n\ntexto", "a@b,".repeat(2 << 20));
    let headers = format!("{}\ntexto", "X-A: b\n".repeat(1 << 20));
    let deep = format!("Content-Type: text/html\n\n{}hola", "<div>".repeat(100_000));
    let quotes = format!("\n{}", "> ".repeat(1 << 20));
    let intros = format!("\n{}", "El x escribió:\n\n".repeat(100_000));
    let alert = format!(
        "Content-Type: text/html\n\ngoogle. ct=ga {}",
        "<a href='https://www.google.com/url?url=https://b.test/&ct=ga'>x</a>".repeat(20_000)
    );
    let heads = format!("\n{}", "De: a@b.test\nAsunto: x\n".repeat(100_000));
    for body in [
        nested, multipart, many, unclosed, header, headers, deep, quotes, intros, alert, heads,
    ] {
        let raw = format!("From: a@b.test\nSubject: Fwd: x\n{body}");
        let started = crate::clock::stopwatch();
        let read = mails([apart(raw.as_bytes(), &reading(None))]);
        let seconds = started.elapsed().as_secs();
        let head: String = body.chars().take(40).collect();
        assert!(seconds < 20, "{seconds} s for {head:?}");
        assert!(
            read.posts.len() <= 500,
            "{} posts of {head:?}",
            read.posts.len()
        );
    }
}

#[test]
fn a_mail_is_read_up_to_its_hundredth_part() {
    let raw = format!(
        "From: a@b.test\nContent-Type: multipart/mixed; boundary=b\n\n{}--b--",
        "--b\nContent-Type: text/plain\n\nx\n".repeat(150)
    );
    let kept = gated(raw.as_bytes());
    assert_eq!(
        kept.split(|byte| *byte == b'\n')
            .map(n_types)
            .sum::<usize>(),
        PARTS_MAX
    );
    let header = format!(
        "From: a@b.test\nX: {}\nSubject: y\n\ntexto",
        "x\n ".repeat(200_000)
    );
    let kept = gated(header.as_bytes());
    assert!(kept.len() <= HEADER_BYTES_MAX + 8 && kept.ends_with(b"\n\ntexto"));
}
