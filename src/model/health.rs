//! How a source is: its habit, learnt from its own posts, and what the operator is told, and when.
//!
//! Absent: why a source cannot be read. The fetcher and the reader say that in their own words.

use jiff::tz::TimeZone;

use super::Timestamp;
use super::time::{DAY_MS, HOUR_MS};

/// The habit is learnt from this many days before the newest post.
pub const HABIT_DAYS: i64 = 60;
/// Fewer hours with posts, or posts over a shorter time, are no habit yet.
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
pub struct Habit {
    /// The usual gap between two posts, in hours; hours of rest do not count.
    pub usual_hours: i64,
    /// When the newest post was published, to the hour.
    pub newest_at: Timestamp,
    /// From then on its silence is not usual.
    pub quiet_at: Timestamp,
}

/// The habit of a source; `None` while it has shown none: such a source is never "quiet".
pub fn habit(counts: &[HourCount]) -> Option<Habit> {
    let newest = counts.iter().map(|count| count.hour).max()?;
    let mut recent: Vec<HourCount> = counts
        .iter()
        .filter(|count| count.n > 0 && count.hour > newest - HABIT_DAYS * 24)
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
    Some(Habit {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A Monday at midnight, in hours.
    const MONDAY: i64 = 20_003 * 24;

    fn counts(hours: impl IntoIterator<Item = i64>) -> Vec<HourCount> {
        let count = |hour| HourCount {
            hour: MONDAY + hour,
            n: 1,
        };
        hours.into_iter().map(count).collect()
    }

    /// `expected`: the usual gap, and the hours of silence after the newest post that make it quiet.
    #[track_caller]
    fn check(hours: impl IntoIterator<Item = i64>, expected: &str) {
        let counts = counts(hours);
        let told = habit(&counts).map_or("none".to_owned(), |habit| {
            let silent = (habit.quiet_at.0 - habit.newest_at.0) / HOUR_MS - 1;
            format!("every {} h, quiet after {silent} h", habit.usual_hours)
        });
        assert_eq!(told, expected);
    }

    #[test]
    fn the_weeks_of_these_tests_begin_on_monday() {
        let at = Timestamp(MONDAY * HOUR_MS).in_zone(&TimeZone::UTC);
        assert_eq!(at.weekday(), jiff::civil::Weekday::Monday);
    }

    #[test]
    fn a_rhythm_is_learnt_from_the_gaps() {
        check((0..60).map(|day| day * 24), "every 24 h, quiet after 72 h");
        check((0..200).map(|n| n * 6), "every 6 h, quiet after 24 h");
        check(
            (0..10).map(|week| week * 168),
            "every 24 h, quiet after 504 h",
        ); // three Mondays
        check((0..9).map(|day| day * 24), "every 24 h, quiet after 72 h");
    }

    #[test]
    fn who_has_shown_no_rhythm_is_never_quiet() {
        check([], "none");
        check([0], "none");
        check([0, 900], "none"); // two posts a month apart
        check(0..20, "none"); // all in one day
        check([0, 700, 1_300, 2_000, 2_600, 3_300], "none"); // less than six in sixty days
    }

    #[test]
    fn bursts_and_holidays_do_not_make_usual_silence_strange() {
        // Thirty posts within a day and a half, every fifth day.
        let bursts = (0..12).flat_map(|n| (0..30).map(move |hour| n * 120 + hour));
        check(bursts, "every 91 h, quiet after 273 h");
        // Daily posts, and ten days of holiday.
        let holiday = (0..25).chain(35..60).map(|day| day * 24);
        check(holiday, "every 24 h, quiet after 72 h");
    }

    #[test]
    fn weekends_do_not_count_where_nobody_writes_on_them() {
        let workdays = (0..6 * 7).filter(|day| day % 7 < 5);
        let office = workdays.flat_map(|day| (8..18).map(move |hour| day * 24 + hour));
        // The last post is on Friday at 17 h: 45 hours without the weekend end on Tuesday at 14 h.
        check(office, "every 15 h, quiet after 93 h");
    }

    #[test]
    fn the_sparkline_tells_nothing_from_a_little() {
        assert_eq!(sparkline(&[0, 1, 2, 4, 100, 50, 0]), "▁▂▂▂█▅▁");
        assert_eq!(sparkline(&[]), "");
        assert_eq!(sparkline(&[0, 0]), "▁▁");
        assert_eq!(sparkline(&[1, 2, 3]), "▄▆█");
    }

    #[test]
    fn posts_are_counted_by_the_days_of_the_zone() {
        let madrid = TimeZone::get("Europe/Madrid").unwrap();
        let now = Timestamp((MONDAY + 12) * HOUR_MS);
        // 23 h in UTC is Monday in Madrid already; 22 h of the Sunday before is a day older.
        let counts = counts([0, -1, -3, -27, 30]);
        assert_eq!(posts_a_day(&counts, 3, now, &madrid), [1, 1, 2]);
    }

    const HOUR: i64 = HOUR_MS;

    #[track_caller]
    fn check_tell(lasting: bool, n: u32, since: i64, next: i64, now: i64, expected: i64) {
        let at = |hour| Timestamp(hour * HOUR);
        assert_eq!(
            tell_at(lasting, n, at(since), at(next), at(now)),
            at(expected)
        );
    }

    #[test]
    fn a_trouble_is_told_within_a_day() {
        check_tell(true, 1, 0, 24, 0, 0); // it will not mend by itself
        check_tell(false, 1, 0, 1, 0, 24); // it may
        check_tell(false, 3, 0, 3, 2, 2); // it did not
        check_tell(false, 1, 0, 25, 0, 0); // nobody would look again in time
    }

    /// Plays `(hour, trouble?)` readings, each followed by a look, and tells what the operator hears.
    #[track_caller]
    fn check_words(readings: &[(i64, bool)], quiet_at: Option<i64>, expected: &str) {
        let mut condition = Condition {
            quiet_at: quiet_at.map(|hour| Timestamp(hour * HOUR)),
            ..Condition::default()
        };
        let mut heard = Vec::new();
        for (hour, is_trouble) in readings {
            let now = Timestamp(hour * HOUR);
            if *is_trouble {
                condition.trouble_at = condition.trouble_at.or(Some(now));
                condition.tell_at = condition.tell_at.or(Some(now));
            } else {
                condition.trouble_at = None;
                condition.tell_at = None;
                condition.last_ok_at = Some(now);
            }
            match condition.word(now) {
                Word::Nothing => {}
                Word::Alarm(ailment) => {
                    condition.told_of = Some(ailment);
                    condition.alarmed_at = Some(now);
                    heard.push(format!("{hour} {}", ailment.code()));
                }
                Word::AllClear => {
                    condition.told_of = None;
                    heard.push(format!("{hour} well"));
                }
            }
        }
        assert_eq!(heard.join(", "), expected);
    }

    #[test]
    fn one_alarm_and_one_all_clear() {
        check_words(&[(0, true), (1, true), (30, true)], None, "0 blind");
        check_words(
            &[(0, true), (1, false), (2, false)],
            None,
            "0 blind, 1 well",
        );
        check_words(&[(0, false), (1, false)], None, "");
        check_words(
            &[(9, false), (10, false), (40, false)],
            Some(10),
            "10 quiet",
        );
    }

    #[test]
    fn a_source_that_comes_and_goes_raises_one_alarm_a_day() {
        let flapping: Vec<(i64, bool)> = (0..48).map(|hour| (hour, hour % 2 == 0)).collect();
        check_words(&flapping, None, "0 blind, 1 well, 24 blind, 25 well");
        // Blind for good after an all-clear: told within a day all the same.
        let relapse = [(0, true), (1, false), (2, true), (20, true), (24, true)];
        check_words(&relapse, None, "0 blind, 1 well, 24 blind");
    }

    #[test]
    fn silence_counts_only_when_it_was_heard() {
        // The service itself stood still from 5 to 40.
        check_words(&[(5, false)], Some(10), "");
        let asleep = [(5, false), (40, true), (41, true)];
        check_words(&asleep, Some(10), "40 blind");
        check_words(&[(5, false), (40, false)], Some(10), "40 quiet");
    }
}
