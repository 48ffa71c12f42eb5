//! The forms of a word, by rules for seven languages: `cobrar~` finds `cobraron` and `cobrándome`,
//! `factura~` finds `facturas`.
//!
//! An infinitive stands for its verb, any other word for its numbers and genders. The rules make more
//! than there is (`cobrar~` would find `cobriera`), which no text has, and know few irregular verbs.
//! **Absent:** what a word means, and what is derived from it (`cobro` from `cobrar`, but `cobro` is
//! also its first person).

mod tables;

use crate::model::Lang;
use tables::{
    CA, Class, DE, EN, ES, FR, IRREGULAR, IT, PRONOUNS_ES, PRONOUNS_IT, PT, SHORT, SPLIT_DE, WHOLE,
};

/// One beginning and all the ends that it may have, in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    lang: Lang,
    pub(super) stem: String,
    class: &'static Class,
}

/// Letters that a stem has at least: fewer would fit any word.
const STEM_CHARS_MIN: usize = 2;
/// What may stand where `word` (folded) is written, in every language.
pub(super) fn of(word: &str) -> Vec<Form> {
    Lang::ALL
        .into_iter()
        .flat_map(|lang| in_lang(word, lang))
        .collect()
}

fn in_lang(word: &str, lang: Lang) -> Vec<Form> {
    if let Some((.., forms)) = SHORT
        .iter()
        .find(|(of, verb, _)| *of == lang && *verb == word)
    {
        let form = |form: &str| Form {
            lang,
            stem: form.to_owned(),
            class: &WHOLE,
        };
        return forms.split_whitespace().map(form).collect();
    }
    let found = classes(lang).iter().find_map(|class| {
        let ends = class.of.split_whitespace();
        let mut stems = ends.filter_map(|end| stem_of(word, end));
        stems
            .find(|stem| stem.chars().count() >= STEM_CHARS_MIN)
            .map(|stem| (class, stem))
    });
    let Some((class, stem)) = found else {
        return Vec::new();
    };
    let mut stems = vec![stem.to_owned()];
    for change in class.changes.split_whitespace() {
        stems.extend(changed(stem, change));
    }
    for (_, end, instead) in IRREGULAR.iter().filter(|(of, ..)| *of == lang) {
        if let Some(before) = word.strip_suffix(end) {
            stems.extend(
                instead
                    .split_whitespace()
                    .map(|end| format!("{before}{end}")),
            );
        }
    }
    let form = |stem| Form { lang, stem, class };
    stems.into_iter().map(form).collect()
}

fn classes(lang: Lang) -> &'static [Class] {
    match lang {
        Lang::Es => ES,
        Lang::En => EN,
        Lang::Pt => PT,
        Lang::Fr => FR,
        Lang::It => IT,
        Lang::De => DE,
        Lang::Ca => CA,
    }
}

fn stem_of<'w>(word: &'w str, end: &str) -> Option<&'w str> {
    if end == "-" {
        Some(word)
    } else {
        word.strip_suffix(end)
    }
}

/// The stem after one change; `None` when it does not concern it.
fn changed(stem: &str, change: &str) -> Option<String> {
    if change == "+" {
        // plan, planned: the last letter comes twice.
        let last = stem.chars().next_back()?;
        return (!"aeiouwxy".contains(last)).then(|| format!("{stem}{last}"));
    }
    if let Some((end, instead)) = change.split_once('>') {
        let before = stem.strip_suffix(end)?;
        return Some(format!("{before}{instead}"));
    }
    let (instead, vowel) = change.split_once('<')?;
    if vowel.is_empty() {
        // abbuchen, abgebucht: `ge` stands behind the part that can be split off.
        let before = SPLIT_DE.into_iter().find(|part| stem.starts_with(part));
        let (before, rest) = stem.split_at(before.map_or(0, str::len));
        return Some(format!("{before}{instead}{rest}"));
    }
    let at = stem.rfind(['a', 'e', 'i', 'o', 'u'])?;
    let (before, rest) = stem.split_at(at);
    // The vowel of `contest` is its `e`, that of `quej` too.
    rest.strip_prefix(vowel)
        .map(|after| format!("{before}{instead}{after}"))
}

impl Form {
    /// Where the language of a post cannot be told, the forms of all languages count.
    pub(super) fn is_of(&self, lang: Option<Lang>) -> bool {
        lang.is_none_or(|lang| lang == self.lang)
    }

    /// True when `word` (folded) is one of these forms.
    pub(super) fn makes(&self, word: &str) -> bool {
        let Some(rest) = word.strip_prefix(self.stem.as_str()) else {
            return false;
        };
        let is_end = |rest: &str, ends: &str| {
            let rest = if rest.is_empty() { "-" } else { rest };
            ends.split_whitespace().any(|end| end == rest)
        };
        if is_end(rest, self.class.ends) {
            return true;
        }
        let pronouns = match self.lang {
            Lang::Es => PRONOUNS_ES,
            Lang::It => PRONOUNS_IT,
            _ => return false,
        };
        !self.class.hosts.is_empty()
            && pronouns
                .split_whitespace()
                .filter_map(|pronoun| rest.strip_suffix(pronoun))
                .any(|host| is_end(host, self.class.hosts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::text::fold_str;

    /// Which of these words are forms of the first, in a language.
    #[track_caller]
    fn check(word: &str, lang: Lang, are: &str, are_not: &str) {
        let forms = in_lang(word, lang);
        let is_form = |word: &&str| forms.iter().any(|form| form.makes(&fold_str(word)));
        let missed: Vec<&str> = are.split_whitespace().filter(|w| !is_form(w)).collect();
        let wrong: Vec<&str> = are_not.split_whitespace().filter(is_form).collect();
        assert_eq!((missed, wrong), (vec![], vec![]), "{word} in {lang:?}");
    }

    #[test]
    fn verbs_have_the_forms_of_their_language() {
        let es =
            "cobrar cobro cobró cobraron cobrándome cobrármelo cobrado cobradas cobráis cóbrenme";
        check(
            "cobrar",
            Lang::Es,
            es,
            "cobarde cobradora cobertura cobrizo",
        );
        check(
            "pagar",
            Lang::Es,
            "pagué paguen pagamos pagándoles",
            "página pagaré-x",
        );
        let es = "devuelven devolvió devuelto devolverme devolvieron devuélvanmelo";
        check("devolver", Lang::Es, es, "devoto devolución");
        check(
            "pedir",
            Lang::Es,
            "pido pidieron pedimos pidiéndolo pidiendo",
            "pedal",
        );
        check(
            "contestar",
            Lang::Es,
            "contestan contestó contestaron",
            "contexto",
        );
        check("dar", Lang::Es, "dan dio dándome", "daño dardo");
        check(
            "hacer",
            Lang::Es,
            "hizo hicieron hecho hacen haciéndolo haré",
            "hacha",
        );
        check("instruir", Lang::Es, "instruyen instruyó", "instrumento");
        check(
            "cobrar",
            Lang::Pt,
            "cobraram cobrou cobrando cobrado",
            "cobrándome",
        );
        check(
            "facturer",
            Lang::Fr,
            "facturé facturent facturait facturée",
            "facteur",
        );
        check(
            "addebitare",
            Lang::It,
            "addebitato addebitano addebitarmi",
            "addetto",
        );
        check("charge", Lang::En, "charged charging charges", "charm");
        check(
            "cancel",
            Lang::En,
            "cancelled cancels cancelling canceled",
            "cancer",
        );
        check("abbuchen", Lang::De, "abbucht abbuchten abgebucht", "buch");
        check("buchen", Lang::De, "gebucht buchte", "bücherei");
        check(
            "trencar",
            Lang::Ca,
            "trenca trenquen trencat trencada",
            "trenta",
        );
    }

    #[test]
    fn other_words_have_numbers_and_genders() {
        check(
            "factura",
            Lang::Es,
            "factura facturas",
            "facturar facturación",
        );
        check("avion", Lang::Es, "avión aviones", "avioneta");
        check("luz", Lang::Es, "luz luces", "lucha");
        check("lento", Lang::Es, "lentos lenta", "lentitud");
        check("cobranca", Lang::Pt, "cobrança cobranças", "cobrar");
        check("avaliacao", Lang::Pt, "avaliação avaliações", "avaliar");
        check("bolletta", Lang::It, "bollette", "bollettino");
        check("invoice", Lang::En, "invoices invoiced", "invoke");
        check("rechnung", Lang::De, "Rechnungen Rechnung", "rechnen");
        check("facture", Lang::Fr, "factures", "facturer");
    }

    #[test]
    fn forms_are_those_of_the_language_of_the_post() {
        let forms = of("caso");
        let makes = |word: &str, lang| {
            let mut of_lang = forms.iter().filter(|form| form.is_of(lang));
            of_lang.any(|form| form.makes(word))
        };
        assert!(makes("casos", Some(Lang::Es)) && makes("casi", Some(Lang::It)));
        assert!(!makes("casi", Some(Lang::Es)));
        assert!(makes("casi", None));
    }

    #[test]
    fn a_short_word_has_no_stem() {
        assert_eq!(of("ser").iter().filter(|form| form.stem == "s").count(), 0);
    }
}
