//! Names of folders as IMAP writes them: modified UTF-7 (RFC 3501, section 5.1.3).

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/// `Reseñas` as `Rese&APE-as`.
pub(super) fn encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut wide: Vec<u16> = Vec::new();
    for c in name.chars() {
        if matches!(c, ' '..='~') {
            shift(&mut out, &mut wide);
            out.push(c);
            if c == '&' {
                out.push('-');
            }
        } else {
            wide.extend_from_slice(c.encode_utf16(&mut [0; 2]));
        }
    }
    shift(&mut out, &mut wide);
    out
}

/// The UTF-16 that was gathered, in base64 between `&` and `-`.
fn shift(out: &mut String, wide: &mut Vec<u16>) {
    if wide.is_empty() {
        return;
    }
    out.push('&');
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in wide.drain(..).flat_map(u16::to_be_bytes) {
        held = (held << 8) | u32::from(byte);
        bits += 8;
        while bits >= 6 {
            bits -= 6;
            out.push(char::from(ALPHABET[(held >> bits & 63) as usize]));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        out.push(char::from(ALPHABET[(held << (6 - bits) & 63) as usize]));
    }
    out.push('-');
}

/// The name as people write it; what is no modified UTF-7 stays as it is.
pub(super) fn decoded(written: &str) -> String {
    let mut out = String::with_capacity(written.len());
    let mut rest = written;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let Some((shifted, after)) = after.split_once('-') else {
            out.push('&');
            rest = after;
            continue;
        };
        if shifted.is_empty() {
            out.push('&');
        } else if let Some(said) = unshifted(shifted) {
            out.push_str(&said);
        } else {
            out.push('&');
            out.push_str(shifted);
            out.push('-');
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn unshifted(shifted: &str) -> Option<String> {
    let (mut held, mut bits) = (0_u32, 0_u32);
    let mut wide = Vec::new();
    for byte in shifted.bytes() {
        let value = ALPHABET.iter().position(|known| *known == byte)?;
        held = (held << 6) | value as u32;
        bits += 6;
        if bits >= 16 {
            bits -= 16;
            wide.push((held >> bits & 0xffff) as u16);
            held &= (1 << bits) - 1;
        }
    }
    String::from_utf16(&wide).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: &str) {
        assert_eq!(encoded(name), expected);
        assert_eq!(decoded(expected), name);
    }

    #[test]
    fn folders_have_accents() {
        check("INBOX", "INBOX");
        check("INBOX/Reseñas", "INBOX/Rese&APE-as");
        check("Tom & Jerry", "Tom &- Jerry");
        check("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-");
        check("enfado 😡", "enfado &2D3eIQ-");
    }

    #[test]
    fn what_is_no_such_name_stays_as_it_is() {
        for strange in ["a&b", "a&!!-b", "&2D0-x"] {
            assert_eq!(decoded(strange), strange);
        }
    }
}
