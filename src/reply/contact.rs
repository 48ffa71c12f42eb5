//! How he tried to reach us: which way the count belongs to, and which others he names.
//!
//! The signal gives one count for all channels; only the words say what was counted.

use super::{Brief, quote};
use crate::model::{Channel, Signal};
use crate::score::text::{Text, fold_str};

/// Of a long post only this much is searched for the count.
const SEARCHED_CHARS_MAX: usize = 6_000;

/// A channel by itself, or more than one way of writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    One(Channel),
    Writing,
}

/// The kinds of channels, in the order in which they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Phone,
    Writing,
    Shop,
}

/// What is told of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reached {
    /// The way that was counted; `None` when the words do not say it.
    pub first: Option<Way>,
    pub also: Vec<Kind>,
}

impl Reached {
    pub(crate) fn is_by_phone_alone(&self) -> bool {
        self.first == Some(Way::One(Channel::Phone)) && self.also.is_empty()
    }
}

pub(crate) fn of(brief: &Brief, signal: &Signal) -> Reached {
    let mut kinds: Vec<Kind> = Vec::new();
    for kind in [Kind::Phone, Kind::Writing, Kind::Shop] {
        if signal
            .channels
            .iter()
            .any(|&channel| kind_of(channel) == kind)
        {
            kinds.push(kind);
        }
    }
    let counted = match (signal.tries, kinds.as_slice()) {
        (_, []) => None,
        (None | Some(0 | 1), [first, ..]) | (_, [first]) => Some(*first),
        (Some(tries), _) => counted(brief, tries, &kinds),
    };
    let Some(counted) = counted else {
        return Reached {
            first: None,
            also: Vec::new(),
        };
    };
    let mut own = signal
        .channels
        .iter()
        .filter(|&&channel| kind_of(channel) == counted);
    let first = match (own.next(), own.next()) {
        (Some(&one), None) => Way::One(one),
        _ => Way::Writing,
    };
    kinds.retain(|&kind| kind != counted);
    Reached {
        first: Some(first),
        also: kinds,
    }
}

fn kind_of(channel: Channel) -> Kind {
    match channel {
        Channel::Phone => Kind::Phone,
        Channel::Shop => Kind::Shop,
        Channel::Mail
        | Channel::Chat
        | Channel::Form
        | Channel::Social
        | Channel::Letter
        | Channel::App => Kind::Writing,
    }
}

/// The kind whose word stands in one clause with the number; `None` where two would do.
fn counted(brief: &Brief, tries: u32, kinds: &[Kind]) -> Option<Kind> {
    let chars: Vec<char> = brief.post.text.chars().take(SEARCHED_CHARS_MAX).collect();
    // A company that is called after telephones is no call.
    let us = fold_str(&brief.company.name);
    quote::clauses(&chars).into_iter().find_map(|clause| {
        let words: String = chars[clause.start..clause.end].iter().collect();
        if !has_number(&words, tries) {
            return None;
        }
        let folded = quote::without(&fold_str(&words), &us);
        let mut named = kinds.iter().filter(|&&kind| {
            stems(kind)
                .iter()
                .any(|stem| quote::has_stem(&folded, stem))
        });
        match (named.next(), named.next()) {
            (Some(&kind), None) => Some(kind),
            _ => None,
        }
    })
}

fn has_number(words: &str, n: u32) -> bool {
    let digits = n.to_string();
    let written = NUMBERS.get((n as usize).wrapping_sub(2)).copied();
    let text = Text::new(None, words);
    (0..text.words.len())
        .filter_map(|at| text.word(at))
        .any(|word| {
            let word = word.folded.as_str();
            word == digits
                || written.is_some_and(|written| written.split(' ').any(|known| known == word))
        })
}

fn stems(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Phone => &[
            "llam", "telefono", "call", "phone", "rang", "ligu", "ligac", "liga", "appel", "chiam",
            "anger", "anruf", "truc", "trucad",
        ],
        Kind::Writing => &[
            "escrib", "escrit", "escrev", "correo", "mail", "email", "mensaj", "wrote", "written",
            "messag", "formular", "form", "chat", "ecri", "courriel", "scri", "schrieb", "geschr",
            "escri", "correu", "missatg", "carta", "letter", "tuit", "tweet",
        ],
        Kind::Shop => &[
            "tienda", "oficina", "sucursal", "shop", "store", "branch", "loja", "magasin",
            "boutique", "negozio", "laden", "botiga",
        ],
    }
}

/// Two to ten in the seven languages, folded, with the words that say "so many times".
const NUMBERS: [&str; 9] = [
    "dos two twice dois duas deux due zwei zweimal dues",
    "tres three trois tre drei dreimal",
    "cuatro four quatro quatre quattro vier viermal",
    "cinco five cinq cinque funf funfmal cinc",
    "seis six sei sechs sechsmal sis",
    "siete seven sete sept sette sieben siebenmal set",
    "ocho eight oito huit otto acht achtmal vuit",
    "nueve nine nove neuf neun neunmal nou",
    "diez ten dez dix dieci zehn zehnmal deu",
];
