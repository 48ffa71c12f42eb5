//! The letter of a week: sums, times to answer, and the weaknesses behind the complaints.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::Letter;
use super::block::{Block, Line, plain, strong};
use super::{clean, words};
use crate::model::{State, Timestamp, Topic, Ui};
use crate::reply::when;

/// What one case counts in the sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    pub state: State,
    /// The weakness of which it speaks first.
    pub topic: Option<Topic>,
    pub risk: u8,
}

/// A week, beside the one before it.
#[derive(Clone, Debug, Default)]
pub struct Week {
    /// The instant with which it ends.
    pub until: Timestamp,
    pub cases: Vec<Counted>,
    pub before: Vec<Counted>,
    /// Milliseconds from our mail to the answer, of those answered this week.
    pub from_mail_ms: Vec<i64>,
    /// The same from the customer's publication.
    pub from_post_ms: Vec<i64>,
}

/// The weaknesses of one topic.
#[derive(Default)]
struct Weakness {
    n: usize,
    n_before: usize,
    risk_sum: u64,
    risk_max: u8,
}

pub fn weekly(week: &Week, ui: Ui, now: Timestamp, zone: &TimeZone) -> Letter {
    let (n, before) = (week.cases.len(), week.before.len());
    let n_answered = week.from_mail_ms.len().max(week.from_post_ms.len());
    let cases = ui.count(n as i64, ["caso", "casos"], ["case", "cases"]);
    let subject = match ui {
        Ui::Es => format!("La semana: {cases}, {n_answered} contestados"),
        Ui::En => format!("The week: {cases}, {n_answered} answered"),
    };
    let until = when::day(words::tongue(ui), week.until, now, zone);
    let (lead, seven) = match ui {
        Ui::Es => (
            format!("{cases} en siete días; en los siete anteriores, {before}"),
            format!("Los siete días que acaban el {until}."),
        ),
        Ui::En => (
            format!("{cases} in seven days; in the seven before, {before}"),
            format!("The seven days that end on {until}."),
        ),
    };
    let mut blocks = vec![
        Block::Lead(vec![plain(lead)]),
        Block::Para(vec![plain(seven)]),
    ];
    let mut facts = times(week, ui);
    facts.extend(states(week, ui));
    if !facts.is_empty() {
        blocks.push(Block::Facts(facts));
    }
    blocks.extend(weaknesses(week, ui));
    Letter::of(ui, clean::cut(&subject, 60), &blocks)
}

/// How fast customers were answered this week.
fn times(week: &Week, ui: Ui) -> Vec<(String, Line)> {
    let mut facts = Vec::new();
    for (label, times) in [
        (
            ui.pick(
                "Hasta contestar, desde nuestro correo",
                "Time to answer, from our mail",
            ),
            &week.from_mail_ms,
        ),
        (
            ui.pick(
                "Hasta contestar, desde que escribió el cliente",
                "Time to answer, from the customer's post",
            ),
            &week.from_post_ms,
        ),
    ] {
        let mut times = times.clone();
        times.sort_unstable();
        let (Some(half), Some(most)) = (times.get(times.len() / 2), times.last()) else {
            continue;
        };
        let tongue = words::tongue(ui);
        let (half, most) = (when::length(tongue, *half), when::length(tongue, *most));
        let told = match ui {
            Ui::Es => format!("la mitad, en {half} o menos; el que más esperó, {most}"),
            Ui::En => format!("half of them within {half}; who waited longest, {most}"),
        };
        facts.push((label.to_owned(), vec![plain(told)]));
    }
    facts
}

/// How the cases of the week stand now.
fn states(week: &Week, ui: Ui) -> Vec<(String, Line)> {
    let mut facts = Vec::new();
    let mut fact = |label: &str, is_of: fn(State) -> bool| {
        let n = week.cases.iter().filter(|case| is_of(case.state)).count();
        if n > 0 {
            facts.push((label.to_owned(), vec![strong(n.to_string())]));
        }
    };
    fact(
        ui.pick("Esperan nuestra respuesta", "Wait for our answer"),
        |state| {
            matches!(
                state,
                State::New | State::Told | State::Unhappy | State::Replied
            )
        },
    );
    fact(
        ui.pick(
            "Contestados, a la espera de su palabra",
            "Answered, their word is awaited",
        ),
        |state| state == State::Answered,
    );
    fact(
        ui.pick("Resueltos, por su palabra", "Solved, by their word"),
        |state| state == State::Solved,
    );
    fact(
        ui.pick("Contestados, y en silencio", "Answered, and silent"),
        |state| state == State::Silent,
    );
    fact(
        ui.pick(
            "Publicaciones retiradas por sus autores",
            "Posts taken away by their authors",
        ),
        |state| state == State::Gone,
    );
    fact(
        ui.pick("Descartados: no eran quejas", "Dismissed: no complaints"),
        |state| state == State::Dismissed,
    );
    facts
}

/// What fails, by how many say so and how much is at risk.
fn weaknesses(week: &Week, ui: Ui) -> Vec<Block> {
    let mut topics: BTreeMap<Option<Topic>, Weakness> = BTreeMap::new();
    let counts = |case: &&Counted| case.state != State::Dismissed;
    for case in week.cases.iter().filter(counts) {
        let weakness = topics.entry(case.topic).or_default();
        weakness.n += 1;
        weakness.risk_sum += u64::from(case.risk);
        weakness.risk_max = weakness.risk_max.max(case.risk);
    }
    for case in week.before.iter().filter(counts) {
        topics.entry(case.topic).or_default().n_before += 1;
    }
    if topics.is_empty() {
        return Vec::new();
    }
    let mut order: Vec<(Option<Topic>, Weakness)> = topics.into_iter().collect();
    order.sort_by_key(|(_, of)| std::cmp::Reverse((of.n, of.risk_sum, of.n_before)));
    let lines = order.iter().map(|(topic, of)| {
        let name = topic.map_or(ui.pick("sin un asunto claro", "no clear matter"), |topic| {
            words::topic_word(topic, ui)
        });
        vec![strong(name), plain(format!(": {}", told(of, ui)))]
    });
    let explained = ui.pick(
        "Detrás de cada asunto hay algo que se puede arreglar una vez en lugar de pedir perdón \
         muchas. El primero es por el que más clientes se quejan.",
        "Behind each matter there is something that can be mended once instead of being apologised \
         for many times. The first is what most customers complain of.",
    );
    vec![
        Block::Heading(
            ui.pick("Lo que falla, por asuntos", "What fails, by matter")
                .to_owned(),
        ),
        Block::List(lines.collect()),
        Block::Para(vec![plain(explained)]),
    ]
}

fn told(of: &Weakness, ui: Ui) -> String {
    let (n, before) = (of.n, of.n_before);
    let cases = ui.count(n as i64, ["caso", "casos"], ["case", "cases"]);
    let mean = of.risk_sum / (n as u64).max(1);
    let highest = of.risk_max;
    match (ui, n) {
        (Ui::Es, 0) => format!("ninguno; la semana anterior, {before}"),
        (Ui::En, 0) => format!("none; the week before, {before}"),
        (Ui::Es, _) => format!(
            "{cases}; la semana anterior, {before}; riesgo medio {mean}, el mayor {highest}"
        ),
        (Ui::En, _) => {
            format!("{cases}; the week before, {before}; mean risk {mean}, the highest {highest}")
        }
    }
}
