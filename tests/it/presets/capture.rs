//! `escucha capture`, black box.

use std::time::Duration;

use crate::support::binary::{Home, err, rows};
use crate::support::smtp::Smtp;

const COMPLAINT: &str = "Llamé cuatro veces y nadie me atiende; me han cobrado dos veces.";
const KEYWORDS: &str = "[[watch]]\nname = \"fibra\"\nquery = 'fibra'\n\
                        [[watch]]\nname = \"ejemplo\"\nquery = 'ejemplo'\n";
/// The courier looks every fifteen seconds whether another process wrote to the database.
const DEADLINE: Duration = Duration::from_mins(1);

fn home(smtp: u16) -> Home {
    let operator = format!(
        "language = \"es\"\n[company]\nname = \"Telefonía Ejemplo\"\n[smtp]\nhost = \"127.0.0.1\"\n\
         port = {smtp}\nsecurity = \"none\"\nfrom = \"a@x.test\"\n[alerts]\nto = [\"g@x.test\"]\n\
         [[source]]\nname = \"foro\"\nurl = \"http://127.0.0.1:1/rss\"\nwatches = [\"ejemplo\"]\n"
    );
    Home::new(&operator, KEYWORDS)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_taken_by_hand_is_mailed_by_the_running_service() {
    let smtp = Smtp::start().await;
    let home = home(smtp.port);
    let mut service = home.start(&["run"]);
    let taken = home
        .run(&[
            "--json",
            "capture",
            "--text",
            COMPLAINT,
            "--author",
            "Javier",
            "--url",
            "https://red.test/p/1",
            "--published",
            "2026-11-20",
            "--source-name",
            "Red social",
        ])
        .await;
    let mailed = async {
        while smtp.mails().is_empty() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let in_time = tokio::time::timeout(DEADLINE, mailed).await;
    service.kill().unwrap();
    service.wait().unwrap();
    assert!(taken.status.success(), "{}", err(&taken));
    assert!(in_time.is_ok(), "no mail came");
    assert_eq!(smtp.mails().len(), 1);
    let mail = mail_parser::MessageParser::default();
    let mails = smtp.mails();
    let text = mail
        .parse(&mails[0].raw)
        .unwrap()
        .body_text(0)
        .unwrap()
        .into_owned();
    for part in ["Javier", "cobrado dos veces", "https://red.test/p/1"] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    let row = &rows(&taken)[0];
    assert_eq!(
        (&row["watch"], &row["published"]),
        (&"fibra".into(), &"2026-11-20T00:00:00Z".into())
    );
}

#[test]
fn the_same_twice_is_one_case_and_a_person_is_believed() {
    let home = home(1);
    let once = home.feed(
        &["--json", "capture", "--author", "Ana"],
        COMPLAINT.as_bytes(),
    );
    let twice = home.feed(
        &["--json", "capture", "--author", "ana"],
        COMPLAINT.as_bytes(),
    );
    assert!(
        once.status.success() && twice.status.success(),
        "{}",
        err(&twice)
    );
    assert_eq!(rows(&once)[0]["id"], rows(&twice)[0]["id"]);
    // No score would tell anybody of this.
    let polite = "Sería tan amable de decirme cuándo abren? <3";
    let mild = home.feed(
        &["--json", "capture", "--source-name", "foro"],
        polite.as_bytes(),
    );
    let row = &rows(&mild)[0];
    assert_eq!(
        (&row["level"], &row["text"]),
        (&"complaint".into(), &polite.into())
    );
    assert_eq!(row["watch"], "ejemplo");
    let cases = rows(&home.feed(&["--json", "cases"], b""));
    assert_eq!(cases.len(), 2, "{cases:#?}");
}

#[test]
fn what_is_no_complaint_is_told_in_a_sentence() {
    let home = home(1);
    let check = |args: &[&str], expected: &str| {
        let refused = home.feed(&[&["capture"], args].concat(), b" \n");
        assert_eq!(refused.status.code(), Some(2), "{}", err(&refused));
        assert!(err(&refused).contains(expected), "{}", err(&refused));
    };
    check(&[], "faltan las palabras del cliente");
    check(
        &["--text", "x", "--url", "ftp://x.test"],
        "--url no es una dirección",
    );
    check(
        &["--text", "x", "--published", "nunca"],
        "--published no es una fecha",
    );
}
