//! How a source is, in plain sentences: why, since when, and what to do.
//!
//! Absent: the words for what went wrong on the wire; whoever met it says it.

use jiff::tz::TimeZone;

use crate::model::{Ailment, Timestamp, Ui};

/// What is known of a source's health.
#[derive(Clone, Debug)]
pub struct SourceHealth {
    pub zone: TimeZone,
    pub ailment: Option<Ailment>,
    /// What happened last, in the words of whoever met it.
    pub trouble: Option<String>,
    pub trouble_at: Option<Timestamp>,
    pub last_ok_at: Option<Timestamp>,
    /// It has given posts at least once.
    pub has_shown: bool,
    pub newest_at: Option<Timestamp>,
    pub usual_hours: Option<i64>,
    /// What the last reading remarked, though it could be read.
    pub note: Option<String>,
}

impl SourceHealth {
    /// One word for a list and for programs.
    pub fn word(&self) -> &'static str {
        match self.ailment {
            Some(ailment) => ailment.code(),
            None if self.last_ok_at.is_none() => "unread",
            None if !self.has_shown => "empty",
            None => "well",
        }
    }

    /// The same word in the configured language.
    pub fn said(&self, ui: Ui) -> &'static str {
        match (ui, self.word()) {
            (Ui::Es, "blind") => "no se oye",
            (Ui::Es, "quiet") => "callada",
            (Ui::Es, "unread") => "sin leer",
            (Ui::Es, "empty") => "vacía",
            (Ui::Es, _) => "bien",
            (Ui::En, "unread") => "not read yet",
            (Ui::En, word) => word,
        }
    }

    /// Why it is as it is, and since when.
    pub fn why(&self, ui: Ui) -> String {
        let since = |at: Option<Timestamp>| at.map(|at| self.shown(at)).unwrap_or_default();
        match self.word() {
            "blind" => {
                let said = self.trouble.as_deref().unwrap_or_default();
                let at = since(self.trouble_at);
                match ui {
                    Ui::Es => format!("desde el {at}: {said}"),
                    Ui::En => format!("since {at}: {said}"),
                }
            }
            "quiet" => {
                let at = since(self.newest_at);
                let usual = usual(self.usual_hours.unwrap_or(1), ui);
                match ui {
                    Ui::Es => format!("no publica nada desde el {at}, y {usual}"),
                    Ui::En => format!("nothing published since {at}, and {usual}"),
                }
            }
            "unread" => ui
                .pick("todavía no se ha leído", "it has not been read yet")
                .to_owned(),
            "empty" => ui
                .pick(
                    "se puede leer, pero todavía no ha dado ninguna publicación",
                    "it can be read, but has not given any post yet",
                )
                .to_owned(),
            _ => self.well(ui),
        }
    }

    fn well(&self, ui: Ui) -> String {
        let said = match self.usual_hours {
            Some(hours) => usual(hours, ui),
            None => ui
                .pick(
                    "aún no se le conoce un ritmo",
                    "no rhythm is known of it yet",
                )
                .to_owned(),
        };
        let read = self.last_ok_at.map(|at| self.shown(at)).unwrap_or_default();
        let said = match ui {
            Ui::Es => format!("leída el {read}; {said}"),
            Ui::En => format!("read {read}; {said}"),
        };
        match (&self.note, ui) {
            (None, _) => said,
            (Some(note), Ui::Es) => format!("{said}; la última lectura avisa: {note}"),
            (Some(note), Ui::En) => format!("{said}; the last reading remarks: {note}"),
        }
    }

    /// What a person should do; `None` when nothing is to be done.
    pub fn todo(&self, ui: Ui) -> Option<&'static str> {
        let (es, en) = match self.word() {
            "blind" => (
                "abra la dirección en un navegador y corríjala en escucha.toml si ha cambiado; se \
                 sigue intentando",
                "open the address in a browser and correct it in escucha.toml if it has changed; \
                 it is tried on",
            ),
            "quiet" => (
                "mire en un navegador si hay algo nuevo; si lo hay, revise la dirección o select",
                "look in a browser whether there is anything new; if so, look at the address or \
                 select",
            ),
            "empty" => (
                "pruébela con «escucha try»; si debería dar publicaciones, revise la dirección, \
                 kind o select",
                "try it with \"escucha try\"; if it should give posts, look at the address, kind \
                 or select",
            ),
            _ => return None,
        };
        Some(ui.pick(es, en))
    }

    /// An instant as a person reads it.
    pub fn shown(&self, at: Timestamp) -> String {
        at.in_zone(&self.zone)
            .strftime("%d/%m/%Y %H:%M")
            .to_string()
    }
}

/// "lo habitual es una publicación cada 6 horas".
fn usual(hours: i64, ui: Ui) -> String {
    // Beyond two days nobody counts in hours.
    let (n, is_days) = if hours > 48 {
        ((hours + 12) / 24, true)
    } else {
        (hours, false)
    };
    match (ui, is_days, n) {
        (Ui::Es, _, 1) => "lo habitual es al menos una publicación por hora".to_owned(),
        (Ui::Es, true, n) => format!("lo habitual es una publicación cada {n} días"),
        (Ui::Es, false, n) => format!("lo habitual es una publicación cada {n} horas"),
        (Ui::En, _, 1) => "a post an hour or more is usual".to_owned(),
        (Ui::En, true, n) => format!("a post every {n} days is usual"),
        (Ui::En, false, n) => format!("a post every {n} hours is usual"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_says_why_and_since_when_and_what_to_do() {
        let at = Timestamp(1_800_000_000_000);
        let mut health = SourceHealth {
            zone: TimeZone::UTC,
            ailment: Some(Ailment::Quiet),
            trouble: None,
            trouble_at: Some(at),
            last_ok_at: Some(at),
            has_shown: true,
            newest_at: Some(at),
            usual_hours: Some(6),
            note: None,
        };
        assert_eq!(
            health.why(Ui::Es),
            "no publica nada desde el 15/01/2027 08:00, y lo habitual es una publicación cada 6 horas"
        );
        assert!(health.todo(Ui::Es).unwrap().contains("select"));
        health.ailment = Some(Ailment::Blind);
        health.trouble = Some("el servidor cierra la puerta".to_owned());
        assert_eq!(
            health.why(Ui::En),
            "since 15/01/2027 08:00: el servidor cierra la puerta"
        );
        health.ailment = None;
        health.usual_hours = Some(200);
        health.note = Some("41 of 42".to_owned());
        assert_eq!(
            health.why(Ui::Es),
            "leída el 15/01/2027 08:00; lo habitual es una publicación cada 8 días; la última \
             lectura avisa: 41 of 42"
        );
        assert_eq!((health.word(), health.todo(Ui::Es)), ("well", None));
        health.has_shown = false;
        assert_eq!(health.said(Ui::Es), "vacía");
    }
}
