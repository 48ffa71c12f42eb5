//! Ratings as people write them, scaled to 0 (worst) to 1 (best).

use std::sync::OnceLock;

use regex::Regex;

/// Stars, when no other scale is told.
const BEST_DEFAULT: f64 = 5.0;

/// "4,5", "4/5", "8 de 10", "width: 80%", "★★★☆☆", "4.5 out of 5 stars".
pub(super) fn parse(text: &str) -> Option<f64> {
    parse_on(text, None)
}

/// The same, on the scale from worst to best where the text tells none itself.
pub(super) fn parse_on(text: &str, told: Option<(f64, f64)>) -> Option<f64> {
    static PATTERN: OnceLock<Option<Regex>> = OnceLock::new();
    let n_full = text.matches(['★', '⭐']).count();
    if n_full > 0 {
        let n_all = n_full + text.matches('☆').count();
        return scale(n_full as f64, Some(n_all.max(5) as f64), None);
    }
    let pattern = PATTERN
        .get_or_init(|| {
            let number = r"(\d+(?:[.,]\d+)?)";
            let of = r"(?:/|de|of|out of|su|sur|von|em|sobre)";
            Regex::new(&format!(r"(?i){number}\s*(?:(%)|[\w]*\s*{of}\s*{number})?")).ok()
        })
        .as_ref()?;
    let found = pattern.captures(text)?;
    let said = found.get(1)?;
    let value = number(said.as_str())?;
    if found.get(2).is_some() {
        return scale(value, Some(100.0), None);
    }
    if let Some(best) = found.get(3).and_then(|best| number(best.as_str())) {
        return scale(value, Some(best), None);
    }
    let (worst, best) = told.unzip();
    // A hyphen is a sign only where ratings may be below zero: "stars-4" are four.
    let is_negative =
        worst.is_some_and(|worst| worst < 0.0) && text[..said.start()].ends_with(['-', '\u{2212}']);
    scale(if is_negative { -value } else { value }, best, worst)
}

/// `value` on the scale up to `best`; without one 5 is taken, or the next usual scale that holds
/// it. A `worst` below zero shifts the scale.
pub(super) fn scale(value: f64, best: Option<f64>, worst: Option<f64>) -> Option<f64> {
    let usual = [BEST_DEFAULT, 10.0, 100.0]
        .into_iter()
        .find(|&best| value <= best);
    let best = best.filter(|best| *best > 0.0).or(usual)?;
    let worst = worst.filter(|worst| *worst < 0.0).unwrap_or(0.0);
    let scaled = (value - worst) / (best - worst);
    (0.0..=1.0).contains(&scaled).then_some(scaled)
}

pub(super) fn number(text: &str) -> Option<f64> {
    let value: f64 = text.trim().replace(',', ".").parse().ok()?;
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<f64>) {
        assert_eq!(parse(text), expected, "{text}");
    }

    #[test]
    fn every_way_of_writing_a_rating_is_scaled() {
        check("4", Some(0.8));
        check("4,5", Some(0.9));
        check("4/5", Some(0.8));
        check("8 de 10", Some(0.8));
        check("Valoración: 3.5 out of 5 stars", Some(0.7));
        check("2 estrellas de 5", Some(0.4));
        check("width:80%", Some(0.8));
        check("★★★☆☆", Some(0.6));
        check("★", Some(0.2));
        check("8", Some(0.8));
        check("87", Some(0.87));
        check("7/5", None);
        check("muy malo", None);
        assert_eq!(scale(0.0, Some(2.0), Some(-2.0)), Some(0.5));
        assert_eq!(parse_on("3", Some((0.0, 10.0))), Some(0.3));
        assert_eq!(parse_on("3/5", Some((0.0, 10.0))), Some(0.6));
        assert_eq!(parse_on("-1", Some((-2.0, 2.0))), Some(0.25));
        assert_eq!(parse_on("stars-4", Some((0.0, 5.0))), Some(0.8));
    }
}
