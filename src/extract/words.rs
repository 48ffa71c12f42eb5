//! Month names and units of time in the seven languages, folded: lower case, no accents.
//!
//! Absent: any arithmetic; [`super::date`] counts.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Lower case without accents, blanks collapsed.
pub(super) fn fold(text: &str) -> String {
    let plain: String = text
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| {
            if matches!(c, '\u{2212}' | '\u{2013}') {
                '-'
            } else {
                c
            }
        })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The month, 1 to 12, that this folded word names; abbreviations have three letters or more.
pub(super) fn month(word: &str) -> Option<i16> {
    // Each line: Spanish, English, Portuguese, French, Italian, German, Catalan.
    const MONTHS: [&[&str]; 12] = [
        &[
            "enero", "january", "janeiro", "janvier", "gennaio", "januar", "janner", "gener",
        ],
        &[
            "febrero",
            "february",
            "fevereiro",
            "fevrier",
            "febbraio",
            "februar",
            "feber",
            "febrer",
        ],
        &[
            "marzo", "march", "marco", "mars", "marz", "maerz", "marc", "mrz",
        ],
        &["abril", "april", "avril", "aprile"],
        &["mayo", "may", "maio", "mai", "maggio", "maig"],
        &["junio", "june", "junho", "juin", "giugno", "juni", "juny"],
        &[
            "julio", "july", "julho", "juillet", "luglio", "juli", "juliol",
        ],
        &["agosto", "august", "aout", "agost"],
        &[
            "septiembre",
            "september",
            "setembro",
            "septembre",
            "settembre",
            "setembre",
            "setiembre",
        ],
        &[
            "octubre", "october", "outubro", "octobre", "ottobre", "oktober",
        ],
        &["noviembre", "november", "novembro", "novembre"],
        &[
            "diciembre",
            "december",
            "dezembro",
            "decembre",
            "dicembre",
            "dezember",
            "desembre",
        ],
    ];
    if word.len() < 3 || !word.is_ascii() {
        return None;
    }
    // "mar" is March: a Tuesday ("mar", "martes") never stands without its comma before a day.
    let number = MONTHS
        .iter()
        .position(|names| names.contains(&word))
        .or_else(|| {
            let short = word.len() <= 5;
            MONTHS
                .iter()
                .position(|names| short && names.iter().any(|name| name.starts_with(word)))
        })?;
    i16::try_from(number + 1).ok()
}

/// How many days ago "hoy", "ayer" and the like are.
pub(super) fn relative_day(word: &str) -> Option<i64> {
    match word {
        "hoy" | "today" | "hoje" | "aujourd'hui" | "oggi" | "heute" | "avui" => Some(0),
        "ayer" | "yesterday" | "ontem" | "hier" | "ieri" | "gestern" | "ahir" => Some(1),
        "anteayer" | "antier" | "anteontem" | "avant-hier" | "vorgestern" => Some(2),
        _ => None,
    }
}

/// Units shorter than a day.
pub(super) fn unit_ms(word: &str) -> Option<i64> {
    match word {
        "s" | "seg" | "segundo" | "segundos" | "second" | "seconds" | "sec" | "seconde"
        | "secondes" | "secondo" | "secondi" | "sekunde" | "sekunden" | "segon" | "segons" => {
            Some(1_000)
        }
        "min" | "mins" | "minuto" | "minutos" | "minute" | "minutes" | "minuti" | "minuten"
        | "minut" | "minuts" => Some(60_000),
        "h" | "hora" | "horas" | "hour" | "hours" | "hr" | "hrs" | "heure" | "heures" | "ora"
        | "ore" | "stunde" | "stunden" | "std" | "hores" => Some(3_600_000),
        _ => None,
    }
}

/// Units of a day and more, in days.
pub(super) fn unit_days(word: &str) -> Option<i64> {
    match word {
        "d" | "dia" | "dias" | "day" | "days" | "jour" | "jours" | "giorno" | "giorni" | "tag"
        | "tagen" | "tage" | "dies" => Some(1),
        "semana" | "semanas" | "week" | "weeks" | "semaine" | "semaines" | "settimana"
        | "settimane" | "woche" | "wochen" | "setmana" | "setmanes" => Some(7),
        "mes" | "meses" | "month" | "months" | "mois" | "mese" | "mesi" | "monat" | "monaten"
        | "monate" | "mesos" => Some(30),
        "ano" | "anos" | "year" | "years" | "an" | "ans" | "annee" | "annees" | "anno" | "anni"
        | "jahr" | "jahren" | "jahre" | "any" | "anys" => Some(365),
        _ => None,
    }
}
