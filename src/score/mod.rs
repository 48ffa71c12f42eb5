//! Finds the posts of unhappy customers about us, and explains every point.
//!
//! [`Scorer::verdict`] reads a text once ([`reading`]: words, lexicon, patterns of its language's
//! [`pack`]) and asks it, in this order: how it feels ([`sentiment`]), which facts it tells
//! ([`signals`]), of what it speaks ([`topics`]), whom it is about ([`target`]), whether it is a
//! complaint ([`probability`]), and how urgent it is ([`risk`]).
//!
//! **Invariant:** pure and total: any text gets a verdict, the same one every time.

mod account;
pub mod change;
pub mod contrast;
pub mod crowd;
mod keys;
pub mod language;
pub mod lint;
mod meaning;
pub mod model;
pub mod opinion;
mod own;
pub mod pack;
mod pattern;
mod probability;
pub mod query;
mod reading;
mod risk;
mod rivals;
pub mod rules;
mod sentiment;
mod signals;
mod target;
pub mod text;
pub mod topics;
pub mod trained;
mod unanswered;
mod valence;
mod vocabulary;

use std::sync::Arc;

pub use self::account::{Account, Traits, Weighed};
use self::language::{Guess, table::Table};
use self::opinion::Opinions;
use self::pack::Packs;
use self::probability::Evidence;
pub use self::probability::Fact;
use self::query::{Query, Subject};
use self::reading::Reading;
use self::rules::{Rules, Watch};
use self::sentiment::Sentiment;
use self::target::Aim;
use self::text::Text;
use self::trained::Trained;
use crate::model::{
    Circumstances, Company, Lang, Level, Millionths, Reach, Reason, SignalKind, Span, Target,
    Timestamp, Ui, Verdict,
};

/// Judges posts by one set of rules. Cheap to keep, so it is made anew when the rules change.
#[derive(Clone, Debug)]
pub struct Scorer {
    rules: Rules,
    context: Context,
}

/// What the scorer must know beside the rules.
#[derive(Clone, Debug, Default)]
pub struct Context {
    pub company: Company,
    /// The language of the reasons.
    pub ui: Ui,
    /// What judges in place of the embedded models.
    pub trained: Option<Arc<Trained>>,
}

/// One post as the scorer reads it. All text is plain text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sample<'a> {
    pub title: Option<&'a str>,
    pub text: &'a str,
    pub author: Option<&'a str>,
    pub url: Option<&'a str>,
    /// The language that the source declares: a prior, not an order.
    pub lang: Option<Lang>,
    /// 0 (worst) to 1 (best).
    pub rating: Option<f64>,
    /// Years and silences count from here, else from `now`.
    pub published: Option<Timestamp>,
    /// The name of its source, for watches that listen to some only.
    pub source: Option<&'a str>,
    /// Names of the watches that every post of its source matches.
    pub about: &'a [String],
    /// How many people read its source.
    pub reach: Reach,
    /// What else is known of it.
    pub circumstances: Circumstances,
}

/// Places where a watch matches that are looked at; more say nothing new.
const OURS_MAX: usize = 200;
/// Opinions on signals are asked for from this share of the probability of a doubt on.
const OPINION_SHARE: i64 = 2;

impl Scorer {
    pub fn new(rules: Rules, context: Context) -> Self {
        Self { rules, context }
    }

    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The verdict on one post.
    ///
    /// ```
    /// use escucha::model::{Level, Timestamp};
    /// use escucha::score::{Context, Sample, Scorer, rules::Rules};
    ///
    /// let scorer = Scorer::new(Rules::default(), Context::default());
    /// let sample = Sample { text: "Llevo dos semanas sin internet y nadie contesta", ..Sample::default() };
    /// let verdict = scorer.verdict(&sample, Timestamp(1_795_000_000_000));
    /// assert_eq!(verdict.level, Level::Complaint);
    /// assert_eq!(verdict.signals[0].waited_days, Some(14));
    /// ```
    pub fn verdict(&self, sample: &Sample<'_>, now: Timestamp) -> Verdict {
        let packs = Packs::embedded();
        let text = Text::new(sample.title, sample.text);
        let guess = language_of(sample);
        let Some(pack) = packs.get(guess.read) else {
            return silent();
        };
        let subject = subject(sample, &text, guess.told);
        let matching = self.matching(sample, &subject, guess.told);
        let ours = self.ours(&matching, &subject);
        let reading = Reading::new(&text, pack, &ours);
        let sentiment = Sentiment::of(&reading, packs);
        let is_given = |watch: &&Watch| sample.about.contains(&watch.name);
        let given = self.rules.watches.is_empty() || matching.iter().any(is_given);
        let aim = Aim {
            company: &self.context.company,
            ours: &ours,
            given,
        };
        let aimed = target::target(&reading, &sentiment, &aim);
        let evidence = self.evidence(sample, &reading, &sentiment, &ours);
        let probability = probability::probability(&evidence);
        let compound = sentiment.compound(probability::facts(&reading));
        let mut verdict = Verdict {
            lang: guess.told,
            complaint_probability: Millionths::from_f64(probability),
            sentiment: Millionths::from_f64(compound),
            target: aimed.target,
            level: Level::None,
            risk: 0,
            signals: Vec::new(),
            topics: Vec::new(),
            watches: live(&matching),
            why: Vec::new(),
        };
        let published = sample.published.unwrap_or(now);
        let opinions = self.add_facts(&mut verdict, &reading, &ours, published);
        let about = About {
            subject: &subject,
            rival: aimed.rival,
            trial: matching.first().filter(|watch| watch.trial).copied(),
        };
        let limit = self.limit(sample, &about, &verdict, now);
        let by_probability = self.level(verdict.complaint_probability);
        verdict.level = by_probability.min(limit.level);
        if verdict.level > Level::None {
            verdict.why = risk::reasons(&risk::Case {
                rules: &self.rules,
                ui: self.context.ui,
                subject: &subject,
                lang: guess.told,
                signals: &verdict.signals,
                sentiment: compound,
                worst: worst(&reading, &sentiment),
                customers: self.context.company.customers,
                is_complaint: by_probability == Level::Complaint,
                sample,
                ours: &ours,
            });
            verdict.risk = risk::risk(&verdict.why);
        }
        let alarms = verdict.level == Level::Complaint && self.is_urgent(&verdict, &matching);
        if alarms && opinion::is_alarm(&verdict, &reading, &opinions) {
            verdict.level = Level::Urgent;
        }
        if by_probability > Level::None {
            verdict.why.extend(limit.reason);
        }
        verdict
    }

    fn evidence<'a>(
        &'a self,
        sample: &Sample<'_>,
        reading: &'a Reading<'a>,
        sentiment: &'a Sentiment,
        ours: &'a [Span],
    ) -> Evidence<'a> {
        Evidence {
            reading,
            sentiment,
            ours,
            rating: sample.rating,
            trained: self.trained(),
            models: self.models_say(sample, ours),
        }
    }

    /// The verdict with one reason more: risk and level follow.
    pub fn and(&self, verdict: &Verdict, reason: Reason) -> Verdict {
        let mut verdict = verdict.clone();
        verdict.why.push(reason);
        verdict.risk = risk::risk(&verdict.why);
        let watches = self.rules.watches.iter();
        let matching = watches.filter(|watch| verdict.watches.contains(&watch.name));
        let matching: Vec<&Watch> = matching.collect();
        if verdict.level == Level::Complaint && self.is_urgent(&verdict, &matching) {
            verdict.level = Level::Urgent;
        }
        verdict
    }

    /// True for what we wrote ourselves.
    pub fn is_own(&self, author: Option<&str>, url: Option<&str>) -> bool {
        own::is_own(&self.context.company, author, url)
    }

    fn trained(&self) -> &Trained {
        let own = self.context.trained.as_deref();
        own.unwrap_or_else(|| Trained::embedded())
    }

    /// The logits of the models, of posts and of lines; our own name says nothing to them.
    fn models_say(&self, sample: &Sample<'_>, ours: &[Span]) -> [f64; 2] {
        self.trained().logits(&model::grams::Source {
            title: sample.title,
            text: sample.text,
            ours,
        })
    }

    /// True when a watch of this file or of the other finds the post: else both say the same of it.
    pub fn either_finds(&self, other: &Self, sample: &Sample<'_>) -> bool {
        let text = Text::new(sample.title, sample.text);
        let lang = language_of(sample).told;
        let subject = subject(sample, &text, lang);
        let mut watches = self.rules.watches.iter().chain(&other.rules.watches);
        watches.any(|watch| watch.finds(sample, &subject, lang))
    }

    /// Where a watch finds us first.
    pub fn names_us(&self, sample: &Sample<'_>) -> Option<Span> {
        let text = Text::new(sample.title, sample.text);
        let lang = language_of(sample).told;
        let subject = subject(sample, &text, lang);
        let matching = self.matching(sample, &subject, lang);
        self.ours(&matching, &subject).into_iter().min()
    }

    /// The watches that match, in the order of the file; those on trial only where no other does.
    fn matching(
        &self,
        sample: &Sample<'_>,
        subject: &Subject<'_>,
        lang: Option<Lang>,
    ) -> Vec<&Watch> {
        let of = |trial: bool| {
            let watches = self.rules.watches.iter();
            let watches = watches.filter(move |watch| watch.trial == trial);
            watches
                .filter(|watch| watch.finds(sample, subject, lang))
                .collect::<Vec<_>>()
        };
        let live = of(false);
        if live.is_empty() { of(true) } else { live }
    }

    /// Where the text names us: by the watches, without any by the company's name.
    fn ours(&self, matching: &[&Watch], subject: &Subject<'_>) -> Vec<Span> {
        if self.rules.watches.is_empty()
            && let Ok(name) = Query::phrase(&self.context.company.name)
        {
            let mut ours = name.hits(subject);
            ours.truncate(OURS_MAX);
            return ours;
        }
        let hits = matching.iter().flat_map(|watch| watch.query.hits(subject));
        hits.take(OURS_MAX).collect()
    }

    /// Which entries of the file stand in a post, whatever comes of it: also those on trial, and
    /// silences that are over.
    pub fn fired(&self, sample: &Sample<'_>) -> Fired {
        let text = Text::new(sample.title, sample.text);
        let lang = language_of(sample).told;
        let subject = subject(sample, &text, lang);
        let Rules {
            watches,
            keywords,
            silences,
            ..
        } = &self.rules;
        Fired {
            watches: places(watches, |watch| watch.finds(sample, &subject, lang)),
            keywords: places(keywords, |word| word.finds(&subject, lang).is_some()),
            silences: places(silences, |silence| silence.query.matches(&subject)),
        }
    }

    /// What it is about, and the facts of a writer and us: news, praise and trouble with others tell of lawyers, fires and
    /// years too. Returns what is thought of each kind.
    fn add_facts(
        &self,
        verdict: &mut Verdict,
        reading: &Reading<'_>,
        ours: &[Span],
        published: Timestamp,
    ) -> Opinions {
        let counted = topics::counted(reading);
        verdict.topics = topics::named(&counted);
        let probability = verdict.complaint_probability;
        let share = self.rules.levels.doubt_at / OPINION_SHARE;
        if verdict.target == Target::Other || probability.0 < share {
            return opinion::none();
        }
        let found = signals::signals(reading, ours, published);
        let traits = opinion::traits(reading, ours, &found, probability.to_f64());
        let opinions = opinion::opinions(&traits);
        verdict.topics = topics::heard(&traits[0], &counted, &found);
        if self.level(probability) > Level::None {
            verdict.signals = found;
        }
        signals::believe(&mut verdict.signals, &opinions, reading, published);
        opinions
    }

    fn level(&self, probability: Millionths) -> Level {
        match probability.0 {
            p if p >= self.rules.levels.complaint_at => Level::Complaint,
            p if p >= self.rules.levels.doubt_at => Level::Doubt,
            _ => Level::None,
        }
    }

    /// How high the level may be at most, and why.
    fn limit(
        &self,
        sample: &Sample<'_>,
        about: &About<'_>,
        verdict: &Verdict,
        now: Timestamp,
    ) -> Limit {
        let ui = self.context.ui;
        let limit = |level, because: &str, span| Limit {
            level,
            reason: Some(Reason {
                points: 0,
                because: because.to_owned(),
                span,
            }),
        };
        if own::is_own(&self.context.company, sample.author, sample.url) {
            let because = ui.pick("lo hemos escrito nosotros", "we wrote it ourselves");
            return limit(Level::None, because, None);
        }
        if let Some(Watch { name, .. }) = about.trial {
            let because = match ui {
                Ui::Es => format!("solo lo encuentra «{name}», que está en prueba y aún no avisa"),
                Ui::En => format!("only “{name}” finds it, which is on trial and tells nobody yet"),
            };
            return limit(Level::None, &because, None);
        }
        if !self.rules.watches.is_empty() && verdict.watches.is_empty() {
            let because = ui.pick("no habla de nosotros", "does not speak of us");
            return limit(Level::None, because, None);
        }
        if verdict.target == Target::Other {
            let because = ui.pick(
                "el enfado es con otra empresa",
                "the anger is at another company",
            );
            return limit(Level::None, because, about.rival);
        }
        let today = now.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date();
        let silence = self
            .rules
            .silences
            .iter()
            .find(|silence| silence.until >= today && silence.query.matches(about.subject));
        if let Some(silence) = silence {
            let because = match ui {
                Ui::Es => format!(
                    "en silencio hasta el {}: {}",
                    silence.until, silence.because
                ),
                Ui::En => format!("silenced until {}: {}", silence.until, silence.because),
            };
            let span = silence.query.first(about.subject).flatten();
            return limit(Level::Doubt, &because, span);
        }
        if verdict.target == Target::Unclear {
            let because = ui.pick(
                "no está claro con quién es el enfado",
                "it is not clear whom the anger is about",
            );
            return limit(Level::Doubt, because, about.rival);
        }
        Limit {
            level: Level::Complaint,
            reason: None,
        }
    }

    fn is_urgent(&self, verdict: &Verdict, matching: &[&Watch]) -> bool {
        let default = self.rules.levels.urgent_at;
        let at = matching
            .iter()
            .map(|watch| watch.urgent_at.unwrap_or(default))
            .min()
            .unwrap_or(default);
        verdict.has(SignalKind::Safety) || verdict.risk >= at
    }
}

/// Entries of a keyword file, by their places in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fired {
    pub watches: Vec<usize>,
    pub keywords: Vec<usize>,
    pub silences: Vec<usize>,
}

fn places<T>(entries: &[T], is: impl Fn(&T) -> bool) -> Vec<usize> {
    (0..entries.len()).filter(|at| is(&entries[*at])).collect()
}

/// What a limit is judged by, beside the sample and its verdict.
struct About<'a> {
    subject: &'a Subject<'a>,
    rival: Option<Span>,
    /// The watch on trial that alone finds it.
    trial: Option<&'a Watch>,
}

/// The names of those that are not on trial.
fn live(matching: &[&Watch]) -> Vec<String> {
    let live = matching.iter().filter(|watch| !watch.trial);
    live.map(|watch| watch.name.clone()).collect()
}

fn language_of(sample: &Sample<'_>) -> Guess {
    let table = Table::embedded();
    language::guess(sample.title, sample.text, sample.lang, &table)
}

/// What queries are asked about.
fn subject<'a>(sample: &Sample<'a>, text: &'a Text, lang: Option<Lang>) -> Subject<'a> {
    Subject::new(text)
        .in_lang(lang)
        .by(sample.author)
        .from(sample.source)
}

struct Limit {
    level: Level,
    reason: Option<Reason>,
}

fn worst(reading: &Reading<'_>, sentiment: &Sentiment) -> Option<Span> {
    let worst = sentiment
        .feelings
        .iter()
        .min_by(|a, b| a.valence.total_cmp(&b.valence))
        .filter(|worst| worst.valence < 0.0)?;
    reading.span(worst.at, worst.last())
}

/// The verdict of a program without any language, which the embedded data does not allow.
fn silent() -> Verdict {
    Verdict {
        lang: None,
        complaint_probability: Millionths(0),
        sentiment: Millionths(0),
        target: Target::Unclear,
        level: Level::None,
        risk: 0,
        signals: Vec::new(),
        topics: Vec::new(),
        watches: Vec::new(),
        why: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
