//! The sentences of drafts, a file a language, and the little language they are written in.
//!
//! `{name}` is filled with a fact, and a frame whose fact is missing is not used. `[a/b]` is chosen
//! by
//! the customer's seed. `<a|b>` is `a` where a person signs and `b` where only the company does.
//! Facts are filled in last and never read as a frame: the customer's words stay words.

mod ca;
mod de;
mod en;
mod es;
mod fr;
mod it;
mod pt;

use super::contact::{Reached, Tries, Way};
use crate::model::{Channel, Lang, Topic};

/// What a language has to say. Every sentence carries something of one customer only.
pub(super) struct Frames {
    /// The greeting with a name, and without.
    pub hi: [&'static str; 2],
    /// First sentence where he tried to reach us in vain: own that first.
    pub open_contact: &'static [&'static str],
    /// First sentence otherwise.
    pub open_plain: &'static [&'static str],
    /// A sentence of its own for the years, by name.
    pub thanks: &'static [&'static str],
    /// Thank the years, then name the fault.
    pub fault_years: &'static [&'static str],
    /// The same where nothing he wrote can be quoted.
    pub years_bare: &'static [&'static str],
    /// The fault alone.
    pub fault: &'static [&'static str],
    pub fault_bare: &'static [&'static str],
    /// Last sentence: the next step with a date, in public.
    pub step: &'static [&'static str],
    /// With a remedy.
    pub step_offer: &'static [&'static str],
    /// For all who read it.
    pub step_all: &'static [&'static str],
    /// For one who may leave, and for one who has left.
    pub step_leave: &'static [&'static str],
    pub step_gone: &'static [&'static str],
    /// For legal threats, safety and privacy: nothing is admitted, nothing offered.
    pub careful_open: &'static [&'static str],
    pub careful_step: &'static [&'static str],
    /// First sentence where somebody or something is in danger: his safety comes first, and nothing is admitted.
    pub safety_open: &'static [&'static str],
    /// For a few words of anger that do not say what happened: what happened is asked.
    pub vague_open: &'static [&'static str],
    pub vague_step: &'static [&'static str],
    /// "del {day}"; with the reference where he gives no name; where the day is not known.
    pub stamp_day: &'static str,
    pub stamp_day_ref: &'static str,
    pub stamp_ref: &'static str,
    pub quotes: [&'static str; 2],
    /// "{n} años", and what one to ten are called.
    pub years: &'static str,
    pub numbers: [&'static str; 10],
    pub contact: Contact,
    pub topic: fn(Topic) -> &'static str,
    pub topic_none: &'static str,
}

/// How a failed attempt to reach us is told in a subordinate clause.
pub(super) struct Contact {
    pub verb: fn(Channel) -> &'static str,
    /// The count belongs to no channel that we can name.
    pub any: &'static str,
    /// Several ways of writing.
    pub wrote: &'static str,
    /// What else he tried: by telephone, in writing, in the shop.
    pub also: [&'static str; 3],
    /// Nobody answered the telephone; nobody answered at all; somebody or something did, in vain.
    pub nobody: [&'static str; 3],
    pub times: [&'static str; 10],
    pub times_n: &'static str,
    /// How often, where the words do not bear the count out.
    pub several: &'static str,
    /// With tries and days, with tries, with days, with neither.
    pub clause: [&'static str; 4],
}

pub(super) fn of(lang: Lang) -> &'static Frames {
    match lang {
        Lang::Es => &es::FRAMES,
        Lang::En => &en::FRAMES,
        Lang::Pt => &pt::FRAMES,
        Lang::Fr => &fr::FRAMES,
        Lang::It => &it::FRAMES,
        Lang::De => &de::FRAMES,
        Lang::Ca => &ca::FRAMES,
    }
}

impl Frames {
    /// "llamó cuatro veces en 14 días, escribió y nadie le contestó".
    pub(super) fn failed_contact(&self, reached: &Reached) -> String {
        let how = &self.contact;
        let verb = match reached.first {
            Some(Way::One(channel)) => (how.verb)(channel),
            Some(Way::Writing) => how.wrote,
            None => how.any,
        };
        let also: String = reached
            .also
            .iter()
            .map(|&other| how.also[other as usize])
            .collect();
        let nobody = match (reached.is_silent, reached.is_by_phone_alone()) {
            (true, true) => how.nobody[0],
            (true, false) => how.nobody[1],
            (false, _) => how.nobody[2],
        };
        let clause = match (reached.tries, reached.days) {
            (Some(_), Some(_)) => how.clause[0],
            (Some(_), None) => how.clause[1],
            (None, Some(_)) => how.clause[2],
            (None, None) => how.clause[3],
        };
        let times = match reached.tries {
            None => String::new(),
            Some(Tries::Several) => how.several.to_owned(),
            Some(Tries::Exactly(n)) => match how.times.get(n as usize - 1) {
                Some(word) => (*word).to_owned(),
                None => how.times_n.replace("{n}", &n.to_string()),
            },
        };
        clause
            .replace("{verb}", verb)
            .replace("{also}", &also)
            .replace("{nobody}", nobody)
            .replace("{times}", &times)
            .replace("{d}", &reached.days.unwrap_or(0).to_string())
    }

    /// "12 años", "tres años".
    pub(super) fn years_told(&self, years: u32) -> String {
        let number = match self.numbers.get((years as usize).wrapping_sub(1)) {
            Some(word) => (*word).to_owned(),
            None => years.to_string(),
        };
        self.years.replace("{n}", &number)
    }
}

/// Fills a frame; `None` when one of its facts is missing.
pub(super) fn fill<'f>(
    frame: &str,
    seed: u64,
    signed: bool,
    fact: impl Fn(&str) -> Option<&'f str>,
) -> Option<String> {
    let chosen = choose(frame, '[', ']', '/', |n, at| {
        (mix(seed, at as u64) % n as u64) as usize
    });
    let chosen = choose(&chosen, '<', '>', '|', |_, _| usize::from(!signed));
    let mut sentence = String::with_capacity(chosen.len() * 2);
    let mut rest = chosen.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        sentence.push_str(before);
        sentence.push_str(fact(name)?);
        rest = after;
    }
    sentence.push_str(rest);
    Some(capitalised(&sentence))
}

/// Replaces each bracketed group by one of its alternatives.
fn choose(
    frame: &str,
    open: char,
    close: char,
    between: char,
    pick: impl Fn(usize, usize) -> usize,
) -> String {
    let mut out = String::with_capacity(frame.len());
    let mut rest = frame;
    while let Some((before, after)) = rest.split_once(open) {
        let Some((group, after)) = after.split_once(close) else {
            break;
        };
        out.push_str(before);
        let options: Vec<&str> = group.split(between).collect();
        out.push_str(options[pick(options.len(), out.len()) % options.len()]);
        rest = after;
    }
    out.push_str(rest);
    out
}

fn capitalised(sentence: &str) -> String {
    let mut chars = sentence.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// One step of SplitMix64 (Steele, Lea, Flood 2014): spreads a seed and a counter over 64 bits.
pub(super) fn mix(seed: u64, counter: u64) -> u64 {
    let mut z = seed.wrapping_add(counter.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(frame: &str, signed: bool, expected: &str) {
        let fact = |name: &str| match name {
            "name" => Some("{ref} [a/b] <c|d>"),
            "who" => Some("Marta"),
            _ => None,
        };
        let got = fill(frame, 7, signed, fact);
        assert_eq!(got.as_deref().unwrap_or("not used"), expected);
    }

    #[test]
    fn frames_are_filled_once_and_only_with_facts_that_are_there() {
        check("hola, {name}.", true, "Hola, {ref} [a/b] <c|d>.");
        check("<soy {who}|somos nosotros>.", true, "Soy Marta.");
        check("<soy {who}|somos nosotros>.", false, "Somos nosotros.");
        check("[x/x] {missing}.", true, "not used");
        check("[uno/uno] y [dos/dos].", true, "Uno y dos.");
    }
}
