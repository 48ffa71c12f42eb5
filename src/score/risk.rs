//! In which order complaints are told: points that the analyst can read and change, each with its
//! reason in a sentence.

use super::Sample;
use super::query::Subject;
use super::rules::{Points, Rules};
use crate::model::{Channel, Field, Lang, Reach, Reason, Signal, SignalKind, Span, Ui};

/// What the risk of one complaint is made of.
pub(super) struct Case<'a> {
    pub(super) rules: &'a Rules,
    pub(super) ui: Ui,
    pub(super) subject: &'a Subject<'a>,
    pub(super) lang: Option<Lang>,
    pub(super) signals: &'a [Signal],
    /// −1 to 1.
    pub(super) sentiment: f64,
    /// Where the worst word stands.
    pub(super) worst: Option<Span>,
    /// Size of our customer base, where it is known.
    pub(super) customers: Option<u64>,
    pub(super) is_complaint: bool,
    pub(super) sample: &'a Sample<'a>,
    /// Where the post names us.
    pub(super) ours: &'a [Span],
}

/// Sentiment from which words are very negative, and from which half of the points count.
const ANGER: f64 = -0.6;
const HALF_ANGER: f64 = -0.3;
/// The lowest fifth of the stars.
const STARS: f64 = 0.2;
const WEEKS_MAX: i64 = 3;
const CASES_MAX: i64 = 3;

/// One reason each, in falling order of weight; their clamped sum is the risk.
pub(super) fn reasons(case: &Case<'_>) -> Vec<Reason> {
    let points = &case.rules.points;
    let mut reasons = beside(case);
    let mut add = |points: i64, because: String, span: Option<Span>| {
        if points != 0 {
            reasons.push(Reason {
                points,
                because,
                span,
            });
        }
    };
    if case.is_complaint {
        let because = case.ui.pick("se queja de nosotros", "complains about us");
        add(points.complaint, because.into(), None);
        if let Some(n) = case.customers {
            let because = match case.ui {
                Ui::Es => format!("cada cliente pesa: son {n}"),
                Ui::En => format!("every customer weighs: there are {n}"),
            };
            add(base_points(points.customer_base, n), because, None);
        }
    }
    for signal in case.signals {
        add(
            signal_points(points, signal.kind),
            sentence(case.ui, signal),
            Some(signal.span),
        );
        if let Some(days) = signal.waited_days.filter(|days| *days >= 7) {
            let weeks = i64::from(days / 7).min(WEEKS_MAX);
            let because = match case.ui {
                Ui::Es => format!("lleva {days} días esperando"),
                Ui::En => format!("has been waiting for {days} days"),
            };
            add(points.waiting_week * weeks, because, Some(signal.span));
        }
    }
    if case.sentiment <= ANGER {
        let because = case
            .ui
            .pick("el tono es muy negativo", "the tone is very negative");
        add(points.anger, because.into(), case.worst);
    } else if case.sentiment <= HALF_ANGER {
        let because = case.ui.pick("el tono es negativo", "the tone is negative");
        add(points.anger / 2, because.into(), case.worst);
    }
    if case.sample.rating.is_some_and(|rating| rating <= STARS) {
        let because = case
            .ui
            .pick("dio la peor puntuación", "gave the lowest rating");
        add(points.stars, because.into(), None);
    }
    reasons.extend(keywords(case));
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.points.abs()));
    reasons
}

/// What is known beside the words: how far it is heard, and what he said before.
fn beside(case: &Case<'_>) -> Vec<Reason> {
    let (ui, points, known) = (case.ui, &case.rules.points, &case.sample.circumstances);
    let mut reasons = Vec::new();
    let mut add = |points: i64, because: &str, span: Option<Span>| {
        if points != 0 {
            reasons.push(Reason {
                points,
                because: because.to_owned(),
                span,
            });
        }
    };
    match case.sample.reach {
        Reach::High => {
            let because = ui.pick("aquí lo lee mucha gente", "many people read it here");
            add(points.reach, because, None);
        }
        Reach::Low => {
            let because = ui.pick("aquí lo lee poca gente", "few people read it here");
            add(-points.reach, because, None);
        }
        Reach::Normal => {}
    }
    let title = case.ours.iter().find(|span| span.field == Field::Title);
    if title.is_some() && known.indexable != Some(false) {
        let because = ui.pick(
            "el título nos nombra, y así se encuentra al buscarnos",
            "the title names us, so that who searches for us finds it",
        );
        add(points.brand_in_title, because, title.copied());
    }
    if known.indexable == Some(true) {
        let because = ui.pick(
            "los buscadores pueden mostrar su página",
            "search engines may show its page",
        );
        add(points.indexable, because, None);
    }
    if known.earlier_cases > 0 {
        let n = i64::from(known.earlier_cases);
        let because = match (ui, n) {
            (Ui::Es, 1) => "ya se quejó aquí otra vez".to_owned(),
            (Ui::En, 1) => "complained here before".to_owned(),
            (Ui::Es, _) => format!("ya se quejó aquí otras {n} veces"),
            (Ui::En, _) => format!("complained here {n} times before"),
        };
        add(points.earlier_case * n.min(CASES_MAX), &because, None);
    }
    if known.earlier_praise > 0 {
        let because = ui.pick(
            "antes había hablado bien de nosotros aquí",
            "spoke well of us here before",
        );
        add(points.earlier_praise, because, None);
    }
    reasons
}

/// One of 100 customers weighs more than one of 1,000.
fn base_points(points: i64, customers: u64) -> i64 {
    match customers {
        0..=100 => points,
        101..=1_000 => points / 2,
        1_001..=10_000 => points / 5,
        _ => 0,
    }
}

pub(super) fn risk(reasons: &[Reason]) -> u8 {
    let sum = reasons
        .iter()
        .fold(0_i64, |sum, reason| sum.saturating_add(reason.points));
    sum.clamp(0, 100) as u8
}

fn keywords(case: &Case<'_>) -> impl Iterator<Item = Reason> {
    case.rules
        .keywords
        .iter()
        .filter(|keyword| keyword.points != 0)
        .filter_map(|keyword| {
            let span = keyword.finds(case.subject, case.lang)?;
            let written = &keyword.written;
            let would = keyword.points;
            // A trial scores in silence: it is shown with what it would have added, and adds nothing.
            let (points, because) = match (case.ui, keyword.trial) {
                (Ui::Es, false) => (would, format!("palabra clave «{written}»")),
                (Ui::En, false) => (would, format!("keyword “{written}”")),
                (Ui::Es, true) => (0, format!("en prueba «{written}»: habría sumado {would}")),
                (Ui::En, true) => (0, format!("on trial “{written}”: would have added {would}")),
            };
            Some(Reason {
                points,
                because,
                span,
            })
        })
}

fn signal_points(points: &Points, kind: SignalKind) -> i64 {
    match kind {
        SignalKind::UnansweredContact => points.unanswered_contact,
        SignalKind::Loyalty => points.loyalty,
        SignalKind::ChurnThreat => points.churn_threat,
        SignalKind::Farewell => points.farewell,
        SignalKind::AsksForReply => points.asks_for_reply,
        SignalKind::Crowd => points.crowd,
        SignalKind::RepeatFailure => points.repeat_failure,
        SignalKind::LegalThreat => points.legal_threat,
        SignalKind::Safety => points.safety,
        SignalKind::Privacy => points.privacy,
    }
}

fn sentence(ui: Ui, signal: &Signal) -> String {
    let fixed = match signal.kind {
        SignalKind::UnansweredContact => return unanswered(ui, signal),
        SignalKind::Loyalty => return loyalty(ui, signal),
        SignalKind::ChurnThreat => ("dice que se va", "says they are leaving"),
        SignalKind::Farewell => ("ya se ha ido", "has already left"),
        SignalKind::AsksForReply => ("pide una respuesta", "asks for an answer"),
        SignalKind::Crowd => ("les pasa también a otros", "it happens to others too"),
        SignalKind::RepeatFailure => ("no es la primera vez que falla", "it has failed before"),
        SignalKind::LegalThreat => (
            "habla de denuncia o de abogados",
            "speaks of the law or the authorities",
        ),
        SignalKind::Safety => ("hay peligro para las personas", "people are in danger"),
        SignalKind::Privacy => ("se trata de datos personales", "personal data are at stake"),
    };
    ui.pick(fixed.0, fixed.1).to_owned()
}

fn loyalty(ui: Ui, signal: &Signal) -> String {
    match (ui, signal.years) {
        (Ui::Es, Some(1)) => "es cliente desde hace un año".into(),
        (Ui::Es, Some(years)) => format!("es cliente desde hace {years} años"),
        (Ui::Es, None) => "es cliente desde hace mucho".into(),
        (Ui::En, Some(1)) => "has been a customer for a year".into(),
        (Ui::En, Some(years)) => format!("has been a customer for {years} years"),
        (Ui::En, None) => "has been a customer for long".into(),
    }
}

/// "llamó cuatro veces en 14 días y nadie le atendió"
fn unanswered(ui: Ui, signal: &Signal) -> String {
    // Of several ways the telephone is named first.
    let phone = signal
        .channels
        .iter()
        .find(|channel| **channel == Channel::Phone);
    let channel = phone.or(signal.channels.first()).copied();
    let has_shop = signal.channels.contains(&Channel::Shop);
    let (did, and) = match (ui, signal.channels.len(), phone) {
        // The count is of all ways together, so that none may be named with it alone.
        (Ui::Es, 2.., _) if signal.tries.is_some() => {
            ("intentó hablar con nosotros", "y nadie le contestó")
        }
        (Ui::En, 2.., _) if signal.tries.is_some() => ("tried to reach us", "and nobody answered"),
        (Ui::Es, 2, Some(_)) if has_shop => ("llamó", "y fue a la tienda, y nadie le atendió"),
        (Ui::En, 2, Some(_)) if has_shop => ("called", "and came to the shop, and nobody helped"),
        (Ui::Es, 2.., Some(_)) => ("llamó", "y escribió, y nadie le contestó"),
        (Ui::En, 2.., Some(_)) => ("called", "and wrote, and nobody answered"),
        (Ui::Es, _, _) => did_es(channel),
        (Ui::En, _, _) => did_en(channel),
    };
    let times = signal.tries.map_or(String::new(), |n| match ui {
        Ui::Es if n == 1 => " una vez".into(),
        Ui::Es => format!(" {} veces", number(ui, n)),
        Ui::En if n == 1 => " once".into(),
        Ui::En if n == 2 => " twice".into(),
        Ui::En => format!(" {} times", number(ui, n)),
    });
    let days = signal.waited_days.map_or(String::new(), |days| match ui {
        Ui::Es if days == 1 => " en un día".into(),
        Ui::Es => format!(" en {days} días"),
        Ui::En if days == 1 => " in one day".into(),
        Ui::En => format!(" in {days} days"),
    });
    let ways = match signal.channels.as_slice() {
        ways @ [_, _, ..] if signal.tries.is_some() => listed(ui, ways),
        _ => String::new(),
    };
    format!("{did}{times}{days}{ways} {and}")
}

/// ", by phone and by mail,".
fn listed(ui: Ui, channels: &[Channel]) -> String {
    let names: Vec<&str> = channels.iter().map(|channel| way(ui, *channel)).collect();
    let Some((last, before)) = names.split_last() else {
        return String::new();
    };
    let and = ui.pick("y", "and");
    format!(", {} {and} {last},", before.join(", "))
}

fn way(ui: Ui, channel: Channel) -> &'static str {
    match channel {
        Channel::Phone => ui.pick("por teléfono", "by phone"),
        Channel::Mail => ui.pick("por correo", "by mail"),
        Channel::Chat => ui.pick("por el chat", "in the chat"),
        Channel::Form => ui.pick("por el formulario", "by the form"),
        Channel::Shop => ui.pick("en la tienda", "in the shop"),
        Channel::Social => ui.pick("por las redes", "on social media"),
        Channel::Letter => ui.pick("por carta", "by letter"),
        Channel::App => ui.pick("por la aplicación", "in the app"),
    }
}

fn did_es(channel: Option<Channel>) -> (&'static str, &'static str) {
    match channel {
        Some(Channel::Phone) => ("llamó", "y nadie le atendió"),
        Some(Channel::Mail | Channel::Form | Channel::Letter) => {
            ("escribió", "y nadie le contestó")
        }
        Some(Channel::Chat) => ("escribió por el chat", "y nadie le contestó"),
        Some(Channel::Social) => ("escribió por las redes", "y nadie le contestó"),
        Some(Channel::App) => ("escribió por la aplicación", "y nadie le contestó"),
        Some(Channel::Shop) => ("acudió a la tienda", "y nadie le atendió"),
        None => ("intentó hablar con nosotros", "y nadie le atendió"),
    }
}

fn did_en(channel: Option<Channel>) -> (&'static str, &'static str) {
    match channel {
        Some(Channel::Phone) => ("called", "and nobody answered"),
        Some(Channel::Mail | Channel::Form | Channel::Letter) => ("wrote", "and nobody answered"),
        Some(Channel::Chat) => ("wrote in the chat", "and nobody answered"),
        Some(Channel::Social) => ("wrote on social media", "and nobody answered"),
        Some(Channel::App) => ("wrote in the app", "and nobody answered"),
        Some(Channel::Shop) => ("came to the shop", "and nobody helped"),
        None => ("tried to reach us", "and nobody answered"),
    }
}

fn number(ui: Ui, n: u32) -> String {
    const ES: [&str; 11] = [
        "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce",
    ];
    const EN: [&str; 11] = [
        "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    ];
    let word = (n as usize)
        .checked_sub(2)
        .and_then(|at| ui.pick(ES, EN).get(at).copied());
    word.map_or_else(|| n.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Circumstances;
    use crate::score::text::Text;

    #[track_caller]
    fn check(tries: Option<u32>, days: Option<u32>, channels: &[Channel], es: &str, en: &str) {
        let span = Span {
            field: Field::Text,
            start: 0,
            end: 1,
        };
        let signal = Signal {
            tries,
            waited_days: days,
            channels: channels.to_vec(),
            ..Signal::new(SignalKind::UnansweredContact, span)
        };
        assert_eq!(sentence(Ui::Es, &signal), es);
        assert_eq!(sentence(Ui::En, &signal), en);
    }

    #[test]
    fn reasons_are_sentences() {
        check(
            Some(4),
            Some(14),
            &[Channel::Phone],
            "llamó cuatro veces en 14 días y nadie le atendió",
            "called four times in 14 days and nobody answered",
        );
        check(
            Some(2),
            None,
            &[Channel::Mail],
            "escribió dos veces y nadie le contestó",
            "wrote twice and nobody answered",
        );
        check(
            Some(20),
            Some(1),
            &[],
            "intentó hablar con nosotros 20 veces en un día y nadie le atendió",
            "tried to reach us 20 times in one day and nobody answered",
        );
        check(
            Some(7),
            Some(21),
            &[Channel::Phone, Channel::Mail, Channel::Chat],
            "intentó hablar con nosotros siete veces en 21 días, por teléfono, por correo y por el \
             chat, y nadie le contestó",
            "tried to reach us seven times in 21 days, by phone, by mail and in the chat, and nobody \
             answered",
        );
    }

    /// What is known beside the words, with the points in the order of their weight.
    #[track_caller]
    fn check_beside(known: Circumstances, reach: Reach, has_title: bool, es: &[&str], en: &[&str]) {
        let rules = Rules::default();
        let text = Text::new(None, "");
        let said = |ui| -> Vec<String> {
            let reasons = reasons(&Case {
                rules: &rules,
                ui,
                subject: &Subject::new(&text),
                lang: None,
                signals: &[],
                sentiment: 0.0,
                worst: None,
                customers: None,
                is_complaint: false,
                sample: &Sample {
                    reach,
                    circumstances: known,
                    ..Sample::default()
                },
                ours: &[Span {
                    field: if has_title { Field::Title } else { Field::Text },
                    start: 0,
                    end: 1,
                }],
            });
            let rows = reasons.iter();
            rows.map(|reason| format!("{:+} {}", reason.points, reason.because))
                .collect()
        };
        assert_eq!(said(Ui::Es), es);
        assert_eq!(said(Ui::En), en);
    }

    #[test]
    fn what_is_known_beside_the_words_has_its_points_and_its_sentence() {
        let nothing = Circumstances::default();
        check_beside(nothing, Reach::Normal, false, &[], &[]);
        check_beside(
            nothing,
            Reach::Low,
            false,
            &["-8 aquí lo lee poca gente"],
            &["-8 few people read it here"],
        );
        let known = Circumstances {
            indexable: Some(true),
            earlier_cases: 2,
            earlier_praise: 1,
        };
        check_beside(
            known,
            Reach::High,
            true,
            &[
                "+10 ya se quejó aquí otras 2 veces",
                "+8 aquí lo lee mucha gente",
                "+8 antes había hablado bien de nosotros aquí",
                "+4 el título nos nombra, y así se encuentra al buscarnos",
                "+3 los buscadores pueden mostrar su página",
            ],
            &[
                "+10 complained here 2 times before",
                "+8 many people read it here",
                "+8 spoke well of us here before",
                "+4 the title names us, so that who searches for us finds it",
                "+3 search engines may show its page",
            ],
        );
        let hidden = Circumstances {
            indexable: Some(false),
            earlier_cases: 9,
            earlier_praise: 0,
        };
        check_beside(
            hidden,
            Reach::Normal,
            true,
            &["+15 ya se quejó aquí otras 9 veces"],
            &["+15 complained here 9 times before"],
        );
    }

    #[test]
    fn the_risk_is_clamped() {
        let reason = |points| Reason {
            points,
            because: String::new(),
            span: None,
        };
        assert_eq!(risk(&[reason(80), reason(40)]), 100);
        assert_eq!(risk(&[reason(10), reason(-40)]), 0);
        assert_eq!(risk(&[reason(i64::MAX), reason(i64::MAX)]), 100);
    }
}
