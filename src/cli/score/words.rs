//! What the scorer found, in the words of people: levels, whom it is about, why it is told.

use super::Shown;
use crate::model::{Level, Millionths, Reason, SignalKind, Target, Ui};

/// "+30", "-5"; what only informs has a dot.
pub(super) fn points(points: i64) -> String {
    match points {
        0 => "·".to_owned(),
        points => format!("{points:+}"),
    }
}

/// A number with the decimal sign of the language.
pub(super) fn decimal(number: f64, n_digits: usize, ui: Ui) -> String {
    let written = format!("{number:+.n_digits$}");
    match ui {
        Ui::Es => written.replace('.', ","),
        Ui::En => written,
    }
}

/// "97 %"; a tenth more where the whole number would hide on which side of a limit it is.
pub(super) fn percent(share: Millionths, limits: &[i64], ui: Ui) -> String {
    // Nothing is certain that is not.
    let whole = match (share.0 + 5_000) / 10_000 {
        0 if share.0 > 0 => 1,
        100 if share.0 < 1_000_000 => 99,
        whole => whole,
    };
    let is_close = |limit: &i64| (share.0 < *limit) != (whole * 10_000 < *limit);
    if !limits.iter().any(is_close) {
        return format!("{whole} %");
    }
    let tenths = share.0 / 1_000;
    let sign = ui.pick(',', '.');
    format!("{}{sign}{} %", tenths / 10, tenths % 10)
}

pub(super) fn target(target: Target, ui: Ui) -> &'static str {
    match target {
        Target::Us => ui.pick("nosotros", "us"),
        Target::Other => ui.pick("otra empresa", "another company"),
        Target::Unclear => ui.pick("no está claro quién", "nobody clearly"),
    }
}

pub(super) fn signal(kind: SignalKind, ui: Ui) -> &'static str {
    match kind {
        SignalKind::UnansweredContact => ui.pick("nadie le atiende", "nobody answers"),
        SignalKind::Loyalty => ui.pick("cliente de hace tiempo", "a customer for long"),
        SignalKind::ChurnThreat => ui.pick("dice que se va", "says they are leaving"),
        SignalKind::Farewell => ui.pick("ya se ha ido", "has already left"),
        SignalKind::AsksForReply => ui.pick("pide una respuesta", "asks for an answer"),
        SignalKind::Crowd => ui.pick("les pasa también a otros", "it happens to others too"),
        SignalKind::RepeatFailure => ui.pick("no es la primera vez", "not the first time"),
        SignalKind::LegalThreat => ui.pick("denuncia o abogados", "the law or the authorities"),
        SignalKind::Safety => ui.pick("peligro para las personas", "people in danger"),
        SignalKind::Privacy => ui.pick("datos personales", "personal data"),
    }
}

/// Why it is told, or why it is not.
pub(super) fn why_this_level(shown: &Shown<'_>) -> String {
    let (ui, verdict, levels) = (shown.ui, shown.verdict, &shown.rules.levels);
    let share = verdict.complaint_probability;
    let by_probability = match share.0 {
        p if p >= levels.complaint_at => Level::Complaint,
        p if p >= levels.doubt_at => Level::Doubt,
        _ => Level::None,
    };
    let [complaint, doubt] =
        [levels.complaint_at, levels.doubt_at].map(|at| percent(Millionths(at), &[], ui));
    let urgent = shown.urgent_at();
    if verdict.level < by_probability {
        // What held it down is the last reason.
        let because = verdict.why.last().map_or("", |reason| &reason.because);
        return match (ui, verdict.level) {
            (Ui::Es, Level::None) => format!("No se avisa: {because}."),
            (Ui::En, Level::None) => format!("Nobody is told: {because}."),
            (Ui::Es, _) => format!("Queda en duda: {because}."),
            (Ui::En, _) => format!("It stays a doubt: {because}."),
        };
    }
    match (ui, verdict.level) {
        (Ui::Es, Level::None) => {
            format!("No se avisa: la probabilidad de queja no llega al {doubt}.")
        }
        (Ui::En, Level::None) => {
            format!("Nobody is told: the complaint probability is below {doubt}.")
        }
        (Ui::Es, Level::Doubt) => {
            format!("Es duda: la probabilidad está entre el {doubt} y el {complaint}.")
        }
        (Ui::En, Level::Doubt) => {
            format!("It is a doubt: the probability is between {doubt} and {complaint}.")
        }
        (Ui::Es, Level::Complaint) => format!(
            "Es queja: la probabilidad llega al {complaint}. Sería urgente desde un riesgo de \
             {urgent}."
        ),
        (Ui::En, Level::Complaint) => format!(
            "It is a complaint: the probability reaches {complaint}. From a risk of {urgent} on \
             it would be urgent."
        ),
        (Ui::Es, Level::Urgent) if verdict.risk >= urgent => {
            format!("Es urgente: el riesgo llega a {urgent}.")
        }
        (Ui::En, Level::Urgent) if verdict.risk >= urgent => {
            format!("It is urgent: the risk reaches {urgent}.")
        }
        (_, Level::Urgent) => ui
            .pick(
                "Es urgente, sea cual sea el riesgo: hay peligro para las personas.",
                "It is urgent, whatever the risk: people are in danger.",
            )
            .to_owned(),
    }
}

/// What the points come to: "83: el riesgo", with a word where the sum goes over an end.
pub(super) fn sum(why: &[Reason], risk: u8, ui: Ui) -> (i64, String) {
    let add = |sum: i64, reason: &Reason| sum.saturating_add(reason.points);
    let sum = why.iter().fold(0, add);
    let said = match ui {
        Ui::Es if sum == i64::from(risk) => "suma: el riesgo".to_owned(),
        Ui::En if sum == i64::from(risk) => "sum: the risk".to_owned(),
        Ui::Es => format!("suma; el riesgo va de 0 a 100, y queda en {risk}"),
        Ui::En => format!("sum; the risk goes from 0 to 100, and is {risk}"),
    };
    (sum, said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(share: i64, expected: &str) {
        assert_eq!(
            percent(Millionths(share), &[350_000, 600_000], Ui::Es),
            expected
        );
    }

    #[test]
    fn a_percentage_never_hides_on_which_side_of_a_limit_it_is() {
        check(974_312, "97 %");
        check(600_000, "60 %");
        check(599_999, "59,9 %");
        check(345_000, "34,5 %");
        check(0, "0 %");
        check(4_000, "1 %");
        check(999_900, "99 %");
        check(1_000_000, "100 %");
    }
}
