//! A bar on the terminal for work that takes a while. Absent where nobody looks: in a pipe, with
//! `--json`, or in a log.

use std::io::{self, IsTerminal as _, Write as _};

use super::number;
use crate::model::Ui;

const WIDTH: u64 = 30;

pub(super) struct Progress {
    is_shown: bool,
    ui: Ui,
    n_all: u64,
    /// Thousandths that were shown last.
    shown: Option<u64>,
}

impl Progress {
    /// `n_all` is what there is to do.
    pub(super) fn new(n_all: i64, ui: Ui) -> Self {
        Self {
            is_shown: io::stderr().is_terminal(),
            ui,
            n_all: n_all.unsigned_abs().max(1),
            shown: None,
        }
    }

    pub(super) fn at(&mut self, n: u64) {
        let thousandths = (n.min(self.n_all) * 1_000) / self.n_all;
        if !self.is_shown || self.shown == Some(thousandths) {
            return;
        }
        self.shown = Some(thousandths);
        // A terminal that is gone is no reason to stop.
        let _ = write!(io::stderr().lock(), "\r{}", line(n, self.n_all, self.ui));
    }

    /// Takes the bar away, so that the results stand alone.
    pub(super) fn end(&mut self) {
        if self.is_shown && self.shown.take().is_some() {
            let _ = write!(io::stderr().lock(), "\r\u{1b}[K");
        }
    }
}

fn line(n: u64, n_all: u64, ui: Ui) -> String {
    let n = n.min(n_all);
    let full = (n * WIDTH / n_all) as usize;
    let bar: String = "█".repeat(full) + &"░".repeat(WIDTH as usize - full);
    let (done, all) = (number(n, ui), number(n_all, ui));
    match ui {
        Ui::Es => format!(
            "{bar} {:>3} %  {done} de {all} publicaciones",
            n * 100 / n_all
        ),
        Ui::En => format!("{bar} {:>3} %  {done} of {all} posts", n * 100 / n_all),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_grows_with_the_work() {
        assert_eq!(
            line(500, 1_000, Ui::En),
            format!(
                "{}{}  50 %  500 of 1,000 posts",
                "█".repeat(15),
                "░".repeat(15)
            )
        );
        assert!(line(2_000, 1_000, Ui::Es).ends_with("100 %  1.000 de 1.000 publicaciones"));
    }
}
