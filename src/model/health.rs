//! How a source is: its rhythm, learnt from its own posts, and what the operator is told, and when.
//!
//! Absent: why a source cannot be read. The fetcher and the reader say that in their own words.

use jiff::tz::TimeZone;

use super::Timestamp;
use super::time::{DAY_MS, HOUR_MS};

/// The rhythm is learnt from this many days before the newest post.
pub const RHYTHM_DAYS: i64 = 60;
/// Fewer hours with posts, or posts over a shorter time, are no rhythm yet.
const HOURS_MIN: usize = 6;
const SPAN_HOURS_MIN: i64 = 3 * 24;
/// From two weeks on, a weekday with less than a twentieth of the posts (a seventh would be its share)
/// is a day on which the source rests: its hours do not count.
const WEEKDAYS_FROM_HOURS: i64 = 14 * 24;
const REST_SHARE: i64 = 20;
/// The usual gap: gaps no longer than it fill this share of the time, in percent. Weighing gaps by
/// their length asks "how long is the silence at any moment?", so that a hundred posts in one busy hour
/// do not make an hour of silence strange; leaving a fifth out forgives a holiday or our own outage.
const USUAL_PERCENT: i64 = 80;
/// Quiet is what lasts this many times as long as usual (reliability R42), and never less than a day:
/// an alarm within a day is asked for, and nights are usual.
const QUIET_TIMES: i64 = 3;
const QUIET_HOURS_MIN: i64 = 24;
/// A failure that may mend by itself is told after this many in a row.
const TOLD_AFTER_FAILURES: u32 = 3;
/// Whatever it is, it is told within this time; and a source that comes and goes raises one alarm in it.
const ALARM_MS: i64 = DAY_MS;

/// Posts that a source published in one hour; `hour` counts from 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HourCount {
    pub hour: i64,
    pub n: i64,
}

impl HourCount {
    pub fn hour_of(at: Timestamp) -> i64 {
        at.0.div_euclid(HOUR_MS)
    }
}

/// What a source usually does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// The usual gap between two posts, in hours; hours of rest do not count.
    pub usual_hours: i64,
    /// When the newest post was published, to the hour.
    pub newest_at: Timestamp,
    /// From then on its silence is not usual.
    pub quiet_at: Timestamp,
}

/// The rhythm of a source; `None` while it has shown none: such a source is never "quiet".
pub fn rhythm(counts: &[HourCount]) -> Option<Rhythm> {
    let newest = counts.iter().map(|count| count.hour).max()?;
    let mut recent: Vec<HourCount> = counts
        .iter()
        .filter(|count| count.n > 0 && count.hour > newest - RHYTHM_DAYS * 24)
        .copied()
        .collect();
    recent.sort_unstable();
    recent.dedup_by_key(|count| count.hour);
    let oldest = recent.first()?.hour;
    if recent.len() < HOURS_MIN || newest - oldest < SPAN_HOURS_MIN {
        return None;
    }
    let week = Week::of(&recent, newest - oldest);
    let mut gaps: Vec<i64> = recent
        .windows(2)
        .map(|pair| week.open_hours(pair[0].hour, pair[1].hour))
        .collect();
    gaps.sort_unstable();
    let all: i64 = gaps.iter().sum();
    let mut filled = 0;
    let usual = gaps.into_iter().find(|gap| {
        filled += gap;
        filled * 100 >= all * USUAL_PERCENT
    })?;
    let patience = (QUIET_TIMES * usual).max(QUIET_HOURS_MIN);
    Some(Rhythm {
        usual_hours: usual.max(1),
        newest_at: Timestamp(newest * HOUR_MS),
        quiet_at: Timestamp((week.after(newest, patience) + 1) * HOUR_MS),
    })
}

/// On which weekdays (of UTC) a source publishes.
struct Week([bool; 7]);

impl Week {
    fn of(counts: &[HourCount], span_hours: i64) -> Self {
        let mut shares = [0_i64; 7];
        for count in counts {
            shares[weekday(count.hour)] += count.n;
        }
        let all: i64 = shares.iter().sum();
        Self(shares.map(|n| span_hours < WEEKDAYS_FROM_HOURS || n * REST_SHARE >= all))
    }

    /// Hours after `from` up to `to` that lie on days of work.
    fn open_hours(&self, from: i64, to: i64) -> i64 {
        (from + 1..=to)
            .filter(|hour| self.0[weekday(*hour)])
            .count() as i64
    }

    /// The hour at which `wanted` open hours have passed since `from`.
    fn after(&self, from: i64, wanted: i64) -> i64 {
        let (mut hour, mut left) = (from, wanted);
        // At least one day of the week is open, or there would be no posts: this ends.
        while left > 0 && self.0.contains(&true) {
            hour += 1;
            left -= i64::from(self.0[weekday(hour)]);
        }
        hour
    }
}

fn weekday(hour: i64) -> usize {
    hour.div_euclid(24).rem_euclid(7) as usize
}

/// Posts a day in `zone` over the last `n_days`, the oldest first; the last is today.
pub fn posts_a_day(
    counts: &[HourCount],
    n_days: usize,
    now: Timestamp,
    zone: &TimeZone,
) -> Vec<i64> {
    let today = now.in_zone(zone).date();
    let mut days = vec![0; n_days];
    for count in counts {
        let at = Timestamp(count.hour.saturating_mul(HOUR_MS));
        let ago = (today - at.in_zone(zone).date()).get_days();
        if let Some(day) = usize::try_from(ago)
            .ok()
            .and_then(|ago| n_days.checked_sub(ago + 1))
        {
            days[day] += count.n;
        }
    }
    days
}

/// Numbers as eight heights, the greatest as the highest; nothing is the lowest, and any post is more
/// than nothing.
pub fn sparkline(numbers: &[i64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = numbers.iter().copied().max().unwrap_or(0).max(1);
    let height = |n: i64| if n <= 0 { 0 } else { 1 + (n * 6) / most };
    numbers
        .iter()
        .map(|n| BARS[height(*n).clamp(0, 7) as usize])
        .collect()
}

/// From when on a trouble is told, after the `n_failures`-th failure in a row at `now`; `since` is the
/// first of them, `next_at` the next look. Never later than a day after it began.
pub fn tell_at(
    is_lasting: bool,
    n_failures: u32,
    since: Timestamp,
    next_at: Timestamp,
    now: Timestamp,
) -> Timestamp {
    let latest = since.plus_ms(ALARM_MS);
    if is_lasting || n_failures >= TOLD_AFTER_FAILURES || next_at > latest {
        return now;
    }
    latest
}

/// What can be wrong with a source as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ailment {
    /// It cannot be read, or yields nothing.
    Blind,
    /// It can be read, and is silent against its own rhythm.
    Quiet,
}

impl Ailment {
    pub fn code(self) -> &'static str {
        match self {
            Self::Blind => "blind",
            Self::Quiet => "quiet",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        [Self::Blind, Self::Quiet]
            .into_iter()
            .find(|ailment| ailment.code() == code)
    }
}

/// What the database knows of a source's health.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// Since when it cannot be read.
    pub trouble_at: Option<Timestamp>,
    /// From when on that is worth an alarm.
    pub tell_at: Option<Timestamp>,
    pub quiet_at: Option<Timestamp>,
    pub last_ok_at: Option<Timestamp>,
    /// What the operator knows of.
    pub told_of: Option<Ailment>,
    /// The last alarm, also when all has been well since.
    pub alarmed_at: Option<Timestamp>,
}

/// What to tell the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    Nothing,
    Alarm(Ailment),
    AllClear,
}

impl Condition {
    /// What it suffers from. Silence counts only when it was heard: the source was read after the time
    /// at which its silence became strange.
    pub fn ailment(&self) -> Option<Ailment> {
        if self.trouble_at.is_some() {
            return Some(Ailment::Blind);
        }
        let quiet_at = self.quiet_at?;
        (self.last_ok_at? >= quiet_at).then_some(Ailment::Quiet)
    }

    /// One alarm an ailment, one all-clear when it is over; a source that comes and goes raises one
    /// alarm a day.
    pub fn word(&self, now: Timestamp) -> Word {
        let due = match self.ailment() {
            Some(Ailment::Blind) if self.tell_at.is_none_or(|at| at > now) => None,
            other => other,
        };
        let may_alarm = self
            .alarmed_at
            .is_none_or(|at| at > now || now >= at.plus_ms(ALARM_MS));
        match (self.told_of, due) {
            (None | Some(Ailment::Quiet), Some(Ailment::Blind)) if may_alarm => {
                Word::Alarm(Ailment::Blind)
            }
            (None, Some(Ailment::Quiet)) if may_alarm => Word::Alarm(Ailment::Quiet),
            // Blind again before the operator was told that it saw: to him it is the same trouble.
            (Some(Ailment::Blind), _) if self.trouble_at.is_none() => Word::AllClear,
            (Some(Ailment::Quiet), None) if self.ailment().is_none() => Word::AllClear,
            _ => Word::Nothing,
        }
    }
}
