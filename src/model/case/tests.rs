//! Every step of a case, and what never happens to one.

use super::*;

fn pace() -> Pace {
    Pace {
        answer_within: Minutes::from_hours(4),
        office_hours: None,
        zone: jiff::tz::TimeZone::UTC,
        escalate_after: Vec::new(),
    }
}

fn hour(n: i64) -> Timestamp {
    Timestamp(0).plus_hours(n)
}

/// Plays `(hour, event)` steps and tells where the case ends.
#[track_caller]
fn check(steps: &[(i64, Event)], expected: &str) {
    let mut case = Case::open(hour(0));
    let mut told = Vec::new();
    for (at, event) in steps {
        match case.on(event, hour(*at), &pace()) {
            Ok((next, effect)) => {
                case = next;
                if effect != Effect::Nothing {
                    told.push(format!("{effect:?}"));
                }
            }
            Err(refusal) => told.push(format!("refused: {refusal}")),
        }
        assert_eq!(
            case.state.is_live(),
            case.due.is_some(),
            "one due time while live: {case:?}"
        );
    }
    let due = case.due.map_or("-".to_owned(), |(due, at)| {
        format!("{due}@{}", at.0 / 3_600_000)
    });
    assert_eq!(
        format!("{} {due} [{}]", case.state, told.join(", ")),
        expected
    );
}

fn solved(words: &str) -> Event {
    Event::Closed(Closing::Solved {
        words: words.into(),
    })
}

fn dismissed() -> Event {
    Event::Closed(Closing::Dismissed {
        because: Because::Duplicate,
    })
}

#[test]
fn the_countdown_begins_with_the_mail_not_before() {
    check(&[], "new tell@24 []");
    check(&[(20, Event::Told)], "told answer@24 []");
    check(&[(20, Event::Told), (22, Event::Told)], "told answer@24 []");
    check(&[(24, Event::Elapsed)], "new tell@48 [Stuck]");
}

#[test]
fn reminders_come_when_due_and_are_bounded() {
    check(&[(0, Event::Told), (3, Event::Elapsed)], "told answer@4 []");
    check(
        &[(0, Event::Told), (4, Event::Elapsed)],
        "told answer@12 [Remind { n: 1 }]",
    );
    let mut steps = vec![(0, Event::Told)];
    steps.extend((1..200).map(|n| (n * 4, Event::Elapsed)));
    let mut case = Case::open(hour(0));
    let mut n_reminders = 0;
    for (at, event) in steps {
        let (next, effect) = case.on(&event, hour(at), &pace()).unwrap();
        n_reminders += u32::from(matches!(effect, Effect::Remind { .. }));
        case = next;
    }
    assert_eq!(n_reminders, REMINDERS_MAX);
    assert!(case.due.is_some());
}

#[test]
fn an_older_case_is_told_by_its_letter_and_starts_no_countdown() {
    let before = Case::backlog(hour(0));
    assert_eq!(before.state, State::New);
    let (told, effect) = before.on(&Event::Told, hour(1), &pace()).unwrap();
    assert_eq!((told.state, effect), (State::Told, Effect::Nothing));
    assert_eq!((told.told_at, told.answer_by), (Some(hour(1)), None));
    assert_eq!(told.due, before.due);
}

#[test]
fn his_word_closes_it_and_silence_does_too_until_he_speaks() {
    check(
        &[(0, Event::Told), (1, Event::Answered)],
        "answered hear_back@73 []",
    );
    check(
        &[
            (0, Event::Told),
            (1, Event::Answered),
            (80, solved("gracias, arreglado")),
        ],
        "solved - []",
    );
    check(
        &[(0, Event::Told), (1, solved(" "))],
        "told answer@4 [refused: solved needs the customer's own words]",
    );
    let silent = [
        (0, Event::Told),
        (1, Event::Answered),
        (73, Event::Elapsed),
        (400, Event::Elapsed),
    ];
    check(&silent, "silent - [AskWhetherSolved]");
    let mut again = silent.to_vec();
    again.push((500, Event::CustomerSpoke { unhappy: true }));
    check(&again, "unhappy answer@504 [AskWhetherSolved]");
}

fn taken(by: &str) -> Event {
    Event::Taken { by: by.into() }
}

fn snoozed(until: i64) -> Event {
    Event::Snoozed { until: hour(until) }
}

#[test]
fn who_puts_it_off_is_reminded_then_also_when_reminders_were_used_up() {
    let told = (0, Event::Told);
    check(&[told.clone(), (1, snoozed(20))], "told answer@20 []");
    check(
        &[told.clone(), (1, snoozed(20)), (20, Event::Elapsed)],
        "told answer@28 [Remind { n: 1 }]",
    );
    let mut used_up = vec![told.clone()];
    used_up.extend([4, 12, 20, 28].map(|at| (at, Event::Elapsed)));
    used_up.extend([(30, snoozed(50)), (50, Event::Elapsed)]);
    check(
        &used_up,
        "told answer@58 [Remind { n: 1 }, Remind { n: 2 }, Remind { n: 3 }, Remind { n: 3 }]",
    );
    let refused = "refused: the case does not wait for an answer";
    check(
        &[told.clone(), (1, Event::Answered), (2, snoozed(20))],
        &format!("answered hear_back@73 [{refused} (answered)]"),
    );
    check(
        &[(1, snoozed(20))],
        &format!("new tell@24 [{refused} (new)]"),
    );
    // He has spoken again: nobody can put off what he did not know.
    let spoke = Event::CustomerSpoke { unhappy: true };
    check(
        &[told, (1, snoozed(90)), (2, spoke), (3, Event::Undone)],
        "unhappy answer@6 [refused: nothing was done in the last day that could be taken back]",
    );
}

#[test]
fn what_was_done_last_is_taken_back_within_a_day_and_once() {
    let told = (0, Event::Told);
    let nothing = "refused: nothing was done in the last day that could be taken back";
    for done in [Event::Answered, dismissed(), solved("gracias"), snoozed(20)] {
        let steps = [told.clone(), (1, done), (24, Event::Undone)];
        check(&steps, "told answer@4 []");
        let mut twice = steps.to_vec();
        twice.push((25, Event::Undone));
        check(&twice, &format!("told answer@4 [{nothing}]"));
    }
    check(
        &[told.clone(), (1, Event::Answered), (25, Event::Undone)],
        &format!("answered hear_back@73 [{nothing}]"),
    );
    check(
        &[told.clone(), (1, Event::Undone)],
        &format!("told answer@4 [{nothing}]"),
    );
    // Its mail left meanwhile: it does not wait to be told once more.
    for done in [Event::Answered, dismissed(), taken("Marta")] {
        let steps = [(0, done), (1, Event::Told), (2, Event::Undone)];
        let due = if steps[0].1 == taken("Marta") { 5 } else { 6 };
        check(&steps, &format!("told answer@{due} []"));
    }
    check(
        &[
            told,
            (1, Event::Answered),
            (2, Event::Gone),
            (3, Event::Undone),
        ],
        &format!("gone - [{nothing}]"),
    );
}

#[test]
fn who_takes_it_has_no_hand_in_its_countdown() {
    let steps = [
        (0, Event::Told),
        (1, taken("Marta")),
        (4, Event::Elapsed),
        (5, Event::Undone),
    ];
    check(&steps, "told answer@12 [Remind { n: 1 }]");
    check(
        &[(1, solved("gracias")), (2, taken("Marta"))],
        "solved - [refused: the case is closed (solved)]",
    );
    let told = Case::open(hour(0)).on(&Event::Told, hour(0), &pace());
    let mine = told
        .unwrap()
        .0
        .on(&taken("Marta"), hour(1), &pace())
        .unwrap()
        .0;
    let twice = mine.on(&taken("Marta"), hour(2), &pace()).unwrap().0;
    assert_eq!(twice, mine);
    let theirs = mine.on(&taken("Ana"), hour(3), &pace()).unwrap().0;
    assert_eq!(theirs.taken_by.as_deref(), Some("Ana"));
    let back = theirs.on(&Event::Undone, hour(4), &pace()).unwrap().0;
    assert_eq!(back.taken_by.as_deref(), Some("Marta"));
}

#[test]
fn what_a_person_closed_stays_closed() {
    check(&[(0, Event::Told), (1, dismissed())], "dismissed - []");
    check(&[(1, dismissed()), (2, dismissed())], "dismissed - []");
    check(
        &[(1, dismissed()), (2, Event::Answered)],
        "dismissed - [refused: the case is closed (dismissed)]",
    );
    check(&[(1, dismissed()), (2, Event::Told)], "dismissed - []");
    check(&[(1, Event::Gone), (2, Event::Elapsed)], "gone - []");
    check(&[(1, Event::Back)], "new tell@24 []");
    let mut back = vec![(1, Event::Gone), (2, Event::Back), (900, Event::Elapsed)];
    check(&back, "new answer@1068 []");
    back.insert(0, (0, Event::Told));
    check(&back, "told answer@1068 []");
    check(
        &[
            (1, solved("ya está")),
            (2, Event::CustomerSpoke { unhappy: true }),
        ],
        "unhappy answer@6 []",
    );
}
