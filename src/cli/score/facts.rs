//! Why a post has its probability, in plain words: what spoke for a complaint and what against it.

use serde_json::{Value, json};

use super::marks;
use crate::model::{Millionths, Ui};
use crate::score::{Account, Weighed};

/// Told of each side; what is weaker is told as one sum.
const STRONGEST: usize = 5;
/// Of the words of one fact.
const QUOTED_CHARS_MAX: usize = 40;
/// How JSON names where the sum begins.
const START: &str = "bias";

/// An account as it is shown: the sum of all numbers in it is the last one.
pub(super) struct Told {
    pub(super) rows: Vec<Row>,
    /// The log-odds of a complaint.
    pub(super) sum: f64,
}

pub(super) struct Row {
    /// What it adds to the log-odds.
    pub(super) share: f64,
    pub(super) says: String,
    pub(super) words: Vec<String>,
}

/// The strongest facts for and against, the strongest first, and the rest as one.
pub(super) fn told(account: &Account, title: Option<&str>, text: &str, ui: Ui) -> Told {
    let mut rows = vec![Row {
        share: account.start,
        says: plain(START, ui).to_owned(),
        words: Vec::new(),
    }];
    let mut rest = (0_usize, 0.0);
    let mut n_told = [0_usize; 2];
    for fact in &account.facts {
        let n = &mut n_told[usize::from(fact.share() > 0.0)];
        *n += 1;
        if *n > STRONGEST {
            rest = (rest.0 + 1, rest.1 + fact.share());
            continue;
        }
        rows.push(Row {
            share: fact.share(),
            says: plain(fact.name, ui).to_owned(),
            words: quoted(fact, title, text),
        });
    }
    if rest.0 > 0 {
        rows.push(Row {
            share: rest.1,
            says: match ui {
                Ui::Es => format!("lo demás, que pesa menos: {} datos", rest.0),
                Ui::En => format!("the rest, which weighs less: {} facts", rest.0),
            },
            words: Vec::new(),
        });
    }
    Told {
        rows,
        sum: account.sum(),
    }
}

/// All of an account, for machines: the sum of weight times value is the log-odds.
pub(super) fn json(account: &Account, title: Option<&str>, text: &str) -> Value {
    let six = |number: f64| Millionths::from_f64(number).to_f64();
    let start = json!({"name": START, "weight": six(account.start), "value": 1.0, "words": []});
    let facts = account.facts.iter().map(|fact| {
        let words = quoted(fact, title, text);
        let (weight, value) = (six(fact.weight), six(fact.value));
        json!({"name": fact.name, "weight": weight, "value": value, "words": words})
    });
    std::iter::once(start).chain(facts).collect()
}

fn quoted(fact: &Weighed, title: Option<&str>, text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for span in &fact.spans {
        let found = marks::quoted(title, text, *span, QUOTED_CHARS_MAX);
        if !words.contains(&found) {
            words.push(found);
        }
    }
    words
}

/// What a fact of the scorer is called here.
fn plain(name: &str, ui: Ui) -> &str {
    let found = PLAIN.iter().find(|(known, _, _)| *known == name);
    found.map_or(name, |(_, es, en)| ui.pick(es, en))
}

/// Name in `score/data/weights.tsv`, Spanish, English.
#[rustfmt::skip]
const PLAIN: &[(&str, &str, &str)] = &[
    (START, "de aquí parte todo texto", "where every text begins"),
    ("posts model", "el modelo aprendido de opiniones públicas, con todas las palabras",
        "the model that learned from public posts, by all the words"),
    ("lines model", "el modelo aprendido de quejas a empresas, con todas las palabras",
        "the model that learned from complaints to companies, by all the words"),
    ("good tone", "buen tono de las palabras", "good tone of the words"),
    ("worst word", "la palabra con peor tono", "the word with the worst tone"),
    ("bad words", "palabras de disgusto", "words of displeasure"),
    ("good words", "palabras de agrado", "words of pleasure"),
    ("first person", "habla de sí mismo", "speaks of himself or herself"),
    ("loyal and in trouble", "cliente de hace tiempo, con un problema", "a customer for long, in trouble"),
    ("question without trouble", "una pregunta, sin ningún problema", "a question, without any trouble"),
    ("link", "lleva un enlace", "has a link"),
    ("asks others", "pregunta a los demás", "asks others"),
    ("negations", "negaciones", "negations"),
    ("own words in quotes", "palabras entre comillas", "words in quotation marks"),
    ("tells a number", "cuenta cuánto o cuántas veces", "tells how long or how often"),
    ("speaks to us", "se dirige a nosotros", "speaks to us"),
    ("few stars", "pocas estrellas", "few stars"),
    ("many stars", "muchas estrellas", "many stars"),
    ("problem", "algo no funciona o está mal", "something does not work or is wrong"),
    ("waiting", "lleva tiempo esperando", "has been waiting"),
    ("refund", "pide o espera una devolución", "asks for or awaits a refund"),
    ("polite complaint", "una queja con buenas maneras", "a complaint in polite words"),
    ("demand", "exige una solución", "demands a solution"),
    ("warning", "avisa a otros", "warns others"),
    ("irony", "ironía", "irony"),
    ("nobody answers", "nadie le atiende", "nobody answers"),
    ("leaves", "dice que se va", "says they are leaving"),
    ("has left", "ya se ha ido", "has already left"),
    ("asks for a reply", "pide una respuesta", "asks for an answer"),
    ("crowd", "les pasa también a otros", "it happens to others too"),
    ("again", "no es la primera vez", "not the first time"),
    ("law", "denuncia o abogados", "the law or the authorities"),
    ("safety", "peligro para las personas", "people in danger"),
    ("privacy", "datos personales", "personal data"),
    ("told by the company", "lo que la empresa dijo o prometió", "what the company said or promised"),
    ("solved", "ya está resuelto", "it is solved already"),
    ("no complaint", "dice que no es una queja", "says that it is no complaint"),
    ("praise", "elogio", "praise"),
    ("advert", "anuncio", "advertisement"),
    ("advert without person", "anuncio en el que nadie habla de sí", "an advertisement in which nobody speaks"),
    ("news", "noticia", "news"),
    ("news without person", "noticia en la que nadie habla de sí", "news in which nobody speaks"),
    ("job", "oferta de empleo", "a job offer"),
    ("company speaks", "habla una empresa", "a company speaks"),
    ("question", "pregunta", "a question"),
    ("came from a rival", "viene de otra empresa", "came from another company"),
    ("comparison", "compara ofertas", "compares offers"),
    ("how-to", "explica cómo se hace algo", "explains how something is done"),
    ("sponsor", "nuestro nombre en un equipo o un acto", "our name on a team or an event"),
    ("defends", "defiende a una empresa", "takes a company's part"),
    ("employee", "habla quien trabaja en una empresa", "somebody who works at a company"),
    ("joke", "broma", "a joke"),
    ("relief", "alivio por tenernos", "relief to have us"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::trained::WEIGHTS;

    #[test]
    fn every_fact_has_its_plain_words_and_no_words_are_left_over() {
        let rows = WEIGHTS.lines().skip(1);
        let mut weighed: Vec<&str> = rows.filter_map(|row| row.split('\t').next()).collect();
        let mut known: Vec<&str> = PLAIN.iter().map(|(name, _, _)| *name).collect();
        weighed.sort_unstable();
        known.sort_unstable();
        assert_eq!(known, weighed);
    }

    #[test]
    fn what_is_told_sums_up_to_the_probability() {
        let fact = |at: usize| Weighed {
            name: "problem",
            weight: if at.is_multiple_of(3) { -1.0 } else { 1.0 },
            value: 20.0 - at as f64,
            spans: Vec::new(),
        };
        let account = Account {
            start: 0.25,
            facts: (0..18).map(fact).collect(),
        };
        let told = told(&account, None, "", Ui::En);
        let shares: f64 = told.rows.iter().map(|row| row.share).sum();
        assert!((shares - told.sum).abs() < 1e-9);
        assert_eq!(told.rows.len(), 1 + 2 * STRONGEST + 1);
    }
}
