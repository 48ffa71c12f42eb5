//! The facts of a complaint, with their numbers: how often he tried, how long he waited, how many
//! years he is a customer.
//!
//! Patterns find them; where none does, a second opinion ([`super::opinion`]) may, and its sentence is read for
//! the numbers. Absent: what they are worth; that is [`super::risk`] and [`super::probability`].

use jiff::tz::TimeZone;

use super::meaning::{Grammar, Label};
use super::opinion::Opinions;
use super::opinion::table::Opinion;
use super::probability::{ends_as_question, speaks_to};
use super::reading::{Amount, Match, Quantity, Reading};
use super::unanswered::{told_around, unanswered_contact};
use crate::model::{Signal, SignalKind, Span, Timestamp};

const YEARS_MAX: u32 = 90;

/// What patterns find: one signal a kind, in the order of [`SignalKind::ALL`].
pub(super) fn signals(reading: &Reading<'_>, ours: &[Span], published: Timestamp) -> Vec<Signal> {
    let mut signals: Vec<Signal> = SignalKind::ALL
        .iter()
        .filter_map(|&kind| match kind {
            SignalKind::UnansweredContact => unanswered_contact(reading),
            SignalKind::Loyalty => loyalty(reading, published),
            SignalKind::ChurnThreat => leaving(reading),
            SignalKind::RepeatFailure => repeated(reading),
            SignalKind::AsksForReply => plain(reading, kind).or_else(|| asked_of_us(reading, ours)),
            other => plain(reading, other),
        })
        .collect();
    signals.sort_by_key(|signal| signal.kind);
    signals
}

/// Adds what only an opinion says, and takes away what one is against.
pub(super) fn believe(
    signals: &mut Vec<Signal>,
    opinions: &Opinions,
    reading: &Reading<'_>,
    published: Timestamp,
) {
    let refused = SignalKind::ALL.iter().zip(opinions);
    let refused = refused.filter(|(_, opinion)| opinion.is_against);
    for (&kind, _) in refused {
        signals.retain(|signal| signal.kind != kind);
    }
    for (&kind, opinion) in SignalKind::ALL.iter().zip(opinions) {
        let is_known = |kind| signals.iter().any(|signal: &Signal| signal.kind == kind);
        if opinion.margin <= 0.0 || is_known(kind) {
            continue;
        }
        // Whoever has left has also threatened to.
        let goes = kind == SignalKind::Farewell && !is_known(SignalKind::ChurnThreat);
        let kinds = [Some(kind), goes.then_some(SignalKind::ChurnThreat)];
        let told = kinds.into_iter().flatten();
        signals.extend(told.filter_map(|kind| believed(kind, opinion, reading, published)));
    }
    signals.sort_by_key(|signal| signal.kind);
}

fn believed(
    kind: SignalKind,
    opinion: &Opinion,
    reading: &Reading<'_>,
    published: Timestamp,
) -> Option<Signal> {
    let first = reading.sentence.partition_point(|s| *s < opinion.sentence);
    let after = reading.sentence.partition_point(|s| *s <= opinion.sentence);
    let last = after.checked_sub(1)?;
    let found = Match {
        label: Label::from(kind),
        first,
        last,
    };
    match kind {
        SignalKind::UnansweredContact => told_around(reading, found),
        SignalKind::Loyalty => Some(Signal {
            years: years_in(reading, &found, published).filter(|years| is_plausible(*years)),
            ..Signal::new(kind, reading.span(first, last)?)
        }),
        _ => Some(Signal::new(kind, reading.span(first, last)?)),
    }
}

fn plain(reading: &Reading<'_>, kind: SignalKind) -> Option<Signal> {
    let found = reading.all(Label::from(kind)).next()?;
    Some(Signal::new(kind, reading.span(found.first, found.last)?))
}

/// It went wrong again and again; "called seven times in ten days" tells how often he tried.
fn repeated(reading: &Reading<'_>) -> Option<Signal> {
    let is_of_tries = |found: &Match| {
        let begins = |q: &Quantity| q.first == found.first && matches!(q.amount, Amount::Times(_));
        let before = found.first.checked_sub(1);
        before.is_some_and(|before| reading.is(before, Grammar::Contact))
            && reading.quantities.iter().any(begins)
    };
    let kind = SignalKind::RepeatFailure;
    let mut finds = reading.all(Label::from(kind));
    let found = finds.find(|found| !is_of_tries(found))?;
    Some(Signal::new(kind, reading.span(found.first, found.last)?))
}

/// A question that calls our name asks us: "Ejemplo, where is my parcel?".
fn asked_of_us(reading: &Reading<'_>, ours: &[Span]) -> Option<Signal> {
    if !(ends_as_question(reading) && speaks_to(reading, ours)) {
        return None;
    }
    let last = reading.n_words().checked_sub(1)?;
    let first = reading
        .sentence
        .partition_point(|s| *s < reading.sentence[last]);
    let span = reading.span(first, last)?;
    Some(Signal::new(SignalKind::AsksForReply, span))
}

/// He leaves or says he will; whoever has left has also threatened to.
fn leaving(reading: &Reading<'_>) -> Option<Signal> {
    let arrives = |found: &Match| {
        reading
            .all(Label::FromRival)
            .any(|other| other.first <= found.last && found.first <= other.last)
    };
    let found = reading
        .all(Label::ChurnThreat)
        .find(|found| !arrives(found))
        .or_else(|| reading.all(Label::Farewell).next())?;
    let span = reading.span(found.first, found.last)?;
    Some(Signal::new(SignalKind::ChurnThreat, span))
}

/// The longest time as a customer that he tells; a year that has not come says nothing.
fn loyalty(reading: &Reading<'_>, published: Timestamp) -> Option<Signal> {
    let told = reading.all(Label::Loyalty).filter_map(|found| {
        let number = years_in(reading, &found, published);
        let years = number.filter(|years| is_plausible(*years));
        (years.is_some() || number.is_none()).then_some((years, found))
    });
    let (years, found) =
        told.max_by_key(|(years, found)| (*years, std::cmp::Reverse(found.first)))?;
    Some(Signal {
        years,
        ..Signal::new(SignalKind::Loyalty, reading.span(found.first, found.last)?)
    })
}

/// The years that a find tells, or that have passed since the year it names.
fn years_in(reading: &Reading<'_>, found: &Match, published: Timestamp) -> Option<u32> {
    let this_year = || {
        let published = published.to_jiff().to_zoned(TimeZone::UTC);
        u32::try_from(published.year()).unwrap_or(0)
    };
    let inside = |q: &&Quantity| q.first >= found.first && q.last <= found.last;
    let mut quantities = reading.quantities.iter().filter(inside);
    quantities.find_map(|q| match q.amount {
        Amount::Years(n) => Some(n),
        Amount::Year(year) => Some(this_year().saturating_sub(year)),
        _ => None,
    })
}

fn is_plausible(years: u32) -> bool {
    (1..=YEARS_MAX).contains(&years)
}

#[cfg(test)]
mod tests {
    use super::super::pack::Packs;
    use super::*;
    use crate::model::Lang;
    use crate::score::text::Text;

    /// `kind` with its numbers, for every signal found.
    #[track_caller]
    fn check(lang: Lang, raw: &str, expected: &str) {
        let text = Text::new(None, raw);
        let reading = Reading::new(&text, Packs::embedded().get(lang).unwrap(), &[]);
        let published = Timestamp::parse_rfc3339("2026-11-20T10:00:00Z").unwrap();
        let shown: Vec<String> = signals(&reading, &[], published)
            .iter()
            .map(|signal| {
                let mut shown = signal.kind.to_string();
                for (name, n) in [
                    ("tries", signal.tries),
                    ("days", signal.waited_days),
                    ("years", signal.years),
                ] {
                    if let Some(n) = n {
                        shown = format!("{shown} {name}={n}");
                    }
                }
                for channel in &signal.channels {
                    shown = format!("{shown} {channel}");
                }
                shown
            })
            .collect();
        assert_eq!(shown.join("; "), expected, "{raw}");
    }

    #[test]
    fn nobody_answers_in_every_country() {
        let es = |raw: &str, expected: &str| check(Lang::Es, raw, expected);
        es(
            "Me ha cobrado dos veces y nadie contesta mis correos",
            "unanswered_contact mail",
        );
        es(
            "Llamé cuatro veces en dos semanas y nadie me atiende.",
            "unanswered_contact tries=4 days=14 phone",
        );
        es("Los llamo y no me dan bola", "unanswered_contact phone");
        es(
            "Marqué 3 veces y nadie levanta",
            "unanswered_contact tries=3 phone",
        );
        es("Me tienen de acá para allá", "unanswered_contact");
        es(
            "Mandé dos correos sin respuesta",
            "unanswered_contact tries=2 mail",
        );
        es("Por whatsapp nadie contesta", "unanswered_contact chat");
        es("me contestaron en una hora", "");
        es("Nadie me atiende mejor que ellos", "");
    }

    #[test]
    fn tries_are_summed_and_told_in_two_phrases() {
        let es = |raw: &str, expected: &str| check(Lang::Es, raw, expected);
        es(
            "Mandé dos correos e hice tres llamadas y nadie contesta",
            "unanswered_contact tries=5 phone mail",
        );
        es(
            "Llevo cuatro mensajes. La lavadora sigue parada.",
            "unanswered_contact tries=4 mail",
        );
        es(
            "Fui tres veces a la sucursal y sigo igual",
            "unanswered_contact tries=3 shop; repeat_failure",
        );
        es("Llamé y en diez minutos estaba arreglado", "");
        es("Mandé un correo y me respondieron al momento", "");
        check(
            Lang::En,
            "Two emails and three calls later, still nothing",
            "unanswered_contact tries=5 phone mail",
        );
    }

    #[test]
    fn a_count_belongs_to_what_it_stands_by() {
        // In so many days is no other count, and no other trouble.
        let in_ten_days = "unanswered_contact tries=7 days=10 phone";
        for (lang, raw) in [
            (Lang::Es, "Llamé siete veces en diez días y nadie contesta"),
            (
                Lang::En,
                "I called seven times in ten days and nobody answers",
            ),
            (Lang::Pt, "Liguei sete vezes em dez dias e ninguém atende"),
            (
                Lang::Fr,
                "J'ai appelé sept fois en dix jours et personne ne répond",
            ),
            (
                Lang::It,
                "Ho chiamato sette volte in dieci giorni e nessuno risponde",
            ),
            (
                Lang::Ca,
                "He trucat set vegades en deu dies i ningú no contesta",
            ),
        ] {
            check(lang, raw, in_ten_days);
        }
        let de = |raw: &str, expected: &str| check(Lang::De, raw, expected);
        de(
            "Ich habe viermal angerufen und zwei E-Mails geschrieben, keine Antwort",
            "unanswered_contact tries=6 phone mail",
        );
        de(
            "Zwölfmal angerufen, niemand antwortet",
            "unanswered_contact tries=12 phone",
        );
        check(
            Lang::En,
            "I rang five times, was cut off three times and nobody answers",
            "unanswered_contact tries=5 phone",
        );
        // How old his child is, and how long it was to take, is not how long he waits.
        check(
            Lang::Es,
            "Mi hijo tiene dos años. Llamé ayer y nadie contesta",
            "unanswered_contact phone",
        );
        check(
            Lang::Es,
            "El abono tarda 15 días hábiles. He escrito cinco veces y nadie contesta",
            "unanswered_contact tries=5 mail",
        );
    }

    #[test]
    fn nobody_answers_in_other_languages() {
        check(
            Lang::En,
            "I called twice and nobody answered",
            "unanswered_contact tries=2 phone",
        );
        check(
            Lang::Pt,
            "Liguei três vezes e ninguém atende",
            "unanswered_contact tries=3 phone",
        );
        check(
            Lang::Fr,
            "J'ai appelé cinq fois et personne ne répond",
            "unanswered_contact tries=5 phone",
        );
        check(
            Lang::It,
            "Ho chiamato quattro volte e nessuno risponde",
            "unanswered_contact tries=4 phone",
        );
        check(
            Lang::De,
            "Ich habe dreimal angerufen und niemand antwortet",
            "unanswered_contact tries=3 phone",
        );
        check(
            Lang::Ca,
            "He trucat dues vegades i ningú contesta",
            "unanswered_contact tries=2 phone",
        );
    }

    #[test]
    fn years_count_from_publication() {
        let es = |raw: &str, expected: &str| check(Lang::Es, raw, expected);
        es("Soy cliente desde 2014", "loyalty years=12");
        es("llevo 10 años con ustedes", "loyalty years=10");
        es("cliente de toda la vida", "loyalty");
        es("cliente desde ayer, encantado", "");
        es("cliente desde 2031", "");
        check(Lang::En, "customer since 2014", "loyalty years=12");
    }

    #[test]
    fn leaving_is_a_threat_and_done_it_is_a_farewell() {
        check(Lang::Es, "me cambio de compañía", "churn_threat");
        check(Lang::Es, "ya cancelé el contrato", "churn_threat; farewell");
        check(Lang::Es, "me paso de Movistar a Ejemplo", "");
        check(
            Lang::En,
            "I am leaving for another provider",
            "churn_threat",
        );
        check(Lang::Pt, "vou cancelar o contrato", "churn_threat");
        check(Lang::Fr, "je vais résilier", "churn_threat");
        check(Lang::It, "cambio operatore", "churn_threat");
        check(Lang::De, "ich werde kündigen", "churn_threat");
        check(Lang::Ca, "em canvio de companyia", "churn_threat");
    }

    #[test]
    fn the_other_kinds() {
        check(Lang::Es, "Alguien me puede contestar", "asks_for_reply");
        check(Lang::Es, "No soy el único", "crowd");
        check(Lang::Es, "voy a ir a Profeco", "legal_threat");
        check(Lang::Es, "el aparato se incendió", "safety");
        check(Lang::Es, "publicaron mis datos personales", "privacy");
        check(Lang::Es, "otra vez sin luz", "repeat_failure");
        check(Lang::En, "please reply", "asks_for_reply");
        check(Lang::En, "I'm not the only one", "crowd");
        check(Lang::En, "my lawyer will see to it", "legal_threat");
        check(Lang::En, "it caught fire", "safety");
        check(Lang::En, "they leaked my data", "privacy");
        check(Lang::En, "down again", "repeat_failure");
    }
}
