//! Days on which the office is closed: a plain list of dates, or the calendar that a public body offers
//! (iCalendar, RFC 5545, all-day events).
//!
//! Absent: rules of recurrence but "every year"; what else recurs is told as a fault.

use std::collections::BTreeSet;

use jiff::civil::Date;

/// Closed days. A day may be of one year, or come every year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holidays {
    days: BTreeSet<Date>,
    /// Month and day.
    yearly: BTreeSet<(i8, i8)>,
}

/// What is wrong with a line of the calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HolidayFault {
    /// From 1.
    pub line: usize,
    pub fault: NoHoliday,
}

/// Why something is no holiday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoHoliday {
    /// No date where one is wanted.
    NoDate,
    /// A part of a day only.
    NotAWholeDay,
    /// It recurs otherwise than every year.
    Recurrence,
    /// It ends before it begins, or lasts for longer than [`LENGTH_DAYS_MAX`].
    Length,
}

/// The longest event that is taken for a holiday.
const LENGTH_DAYS_MAX: i32 = 60;

impl Holidays {
    /// Reads either form; what is wrong is left out and told.
    pub fn parse(text: &str) -> (Self, Vec<HolidayFault>) {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let is_calendar = text
            .trim_start()
            .get(.."BEGIN:VCALENDAR".len())
            .is_some_and(|head| head.eq_ignore_ascii_case("BEGIN:VCALENDAR"));
        if is_calendar {
            calendar(text)
        } else {
            list(text)
        }
    }

    pub fn contains(&self, date: Date) -> bool {
        self.days.contains(&date) || self.yearly.contains(&(date.month(), date.day()))
    }

    pub fn is_empty(&self) -> bool {
        self.days.is_empty() && self.yearly.is_empty()
    }
}

/// A date a line with an optional name: `2026-12-25 Navidad`, or without the year for every year.
fn list(text: &str) -> (Holidays, Vec<HolidayFault>) {
    let mut holidays = Holidays::default();
    let mut faults = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or("").trim();
        let Some(written) = line.split_whitespace().next() else {
            continue;
        };
        if let Ok(date) = written.parse::<Date>() {
            holidays.days.insert(date);
        } else if let Some(day) = month_day(written) {
            holidays.yearly.insert(day);
        } else {
            faults.push(HolidayFault {
                line: n + 1,
                fault: NoHoliday::NoDate,
            });
        }
    }
    (holidays, faults)
}

/// `12-25`, a day that some year has.
fn month_day(written: &str) -> Option<(i8, i8)> {
    let (month, day) = written.split_once('-')?;
    let is_number = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(month) || !is_number(day) {
        return None;
    }
    let date = Date::new(2_000, month.parse().ok()?, day.parse().ok()?).ok()?;
    Some((date.month(), date.day()))
}

/// One event while it is read.
#[derive(Default)]
struct Event {
    /// With the line where it stands.
    start: Option<(usize, Result<Date, NoHoliday>)>,
    end: Option<(usize, Result<Date, NoHoliday>)>,
    rule: Option<(usize, bool)>,
    is_cancelled: bool,
}

fn calendar(text: &str) -> (Holidays, Vec<HolidayFault>) {
    let mut holidays = Holidays::default();
    let mut faults = Vec::new();
    let mut event: Option<(usize, Event)> = None;
    for (n, line) in unfolded(text) {
        let Some((head, value)) = line.split_once(':') else {
            continue;
        };
        let name = head.split(';').next().unwrap_or("").to_ascii_uppercase();
        let value = value.trim();
        match (name.as_str(), &mut event) {
            ("BEGIN", _) if value.eq_ignore_ascii_case("VEVENT") => {
                event = Some((n, Event::default()));
            }
            ("END", Some((at, read))) if value.eq_ignore_ascii_case("VEVENT") => {
                if let Err(fault) = take(read, *at, &mut holidays) {
                    faults.push(fault);
                }
                event = None;
            }
            ("DTSTART", Some((_, read))) => read.start = Some((n, whole_day(value))),
            ("DTEND", Some((_, read))) => read.end = Some((n, whole_day(value))),
            ("RRULE", Some((_, read))) => read.rule = Some((n, is_every_year(value))),
            ("STATUS", Some((_, read))) => {
                read.is_cancelled = value.eq_ignore_ascii_case("CANCELLED");
            }
            _ => {}
        }
    }
    (holidays, faults)
}

fn take(event: &Event, at: usize, holidays: &mut Holidays) -> Result<(), HolidayFault> {
    if event.is_cancelled {
        return Ok(());
    }
    let told = |line: usize| move |fault: NoHoliday| HolidayFault { line, fault };
    let (line, start) = event.start.unwrap_or((at, Err(NoHoliday::NoDate)));
    let start = start.map_err(told(line))?;
    // The end does not belong to it (RFC 5545, section 3.6.1).
    let (line, end) = event.end.unwrap_or((line, Ok(start)));
    let end = end.map_err(told(line))?;
    let n_days = if end == start {
        1
    } else {
        start.until(end).map_or(0, |span| span.get_days())
    };
    if !(1..=LENGTH_DAYS_MAX).contains(&n_days) {
        return Err(told(line)(NoHoliday::Length));
    }
    let is_yearly = match event.rule {
        Some((line, false)) => return Err(told(line)(NoHoliday::Recurrence)),
        rule => rule.is_some(),
    };
    let days = start.series(jiff::Span::new().days(1));
    for day in days.take(usize::try_from(n_days).unwrap_or(0)) {
        if is_yearly {
            holidays.yearly.insert((day.month(), day.day()));
        } else {
            holidays.days.insert(day);
        }
    }
    Ok(())
}

/// `20261225`, or midnight of that day.
fn whole_day(value: &str) -> Result<Date, NoHoliday> {
    let (day, hour) = value.split_once('T').unwrap_or((value, "000000"));
    let digits = |range| {
        day.get(range)
            .and_then(|part: &str| part.parse::<i16>().ok())
    };
    let (year, month, number) = (digits(0..4), digits(4..6), digits(6..8));
    let date = (day.len() == 8)
        .then(|| {
            let narrow = |n: Option<i16>| i8::try_from(n?).ok();
            Date::new(year?, narrow(month)?, narrow(number)?).ok()
        })
        .flatten()
        .ok_or(NoHoliday::NoDate)?;
    if hour.trim_end_matches('Z') == "000000" {
        Ok(date)
    } else {
        Err(NoHoliday::NotAWholeDay)
    }
}

/// The same day every year, for ever: `FREQ=YEARLY`, and what says no more than that.
fn is_every_year(rule: &str) -> bool {
    rule.split(';').all(|part| {
        let part = part.to_ascii_uppercase();
        part == "FREQ=YEARLY"
            || part == "INTERVAL=1"
            || part.starts_with("WKST=")
            || part.starts_with("BYMONTH=")
            || part.starts_with("BYMONTHDAY=")
    })
}

/// Lines with those that go on with them (RFC 5545, section 3.1), and where each begins.
fn unfolded(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (n, line) in text.lines().enumerate() {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some((_, last))) => last.push_str(rest),
            _ => lines.push((n + 1, line.to_owned())),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The closed days of 2026 and 2027, and the lines with a fault.
    #[track_caller]
    fn check(text: &str, days: &[&str], lines: &[(usize, NoHoliday)]) {
        let (holidays, faults) = Holidays::parse(text);
        let first = Date::constant(2026, 1, 1);
        let found = first.series(jiff::Span::new().days(1)).take(730);
        let found: Vec<String> = found
            .filter(|day| holidays.contains(*day))
            .map(|day| day.to_string())
            .collect();
        assert_eq!(found, days);
        let faults: Vec<(usize, NoHoliday)> = faults.iter().map(|at| (at.line, at.fault)).collect();
        assert_eq!(faults, lines);
    }

    #[test]
    fn a_plain_list_has_a_date_a_line() {
        check("", &[], &[]);
        check(
            "# Madrid\n\n2026-12-25 Navidad # Christmas\n 2027-01-06\n",
            &["2026-12-25", "2027-01-06"],
            &[],
        );
        check(
            "05-01 Primero de mayo\r\n",
            &["2026-05-01", "2027-05-01"],
            &[],
        );
        check("\u{feff}2026-11-02", &["2026-11-02"], &[]);
        check(
            "25/12/2026\n2026-13-01\n02-30\nNavidad\n2026-11-02",
            &["2026-11-02"],
            &[1, 2, 3, 4].map(|line| (line, NoHoliday::NoDate)),
        );
    }

    fn ics(events: &str) -> String {
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n").replace('|', "\r\n")
    }

    #[test]
    fn a_calendar_has_all_day_events() {
        check(
            &ics(
                "BEGIN:VEVENT|DTSTART;VALUE=DATE:20261225|DTEND;VALUE=DATE:20261227|\
                  SUMMARY:Navidad: d|  os días|END:VEVENT|",
            ),
            &["2026-12-25", "2026-12-26"],
            &[],
        );
        check(
            &ics(
                "BEGIN:VEVENT|DTSTART;VALUE=DA| TE:20200501|RRULE:FREQ=YEARLY;WKST=MO|END:VEVENT|",
            ),
            &["2026-05-01", "2027-05-01"],
            &[],
        );
        check(
            &ics("BEGIN:VEVENT|DTSTART;TZID=Europe/Madrid:20261208T000000|\
                  DTEND;TZID=Europe/Madrid:20261209T000000|END:VEVENT|"),
            &["2026-12-08"],
            &[],
        );
        check(
            &ics("BEGIN:VEVENT|STATUS:CANCELLED|DTSTART:20261208|END:VEVENT|"),
            &[],
            &[],
        );
    }

    #[test]
    fn what_is_no_holiday_is_told_with_its_line() {
        check(
            &ics(
                "BEGIN:VEVENT|DTSTART:20261208T100000|DTEND:20261208T110000|END:VEVENT|\
                  BEGIN:VEVENT|DTSTART:20261209|RRULE:FREQ=WEEKLY|END:VEVENT|\
                  BEGIN:VEVENT|SUMMARY:nada|END:VEVENT|\
                  BEGIN:VEVENT|DTSTART:20261209|DTEND:20261201|END:VEVENT|\
                  BEGIN:VEVENT|DTSTART:2026é209|END:VEVENT|",
            ),
            &[],
            &[
                (4, NoHoliday::NotAWholeDay),
                (9, NoHoliday::Recurrence),
                (11, NoHoliday::NoDate),
                (16, NoHoliday::Length),
                (19, NoHoliday::NoDate),
            ],
        );
    }
}
