//! Hours and days of `[alerts]`: when the office is open, and when digests are made.

use std::path::Path;

use jiff::civil::{Time, Weekday};

use super::complaints::{Said, said, shown};
use super::reader::{File, Section, Value};
use super::secrets::World;
use super::syntax;
use crate::model::{Holidays, NoHoliday, OfficeHours};

/// The hours that count; `None`: all of them.
pub(super) fn of(section: &Section, world: &World) -> Option<OfficeHours> {
    let hours = section
        .get("office_hours")
        .and_then(|hours| office_hours(&hours));
    let holidays = section
        .get("holidays")
        .and_then(|file| holidays(section, &file, &world.base));
    match holidays {
        Some(holidays) => Some(hours.unwrap_or_else(OfficeHours::always).but(holidays)),
        None => hours,
    }
}

fn office_hours(value: &Value) -> Option<OfficeHours> {
    match OfficeHours::parse(value.text()?) {
        Ok(hours) => Some(hours),
        Err(fault) => {
            value.complain(
                said!(
                    "no es un horario válido",
                    "these are no office hours: {fault}"
                ),
                said!(
                    "escriba por ejemplo lun-vie 09:00-14:00,16:00-19:00; sáb 10:00-13:00",
                    "write Mon-Fri 09:00-14:00,16:00-19:00; Sat 10:00-13:00, say"
                ),
            );
            None
        }
    }
}

/// What a clock on the wall shows: `08:30`.
pub(super) fn time(value: &Value) -> Option<Time> {
    let text = value.text()?.trim();
    let is_clock = text.len() == 5 && text.as_bytes()[2] == b':';
    match text.parse::<Time>() {
        Ok(time) if is_clock => Some(time),
        _ => value.wants(said!("una hora como 08:30", "a time such as 08:30")),
    }
}

/// A day of the week by its name: `lun`, `lunes`, `Mon`.
pub(super) fn weekday(value: &Value) -> Option<Weekday> {
    match OfficeHours::weekday(value.text()?) {
        Some(day) => Some(day),
        None => value.wants(said!(
            "un día de la semana: lun, mar, mié, jue, vie, sáb o dom",
            "a day of the week: Mon, Tue, Wed, Thu, Fri, Sat or Sun"
        )),
    }
}

/// The days of a calendar file; what is wrong in it is told with its line there.
fn holidays(section: &Section, value: &Value, base: &Path) -> Option<Holidays> {
    let path = value.text()?;
    let (file, is_read) = syntax::open(&base.join(path), shown(path));
    if !is_read {
        let path = shown(path);
        value.complain(
            said!("no se puede leer {path}", "{path} cannot be read"),
            said!(
                "compruebe la ruta y los permisos",
                "check the path and its permissions"
            ),
        );
        return None;
    }
    let (holidays, faults) = Holidays::parse(file.text());
    for found in &faults {
        let (wrong, right) = told(found.fault);
        file.complain(line_start(&file, found.line), "holidays", wrong, right);
    }
    if faults.is_empty() && holidays.is_empty() {
        let right = said!(
            "escriba una fecha por línea: 2026-12-25 Navidad",
            "write a date a line: 2026-12-25 Christmas"
        );
        file.complain(
            0,
            "holidays",
            said!("no hay ningún día", "there is no day"),
            right,
        );
    }
    section.adopt(file.into_complaints());
    Some(holidays)
}

/// The byte where a line begins; lines count from 1.
fn line_start(file: &File, line: usize) -> usize {
    let before = file.text().split_inclusive('\n').take(line - 1);
    before.map(str::len).sum()
}

fn told(fault: NoHoliday) -> (Said, Said) {
    match fault {
        NoHoliday::NoDate => (
            said!("no es una fecha", "is no date"),
            said!(
                "escriba 2026-12-25, o 12-25 si es de todos los años",
                "write 2026-12-25, or 12-25 for every year"
            ),
        ),
        NoHoliday::NotAWholeDay => (
            said!("no es un día entero", "is no whole day"),
            said!(
                "ponga solo la fecha, sin hora, o quite el evento",
                "put the date alone, without an hour, or take the event out"
            ),
        ),
        NoHoliday::Recurrence => (
            said!(
                "se repite de un modo que no se entiende",
                "recurs in a way that is not understood"
            ),
            said!(
                "deje FREQ=YEARLY o escriba una fecha por evento",
                "leave FREQ=YEARLY, or write one date an event"
            ),
        ),
        NoHoliday::Length => (
            said!(
                "acaba antes de empezar, o dura más de 60 días",
                "ends before it begins, or lasts for more than 60 days"
            ),
            said!("corrija DTEND", "mend DTEND"),
        ),
    }
}
