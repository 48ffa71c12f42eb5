//! The few words of the customer that name the fault, fit to be repeated in public.
//!
//! **Invariant:** no insult, link, address or long number is ever repeated.

use super::{Brief, check};
use crate::model::{Field, Lang, SignalKind, Span, Topic};
use crate::score::text::fold_str;

/// Of a long post only this much is searched for a quote.
const SEARCHED_CHARS_MAX: usize = 6_000;
const QUOTE_CHARS_MAX: usize = 70;
const WORDS_MIN: usize = 3;
/// Clauses of this many words read best.
const WORDS_BEST: std::ops::RangeInclusive<usize> = 4..=10;

/// A brief quote without quotation marks; `None` when nothing he wrote can be repeated.
pub(super) fn pick(brief: &Brief, lang: Lang) -> Option<String> {
    let chars: Vec<char> = brief.post.text.chars().take(SEARCHED_CHARS_MAX).collect();
    let mut best: Option<(i64, String)> = None;
    for (start, end) in clauses(&chars) {
        let words = shortened(&chars[start..end]);
        let score = score(brief, &words, start, end);
        let is_better = best.as_ref().is_none_or(|(known, _)| score > *known);
        if score > 0 && is_better && is_fit(&words) && check::is_innocent(&words, lang) {
            best = Some((score, words));
        }
    }
    best.map(|(_, words)| words)
}

/// Bounds of the clauses, cut at punctuation, line ends and coordinating conjunctions.
fn clauses(chars: &[char]) -> Vec<(usize, usize)> {
    let mut clauses = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < chars.len() {
        let next = chars.get(at + 1).copied().unwrap_or(' ');
        let is_end = match chars[at] {
            '.' | ',' | ':' => !next.is_alphanumeric(),
            c => c.is_control() || "!?;…()[]{}\"«»“”„¡¿—–*<>|".contains(c),
        };
        let conjunction = conjunction_at(chars, at);
        if is_end || conjunction > 0 {
            clauses.push((start, at));
            start = at + conjunction.max(1);
            at = start;
        } else {
            at += 1;
        }
    }
    clauses.push((start, chars.len()));
    clauses
}

/// Length of " y " and the like, when one begins here; 0 otherwise.
fn conjunction_at(chars: &[char], at: usize) -> usize {
    if chars[at] != ' ' {
        return 0;
    }
    let length = chars[at + 1..]
        .iter()
        .take(6)
        .position(|&c| c == ' ')
        .unwrap_or(0);
    let word: String = chars[at + 1..at + 1 + length].iter().collect();
    let is_conjunction = matches!(
        word.as_str(),
        "y" | "e"
            | "pero"
            | "and"
            | "but"
            | "mas"
            | "et"
            | "mais"
            | "ma"
            | "ed"
            | "und"
            | "aber"
            | "i"
            | "però"
            | "so"
            | "porque"
            | "because"
    );
    if is_conjunction { length + 2 } else { 0 }
}

/// The clause in one line, cut at a word boundary where it is too long.
fn shortened(clause: &[char]) -> String {
    let text: String = clause.iter().filter(|c| !is_hidden(**c)).collect();
    let mut out = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let word_length = word.chars().count();
        if length + word_length + 1 > QUOTE_CHARS_MAX {
            out.push('…');
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
        length += word_length + 1;
    }
    out
}

fn score(brief: &Brief, words: &str, start: usize, end: usize) -> i64 {
    let n_words = words.split(' ').count();
    if n_words < WORDS_MIN {
        return 0;
    }
    let overlaps = |span: &Span| {
        span.field == Field::Text && (span.start as usize) < end && start < span.end as usize
    };
    let verdict = brief.verdict;
    let folded = fold_str(words);
    let names_topic = STEMS
        .iter()
        .filter(|(topic, _)| verdict.topics.contains(topic))
        .any(|(_, stems)| stems.iter().any(|stem| has_stem(&folded, stem)));
    let told_elsewhere = verdict
        .signals
        .iter()
        .any(|signal| signal.kind != SignalKind::RepeatFailure && overlaps(&signal.span));
    let scored = verdict
        .why
        .iter()
        .any(|reason| reason.points > 0 && reason.span.as_ref().is_some_and(overlaps));
    let about_us = has_stem(&folded, &fold_str(&brief.company.name));
    let mut score = 6 * i64::from(names_topic) + 3 * i64::from(scored);
    if score > 0 && WORDS_BEST.contains(&n_words) {
        score += 2;
    }
    score - 5 * i64::from(told_elsewhere) - 2 * i64::from(about_us)
}

/// May be repeated in public: no address, link, number that identifies, or insult.
fn is_fit(words: &str) -> bool {
    let folded = fold_str(words);
    let n_digits = words.chars().filter(char::is_ascii_digit).count();
    let is_plain = !words.contains(['@', '/', '\\', '#', '<', '>', '{', '}', '=', '`'])
        && !folded.contains("www")
        && !folded.contains("http");
    let shouts = words.chars().filter(|c| c.is_uppercase()).count() * 2
        > words.chars().filter(|c| c.is_alphabetic()).count();
    is_plain && n_digits < 6 && !shouts && !INSULTS.iter().any(|stem| has_stem(&folded, stem))
}

fn has_stem(folded: &str, stem: &str) -> bool {
    !stem.is_empty()
        && folded.match_indices(stem).any(|(at, _)| {
            folded[..at]
                .chars()
                .next_back()
                .is_none_or(|before| !before.is_alphanumeric())
        })
}

/// Invisible and direction-changing characters have no place in a quote.
fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
    )
}

/// Beginnings of words that we do not repeat, folded.
const INSULTS: &[&str] = &[
    "mierd", "puta", "puto", "cabron", "gilipoll", "idiot", "imbecil", "ladron", "choriz",
    "sinverg", "estaf", "jod", "cono", "mafia", "asco", "basura", "pendej", "verga", "carajo",
    "pelotud", "boludo", "culer", "timo", "robo", "roban", "robar", "fuck", "shit", "crap", "scam",
    "thie", "thief", "crook", "asshole", "bastard", "damn", "moron", "steal", "fraud", "merd",
    "caralh", "golpist", "ladr", "escro", "voleur", "arnaq", "truff", "ladri", "stronz", "cazz",
    "betrug", "scheis", "abzock", "arsch", "lladr",
];

/// Beginnings of words that name a weakness, folded, in the seven languages.
const STEMS: &[(Topic, &[&str])] = &[
    (
        Topic::Billing,
        &[
            "cobr", "factur", "cargo", "recib", "adeud", "bill", "charg", "invoic", "fatur",
            "debit", "prelev", "addebit", "bollett", "rechnung", "abbuch", "abgebuch", "carrec",
            "rebut",
        ],
    ),
    (
        Topic::Price,
        &[
            "preci",
            "tarif",
            "car",
            "subid",
            "subi",
            "aument",
            "price",
            "expensive",
            "prec",
            "prix",
            "prezz",
            "preis",
            "teuer",
            "preu",
            "puj",
        ],
    ),
    (
        Topic::Contract,
        &[
            "contrat",
            "permanen",
            "baja",
            "penaliz",
            "portab",
            "contract",
            "cancel",
            "resili",
            "contratt",
            "vertrag",
            "kundig",
            "disdett",
            "fideliza",
            "contracte",
        ],
    ),
    (
        Topic::Delivery,
        &[
            "entreg", "envi", "paquete", "pedido", "lleg", "repart", "deliver", "parcel", "order",
            "shipp", "arriv", "livr", "colis", "command", "consegn", "pacco", "ordin", "liefer",
            "paket", "bestell", "lliur", "comand", "encomend", "chegou",
        ],
    ),
    (
        Topic::Outage,
        &[
            "corte",
            "sin ",
            "averia",
            "caid",
            "cae",
            "funciona",
            "internet",
            "linea",
            "senal",
            "outage",
            "down",
            "no service",
            "no internet",
            "panne",
            "coupure",
            "guasto",
            "senza",
            "storung",
            "ausfall",
            "kein",
            "tall",
            "avaria",
            "sem ",
        ],
    ),
    (
        Topic::Quality,
        &[
            "rot", "romp", "calidad", "defect", "lent", "funciona", "estrope", "fall", "broke",
            "broken", "quality", "slow", "faulty", "qualid", "quebr", "qualit", "casse", "kaputt",
            "langsam", "trenc",
        ],
    ),
    (
        Topic::System,
        &[
            "web",
            "app",
            "sistema",
            "pagina",
            "error",
            "aplicacion",
            "system",
            "site",
            "crash",
            "erro",
            "erreur",
            "errore",
            "fehler",
            "absturz",
            "aplicac",
        ],
    ),
    (
        Topic::Install,
        &[
            "instal",
            "tecnico",
            "cita",
            "montaj",
            "install",
            "technician",
            "appointment",
            "technicien",
            "rendez",
            "tecnic",
            "techniker",
            "termin",
        ],
    ),
    (
        Topic::Staff,
        &[
            "trat",
            "educa",
            "grit",
            "mal humor",
            "emplead",
            "dependient",
            "rude",
            "staff",
            "employee",
            "shout",
            "manager",
            "grosser",
            "impoli",
            "maleduca",
            "personal",
            "unfreundlich",
            "mitarbeiter",
            "malgen",
        ],
    ),
    (
        Topic::Support,
        &[
            "atend", "atenci", "respond", "contest", "llam", "soporte", "support", "answer",
            "call", "help", "service", "atendi", "ligu", "repon", "appel", "rispost", "chiam",
            "antwort", "anruf", "resp", "truc",
        ],
    ),
    (
        Topic::Refund,
        &[
            "devol",
            "devuel",
            "reembols",
            "reintegr",
            "dinero",
            "refund",
            "money back",
            "money",
            "rembours",
            "rimbors",
            "soldi",
            "erstatt",
            "geld",
            "diners",
            "dinheiro",
            "estorn",
        ],
    ),
    (
        Topic::Information,
        &[
            "inform",
            "enga",
            "dijeron",
            "explic",
            "prometi",
            "mislead",
            "told",
            "promis",
            "said",
            "menti",
            "dit",
            "detto",
            "gesagt",
            "versproch",
            "dir",
            "disser",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &str, fit: bool) {
        assert_eq!(is_fit(words), fit, "{words}");
    }

    #[test]
    fn what_identifies_or_insults_is_not_repeated() {
        check("me han cobrado dos veces", true);
        check("sois unos ladrones con el cobro", false);
        check("el cobro en ES7621000418401234567891", false);
        check("mirad http evil.test el cobro", false);
        check("ME COBRARON DOS VECES", false);
        check("la tarifa subió 12 euros", true);
    }

    #[test]
    fn clauses_end_at_marks_and_conjunctions() {
        let chars: Vec<char> = "Pagué 45,30 € y me cobran, otra vez. ¿Y ahora?"
            .chars()
            .collect();
        let shown: Vec<String> = clauses(&chars)
            .into_iter()
            .map(|(start, end)| shortened(&chars[start..end]))
            .filter(|clause| !clause.is_empty())
            .collect();
        assert_eq!(shown, ["Pagué 45,30 €", "me cobran", "otra vez", "Y ahora"]);
    }
}
