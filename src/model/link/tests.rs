//! S18: what is not exactly as it was made is refused, in one way.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::clock;

const INSTANCE: &str = "0123456789abcdef0123456789abcdef";
const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn keys() -> LinkKeys {
    LinkKeys::of(INSTANCE, &KeyRing::default()).unwrap()
}

fn case(id: &str) -> Subject {
    Subject::Case(CaseId(id.to_owned()))
}

fn grant(deed: Deed, subject: Subject) -> Grant {
    Grant {
        deed,
        subject,
        reader: keys().reader("gerente@ejemplo.test"),
        ends_at: NOW.plus_days(LINK_DAYS),
        stamp: 7,
    }
}

fn both() -> [Grant; 2] {
    let post = format!("p-{}", "0f".repeat(12));
    [
        grant(Deed::Open, case("c-1a2b3c4d")),
        grant(Deed::Judge, Subject::parse(&post).unwrap()),
    ]
}

#[track_caller]
fn check(link: &str, deed: Deed, now: Timestamp, expected: Result<&Grant, NotValid>) {
    let found = keys().verify(link, deed, now);
    assert_eq!(found.as_ref().map_err(|error| *error), expected, "{link}");
}

#[test]
fn s18_a_link_says_what_was_signed_and_is_short() {
    for (grant, length) in both().iter().zip([64, 77]) {
        let link = keys().sign(grant).unwrap();
        assert_eq!(link.len(), length);
        assert!(
            link.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        );
        check(&link, grant.deed, NOW, Ok(grant));
    }
}

#[test]
fn s18_the_link_is_the_one_that_others_compute() {
    // Reference: Python's hmac and base64.b32encode.
    let link = keys().sign(&both()[0]).unwrap();
    assert_eq!(link, REFERENCE);
}

#[test]
fn s18_every_flipped_bit_is_refused() {
    for grant in both() {
        let link = keys().sign(&grant).unwrap();
        for at in 0..link.len() {
            for bit in 0..8 {
                let mut bytes = link.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                let flipped = String::from_utf8_lossy(&bytes).into_owned();
                check(&flipped, grant.deed, NOW, Err(NotValid));
            }
        }
        let bytes = bytes_of(&link).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            check(&base32(&flipped), grant.deed, NOW, Err(NotValid));
        }
    }
}

#[test]
fn s18_one_link_has_one_spelling() {
    let post = &both()[1];
    let link = keys().sign(post).unwrap();
    let (rest, last) = link.split_at(link.len() - 1);
    // The last digit of 77 holds one bit more than there is to say.
    let alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    let at = alphabet.find(last).unwrap();
    let other = &alphabet[at + 1..at + 2];
    check(&format!("{rest}{other}"), post.deed, NOW, Err(NotValid));
    check(&link.to_uppercase(), post.deed, NOW, Err(NotValid));
}

#[test]
fn s18_another_deed_and_a_time_that_is_over_are_refused() {
    let grant = grant(Deed::Open, case("c-1a2b3c4d"));
    let link = keys().sign(&grant).unwrap();
    for deed in Deed::ALL.into_iter().filter(|deed| *deed != Deed::Open) {
        check(&link, deed, NOW, Err(NotValid));
    }
    check(
        &link,
        Deed::Open,
        grant.ends_at.plus_seconds(-1),
        Ok(&grant),
    );
    check(&link, Deed::Open, grant.ends_at, Err(NotValid));
    check(&link, Deed::Open, NOW.plus_days(4_000), Err(NotValid));
}

#[test]
fn s18_swapped_fields_and_longer_texts_are_refused() {
    let [case, post] = both().map(|grant| bytes_of(&keys().sign(&grant).unwrap()).unwrap());
    let spliced = |head: &[u8], tail: &[u8]| base32(&[head, tail].concat());
    // The subject of one with the rest of the other, every field moved by one, and text after the end.
    check(
        &spliced(&case[..8], &post[16..]),
        Deed::Open,
        NOW,
        Err(NotValid),
    );
    check(
        &spliced(&post[..16], &case[8..]),
        Deed::Judge,
        NOW,
        Err(NotValid),
    );
    let mut swapped = case.clone();
    swapped.swap(16, 20);
    check(&base32(&swapped), Deed::Open, NOW, Err(NotValid));
    for more in [&b"\0"[..], b"&deed=t", &[0x80, 0, 0, 0]] {
        check(&spliced(&case, more), Deed::Open, NOW, Err(NotValid));
        let (said, tag) = case.split_at(case.len() - TAG_BYTES);
        let longer = [said, more, tag].concat();
        check(&base32(&longer), Deed::Open, NOW, Err(NotValid));
    }
    for text in ["", "a", "====", "…", &"a".repeat(64), &"7".repeat(10_000)] {
        check(text, Deed::Open, NOW, Err(NotValid));
    }
}

#[test]
fn s18_another_reader_and_another_instance_are_refused() {
    let grant = grant(Deed::Open, case("c-1a2b3c4d"));
    let link = keys().sign(&grant).unwrap();
    let other = keys().reader("otra@ejemplo.test");
    assert_ne!(other, grant.reader);
    assert_eq!(keys().reader(" Gerente@Ejemplo.test "), grant.reader);
    let mut bytes = bytes_of(&link).unwrap();
    bytes[8..16].copy_from_slice(&other.0);
    check(&base32(&bytes), Deed::Open, NOW, Err(NotValid));
    let elsewhere = LinkKeys::of(&INSTANCE.replace('0', "1"), &KeyRing::default()).unwrap();
    assert_eq!(elsewhere.verify(&link, Deed::Open, NOW), Err(NotValid));
}

#[test]
fn s18_an_empty_key_signs_nothing() {
    for key in ["", "short", "fifteen letters"] {
        assert!(LinkKeys::of(key, &KeyRing::default()).is_none(), "{key}");
    }
}

#[test]
fn s18_old_keys_end_with_the_second_rotation_or_at_once() {
    let grant = grant(Deed::Open, case("c-1a2b3c4d"));
    let link = keys().sign(&grant).unwrap();
    let holds = |ring: &KeyRing| {
        let ring = KeyRing::parse(&ring.text()).unwrap();
        let keys = LinkKeys::of(INSTANCE, &ring).unwrap();
        keys.verify(&link, Deed::Open, NOW).is_ok()
    };
    let first = KeyRing::default();
    let second = first.rotated("salt");
    assert!(holds(&first) && holds(&second));
    assert!(!holds(&second.rotated("more")) && !holds(&first.revoked("salt")));
    // A key whose number has come round again is another key.
    let far = (0..256).fold(first, |ring, n| ring.rotated(&format!("salt {n}")));
    assert!(!holds(&far));
}

#[test]
fn s18_rings_that_are_none_are_not_read() {
    for text in ["", "x:y", "-1:", "1"] {
        assert_eq!(KeyRing::parse(text), None, "{text}");
    }
}

#[test]
fn s18_every_refusal_takes_as_long() {
    let mut late = grant(Deed::Open, case("c-1a2b3c4d"));
    late.ends_at = NOW.plus_days(-1);
    let late = keys().sign(&late).unwrap();
    let good = keys().sign(&grant(Deed::Open, case("c-1a2b3c4d"))).unwrap();
    let first_off = format!("b{}", &good[1..]);
    let last_off = format!(
        "{}{}",
        &good[..63],
        if good.ends_with('a') { 'b' } else { 'a' }
    );
    let wrong = ["", "no link", &late, &first_off, &last_off, &"a".repeat(64)];
    // The best of several rounds: other work of the machine only ever makes one longer.
    let mut best = vec![Duration::MAX; wrong.len()];
    for _ in 0..40 {
        for (link, best) in wrong.iter().zip(&mut best) {
            let watch = clock::stopwatch();
            for _ in 0..100 {
                assert!(keys_of_this_test().verify(link, Deed::Open, NOW).is_err());
            }
            *best = watch.elapsed().min(*best);
        }
    }
    let (least, most) = (best.iter().min().unwrap(), best.iter().max().unwrap());
    assert!(*most < *least * 3, "{best:?}");
}

fn keys_of_this_test() -> &'static LinkKeys {
    static KEYS: std::sync::OnceLock<LinkKeys> = std::sync::OnceLock::new();
    KEYS.get_or_init(keys)
}

proptest! {
    #[test]
    fn s18_no_text_is_a_link(text in "(?s).{0,100}|[a-z2-7]{60,80}") {
        prop_assert_eq!(keys().verify(&text, Deed::Open, NOW), Err(NotValid));
    }

    #[test]
    fn bytes_come_back_from_their_digits(bytes in proptest::collection::vec(any::<u8>(), 0..48)) {
        prop_assert_eq!(bytes_of(&base32(&bytes)), Some(bytes));
    }
}

const REFERENCE: &str = "aeag6yy2fm6e3fzw7mvbl5am5zvvyryaaaaaab3icgaohfh6kde7zzbmo2rityht";
