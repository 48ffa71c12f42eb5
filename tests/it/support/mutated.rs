//! Documents with mistakes in them, for properties that hold whatever comes.

use proptest::prelude::*;

/// One of these documents, after up to eleven cuts, doublings, moves or overwritings of its parts.
pub(crate) fn mutated(bodies: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let edits = prop::collection::vec((any::<u32>(), 0_usize..200, 0_u8..5, any::<u8>()), 1..12);
    (prop::sample::select(bodies), edits).prop_map(|(mut body, edits)| {
        for (at, len, how, byte) in edits {
            if body.is_empty() {
                break;
            }
            let from = at as usize % body.len();
            let to = (from + len).min(body.len());
            match how {
                0 => drop(body.drain(from..to)),
                1 => body.extend_from_within(from..to),
                2 => body[from] = byte,
                3 => body.rotate_left(from),
                _ => body.insert(from, b"<>&\"'/]\0\n*{\xff"[usize::from(byte) % 12]),
            }
        }
        body
    })
}
