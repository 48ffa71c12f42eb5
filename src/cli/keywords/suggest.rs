//! `escucha keywords suggest`: words that tell judged complaints from judged others.

use std::process::ExitCode;

use serde_json::json;

use super::Bench;
use crate::cli::terminal::Terminal;
use crate::flow::learn;
use crate::model::Ui;

/// Posts of each side before their words are compared.
const JUDGED_MIN: u64 = 5;
/// What a proposed entry is given: on trial it adds nothing yet.
const POINTS: i64 = 10;

pub(super) async fn suggest(bench: &Bench<'_>, limit: usize) -> anyhow::Result<ExitCode> {
    let ui = bench.ui;
    let lesson = learn::lesson(&bench.store, &bench.engine).await?;
    let (yes, no) = (lesson.n_complaints, lesson.n_others);
    if yes < JUDGED_MIN || no < JUDGED_MIN {
        anyhow::bail!(match ui {
            Ui::Es => format!(
                "hacen falta {JUDGED_MIN} quejas juzgadas y {JUDGED_MIN} que no lo sean; hay {yes} y \
                 {no}. Júzguelas con «escucha case ID judge yes» o «no»"
            ),
            Ui::En => format!(
                "{JUDGED_MIN} judged complaints and {JUDGED_MIN} that are none are needed; there \
                 are {yes} and {no}. Judge them with \"escucha case ID judge yes\" or \"no\""
            ),
        });
    }
    let terms = &lesson.terms[..limit.min(lesson.terms.len())];
    if bench.terminal.json {
        for term in terms {
            Terminal::row(&json!({
                "words": term.words, "z": (term.z * 1_000.0).round() / 1_000.0,
                "complaints": term.n_complaints, "others": term.n_others,
                "points": points(term.z),
            }))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    Terminal::line(&match ui {
        Ui::Es => format!("{yes} quejas juzgadas y {no} publicaciones que no lo eran."),
        Ui::En => format!("{yes} judged complaints and {no} posts that were none."),
    })?;
    if terms.is_empty() {
        Terminal::line(ui.pick(
            "Ninguna palabra que no esté ya en el fichero las distingue con seguridad.",
            "No word that is not in the file yet tells them apart with any certainty.",
        ))?;
        return Ok(ExitCode::SUCCESS);
    }
    Terminal::line("")?;
    let (complaints, others) = ui.pick(("quejas", "otras"), ("complaints", "others"));
    let words = ui.pick("palabras", "words");
    let head = format!("{:>6}  {complaints:>10}  {others:>6}  {words}", "z");
    Terminal::line(&bench.terminal.bold(&head))?;
    for term in terms {
        Terminal::line(&format!(
            "{:>+6.1}  {:>10}  {:>6}  {}",
            term.z, term.n_complaints, term.n_others, term.words
        ))?;
    }
    Terminal::line("")?;
    Terminal::line(ui.pick(
        "Elija las que digan algo y póngalas a prueba:",
        "Choose those that say something and put them on trial:",
    ))?;
    let of_complaints = terms.iter().find(|term| term.z > 0.0);
    if let Some(term) = of_complaints.or(terms.first()) {
        let (words, points) = (&term.words, points(term.z));
        for line in [
            "[[keyword]]".to_owned(),
            format!("match = '\"{words}\"'"),
            format!("points = {points}"),
            "trial = true".to_owned(),
        ] {
            Terminal::line(&format!("  {line}"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn points(z: f64) -> i64 {
    if z > 0.0 { POINTS } else { -POINTS }
}
