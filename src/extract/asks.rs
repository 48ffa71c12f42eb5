//! What a feed says about its own reading: `ttl`, `sy:updatePeriod`, `skipHours`, `skipDays`.
//!
//! Looked for before the first entry, where all writers put it. Absent: what follows from it
//! (`model::next_check`).

use super::gate::{is_entry, local};
use super::lexer::{Piece, Rules, pieces};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The wishes of one feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Asks {
    pub(super) ttl_ms: Option<i64>,
    /// Bit 0 is midnight, in UTC.
    pub(super) skip_hours: u32,
    /// Bit 0 is Monday.
    pub(super) skip_days: u8,
}

pub(super) fn of_feed(text: &str) -> Asks {
    let mut asks = Asks::default();
    let (mut ttl, mut period, mut frequency) = (None, None, 1);
    let mut inside = "";
    for (_, piece) in pieces(text, Rules::XmlLoose) {
        match piece {
            Piece::Start(start) if is_entry(local(start.name)) => break,
            Piece::Start(start) => inside = local(start.name),
            Piece::End(_) => inside = "",
            Piece::Text(text) | Piece::CData(text) => {
                let text = text.trim();
                match inside {
                    "ttl" => ttl = number(text).map(|minutes| minutes * MINUTE_MS),
                    "updatePeriod" => period = period_ms(text),
                    "updateFrequency" => frequency = number(text).unwrap_or(1).max(1),
                    "hour" => {
                        // Both 0 and 24 have been written for midnight.
                        let hour = number(text).filter(|hour| *hour <= 24);
                        asks.skip_hours |= hour.map_or(0, |hour| 1 << (hour % 24));
                    }
                    "day" => {
                        let name = text.to_ascii_lowercase();
                        let day = DAYS.iter().position(|day| name.starts_with(day));
                        asks.skip_days |= day.map_or(0, |day| 1 << day);
                    }
                    _ => {}
                }
            }
            Piece::CDataOpen(_) | Piece::Other => {}
        }
    }
    let update = period.map(|ms| ms / frequency);
    asks.ttl_ms = ttl.max(update).filter(|ms| *ms > 0);
    asks
}

/// A whole number of reasonable size.
fn number(text: &str) -> Option<i64> {
    text.parse().ok().filter(|n| (0..=1_000_000).contains(n))
}

fn period_ms(text: &str) -> Option<i64> {
    let hours = match text.to_ascii_lowercase().as_str() {
        "hourly" => 1,
        "daily" => 24,
        "weekly" => 7 * 24,
        "monthly" => 30 * 24,
        "yearly" => 365 * 24,
        _ => return None,
    };
    Some(hours * HOUR_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(channel: &str, expected: (Option<i64>, u32, u8)) {
        let text = format!(
            "<rss><channel>{channel}<item><ttl>9</ttl><hour>9</hour></item></channel></rss>"
        );
        let asks = of_feed(&text);
        let minutes = asks.ttl_ms.map(|ms| ms / MINUTE_MS);
        assert_eq!(
            (minutes, asks.skip_hours, asks.skip_days),
            expected,
            "{channel}"
        );
    }

    #[test]
    fn rules_11_and_13_wishes_before_the_first_entry() {
        check("", (None, 0, 0));
        check("<ttl> 60 </ttl>", (Some(60), 0, 0));
        check("<ttl>nunca</ttl><ttl/>", (None, 0, 0));
        check("<ttl>-5</ttl>", (None, 0, 0));
        check("<ttl>99999999999999999999</ttl>", (None, 0, 0));
        check(
            "<sy:updatePeriod>\n\thourly\t</sy:updatePeriod>",
            (Some(60), 0, 0),
        );
        check(
            "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>",
            (Some(360), 0, 0),
        );
        check(
            "<ttl>30</ttl><sy:updatePeriod>hourly</sy:updatePeriod>\
             <sy:updateFrequency>0</sy:updateFrequency>",
            (Some(60), 0, 0),
        );
        check(
            "<skipHours><hour>0</hour><hour>24</hour><hour>2</hour></skipHours>",
            (None, 0b101, 0),
        );
        check(
            "<skipHours><hour>25</hour><hour>x</hour></skipHours>",
            (None, 0, 0),
        );
        check(
            "<skipDays><day>Saturday</day><day>sunday</day><day>fiesta</day></skipDays>",
            (None, 0, 0b110_0000),
        );
    }
}
