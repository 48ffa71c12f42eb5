//! What was done before a mail left: who dismisses a case is not told of it, and what is taken back is told.

use super::*;

/// A case that nobody has been told of yet.
async fn captured(town: &Town) -> String {
    let text = "Telefonía Ejemplo me cobra dos veces y nadie contesta.";
    let args = ["--json", "capture", "--author", "Zoe", "--text", text];
    let made = rows(&town.home.run(&args).await);
    made[0]["id"].as_str().expect("a case").to_owned()
}

async fn case(town: &Town, id: &str, more: &[&str]) {
    let args = [&["case", id], more].concat();
    let done = town.home.run(&args).await;
    assert!(done.status.success(), "{}", err(&done));
}

async fn state(town: &Town, id: &str) -> Value {
    let cases = rows(&town.home.run(&["--json", "cases", "--all"]).await);
    let found = cases.into_iter().find(|row| row["id"] == id);
    found.expect("the case")["state"].clone()
}

/// What the last mail about a case says.
const CLOSED: &str = "no habrá más correos sobre él";

/// How many mails to the manager have these words.
fn n_with(town: &Town, words: &str) -> usize {
    let mails = town.to_manager();
    let has = |raw: &&Vec<u8>| {
        let parsed = MessageParser::default().parse(raw.as_slice()).unwrap();
        parsed.body_text(0).unwrap().contains(words)
    };
    mails.iter().filter(has).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_dismisses_a_case_before_its_mail_left_is_not_told_of_it() {
    let town = Town::new().await;
    let id = captured(&town).await;
    case(&town, &id, &["dismissed", "--because", "spam_or_false"]).await;
    town.once().await;
    assert_eq!(n_with(&town, &id), 0, "withdrawn");
    case(&town, &id, &["undo"]).await;
    town.once().await;
    assert_eq!(
        (n_with(&town, &id), state(&town, &id).await),
        (1, "told".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_after_its_mail_left_does_not_wait_to_be_told() {
    let town = Town::new().await;
    let id = captured(&town).await;
    case(&town, &id, &["answered"]).await;
    town.once().await;
    assert_eq!(n_with(&town, &id), 1);
    case(&town, &id, &["undo"]).await;
    assert_eq!(state(&town, &id).await, "told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_solution_that_is_taken_back_is_not_told() {
    let town = Town::new().await;
    let id = captured(&town).await;
    town.once().await;
    case(&town, &id, &["solved", "--words", "gracias"]).await;
    case(&town, &id, &["undo"]).await;
    town.once().await;
    assert_eq!(n_with(&town, CLOSED), 0);
    case(&town, &id, &["solved", "--words", "ahora sí"]).await;
    town.once().await;
    assert_eq!(n_with(&town, CLOSED), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_mail_is_refused_has_not_succeeded() {
    let town = Town::new().await;
    town.smtp
        .fault_times(9, Verb::Rcpt, Fault::Say("550 5.1.1 no"));
    let done = town.home.run(&["run", "--once"]).await;
    assert_eq!(done.status.code(), Some(1), "{}", err(&done));
}
