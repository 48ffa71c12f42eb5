//! What a draft may say about one customer, as the fillings of the frames.

use super::frames::{self, Frames};
use super::{Brief, check, contact, quote, when};
use crate::model::{Lang, SignalKind, Topic, digest_hex, fingerprint};

/// An author longer than this is no name that one would call out in public.
const NAME_CHARS_MAX: usize = 32;
/// From so many words on a quote is his alone.
const OWN_WORDS_MIN: usize = 8;
const NAME_WORDS_MAX: usize = 4;
/// So few words without a topic say that somebody is angry, and not why.
const VAGUE_WORDS_MAX: usize = 6;
/// Authors that are the absence of a name, folded.
const NOBODY: &[&str] = &[
    "anonimo",
    "anonima",
    "anonymous",
    "anonym",
    "anonyme",
    "anonim",
    "usuario",
    "usuaria",
    "user",
    "cliente",
    "customer",
    "client",
    "kunde",
    "guest",
    "invitado",
    "invitada",
    "unknown",
    "desconocido",
    "admin",
    "usuario anonimo",
    "usuario de google",
    "google user",
    "a google user",
    "n a",
    "utente",
    "utilisateur",
];

/// The fillings, the seed and the signature of one customer's drafts.
pub(super) struct Facts {
    fillings: Vec<(&'static str, String)>,
    seed: u64,
    signed: bool,
    /// His quoted words are too few to be his alone.
    pub is_brief: bool,
    /// He says in a few words that he is angry, and not what happened.
    pub is_vague: bool,
    pub signature: String,
}

impl Facts {
    pub(super) fn of(brief: &Brief, lang: Lang, frames: &Frames) -> Self {
        let name = name(brief, lang);
        // The greeting has the whole name, further on a first name is enough.
        // German calls nobody by his first name to whom it says Sie.
        let first = name.as_deref().map(|name| match lang {
            Lang::De => name,
            _ => first_name(name),
        });
        let mut facts = Self {
            fillings: Vec::new(),
            seed: seed(brief),
            signed: brief.signer().is_some(),
            is_brief: false,
            is_vague: false,
            signature: signature(brief),
        };
        facts.add("ref", brief.case_id.to_string());
        facts.add("company", brief.company.name.clone());
        facts.add("who", brief.signer().unwrap_or("").to_owned());
        facts.add_dates(brief, lang, frames, name.is_some());
        facts.add_signals(brief, frames);
        let greeting = match &name {
            Some(name) => frames.hi[0].replace("{name}", name),
            None => frames.hi[1].to_owned(),
        };
        facts.add("hi", greeting);
        if let Some(quote) = quote::pick(brief, lang) {
            let [open, close] = frames.quotes;
            facts.is_brief = quote.split(' ').count() < OWN_WORDS_MIN;
            facts.add("quote", format!("{open}{quote}{close}"));
        }
        // A few words may be those of another customer as well: his name stands by them.
        let call = first
            .filter(|_| facts.is_brief)
            .map_or(String::new(), |first| format!(", {first},"));
        facts.add("call", call);
        if let Some(first) = first {
            facts.add("name", first.to_owned());
        }
        if let Some((_, offer)) = brief.remedy(lang) {
            facts.add("offer", offer.to_owned());
        }
        let topic = facts.topic(brief).map(frames.topic);
        if let Some(topic) = topic {
            facts.add("matter", topic.to_owned());
        }
        facts.is_vague = is_vague(brief) && !facts.has("quote") && !facts.has("contact");
        facts.add("topic", topic.unwrap_or(frames.topic_none).to_owned());
        facts
    }

    /// What the answer will be about: that nobody answered him is owned before, and is not his trouble.
    fn topic(&self, brief: &Brief) -> Option<Topic> {
        let topics = &brief.verdict.topics;
        let mut others = topics.iter().filter(|&&topic| topic != Topic::Support);
        let other = others.next().filter(|_| self.has("contact"));
        other.or(topics.first()).copied()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A sentence of `group` for this customer: the seed says with which frame the turns begin, and
    /// every turn takes the next one, so that the drafts of one customer differ too.
    pub(super) fn sentence(&self, group: &[&str], place: usize, turn: usize) -> Option<String> {
        let seed = frames::mix(self.seed, place as u64);
        let first = (seed % group.len().max(1) as u64) as usize;
        (0..group.len()).find_map(|step| {
            let frame = group[(first + turn + step) % group.len()];
            let seed = frames::mix(seed, turn as u64);
            frames::fill(frame, seed, self.signed, |name| self.get(name))
        })
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.fillings
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, filling)| filling.as_str())
    }

    fn add(&mut self, name: &'static str, filling: String) {
        self.fillings.push((name, filling));
    }

    /// When he spoke and until when we act. Where he gives no name or the source no day, the case
    /// reference stands in, so that the sentence is still his alone. The hour is left out: in public
    /// it would sound as if we watched him.
    fn add_dates(&mut self, brief: &Brief, lang: Lang, frames: &Frames, named: bool) {
        let stamp = match brief.post.published {
            None => frames.stamp_ref.to_owned(),
            Some(at) => {
                let day = when::day(lang, at, brief.now, brief.zone);
                let stamp = if named {
                    frames.stamp_day
                } else {
                    frames.stamp_day_ref
                };
                stamp.replace("{day}", &day)
            }
        };
        let reference = brief.case_id.to_string();
        self.add("stamp", stamp.replace("{ref}", &reference));
        let promised = when::promise_at(brief.answer_by, brief.now, brief.zone);
        self.add("by", when::before(lang, promised, brief.now, brief.zone));
    }

    fn add_signals(&mut self, brief: &Brief, frames: &Frames) {
        let verdict = brief.verdict;
        if let Some(signal) = verdict.signal(SignalKind::UnansweredContact) {
            let reached = contact::of(brief, signal);
            self.add("contact", frames.failed_contact(&reached));
            // What speaks of our silence is for those whom nobody answered.
            if reached.is_silent {
                self.add("silent", String::new());
            }
        }
        let years = verdict
            .signal(SignalKind::Loyalty)
            .and_then(|signal| signal.years);
        // One year is not yet a loyalty to thank for.
        if let Some(years) = years.filter(|&years| years > 1) {
            self.add("years", frames.years_told(years));
        }
    }
}

fn is_vague(brief: &Brief) -> bool {
    let post = brief.post;
    let words = [post.title.as_deref().unwrap_or(""), &post.text];
    let n_words: usize = words
        .iter()
        .map(|text| text.split_whitespace().take(VAGUE_WORDS_MAX + 1).count())
        .sum();
    n_words <= VAGUE_WORDS_MAX && brief.verdict.topics.is_empty()
}

fn seed(brief: &Brief) -> u64 {
    let published = brief.post.published.map_or(0, |at| at.0).to_string();
    let hex = digest_hex(&[
        "draft",
        &fingerprint(brief.post),
        &brief.case_id.0,
        &published,
    ]);
    hex.get(..16)
        .and_then(|hex| u64::from_str_radix(hex, 16).ok())
        .unwrap_or(0)
}

fn signature(brief: &Brief) -> String {
    let signature = brief.company.signature.as_deref().unwrap_or("").trim();
    if signature.is_empty() {
        brief.company.name.clone()
    } else {
        signature.to_owned()
    }
}

fn first_name(name: &str) -> &str {
    let first = name.split(' ').next().unwrap_or(name);
    if first.chars().filter(|c| c.is_alphabetic()).count() > 2 {
        first
    } else {
        name
    }
}

/// The author as one may call him in public, or `None`: no name is invented, and nothing that is a
/// sentence, a link or an order gets into a draft by way of the author field.
fn name(brief: &Brief, lang: Lang) -> Option<String> {
    // "Carmen, librera" is called Carmen.
    let author = brief
        .post
        .author
        .as_deref()?
        .split([',', '(', '<'])
        .next()?;
    let name: String = author
        .chars()
        .take(4 * NAME_CHARS_MAX)
        .filter(|c| !c.is_control())
        .collect();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_plain = name
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | '\'' | '’' | '@'));
    let folded = crate::score::text::fold_str(&name);
    let fits = name.chars().count() <= NAME_CHARS_MAX
        && name.split(' ').count() <= NAME_WORDS_MAX
        && name.chars().any(char::is_alphabetic)
        // An address is not a name, and a handle has its @ in front.
        && !name.chars().skip(1).any(|c| c == '@');
    let is_somebody = !NOBODY.contains(&folded.as_str());
    (is_plain && fits && is_somebody && check::is_innocent(&name, lang)).then_some(name)
}
