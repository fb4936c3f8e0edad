//! The characters of which a kept field may consist.
//!
//! None of these classes has a dot, a colon, an at, a percent sign, a bracket
//! or anything beyond ASCII, so no IP literal in its usual text forms, no mDNS
//! name and no host name of more than one label fits into one.

use std::ops::RangeInclusive;
use std::str::FromStr;

/// Digits of the longest number that SDP has (64 bits, RFC 8866 section 5.2).
const MAX_DIGITS: usize = 20;

/// Whether `text` is what free values may be: some letters, digits and the
/// signs of codec parameters, base64, lists and identifiers.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().all(is_plain_byte)
}

/// Whether a free value may hold `byte`.
pub(super) const fn is_plain_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b' ' || is_sign(byte)
}

/// Whether `text` is one word of a free value.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || is_sign(byte))
}

const fn is_sign(byte: u8) -> bool {
    matches!(byte, b'+' | b'/' | b'=' | b'{' | b'}' | b'_' | b';' | b',' | b'*' | b'-')
}

/// Whether `text` is of ice-chars (RFC 8839 section 5.1) and as long as that.
pub(super) fn is_ice_chars(text: &str, length: RangeInclusive<usize>) -> bool {
    length.contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// The lengths of a username fragment (RFC 8839 section 5.4).
pub(super) const UFRAG: RangeInclusive<usize> = 4..=256;
/// The lengths of a password (RFC 8839 section 5.4).
pub(super) const PWD: RangeInclusive<usize> = 22..=256;

/// Whether `text` is a number of SDP.
pub(super) fn is_number(text: &str) -> bool {
    text.len() <= MAX_DIGITS && is_digits(text)
}

/// The number that `text` is: digits alone, without the signs that `FromStr`
/// takes.
pub(super) fn number<T: FromStr>(text: &str) -> Option<T> {
    if is_digits(text) { text.parse().ok() } else { None }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_class_has_what_addresses_and_names_are_joined_by() {
        for sign in ['.', ':', '@', '%', '[', ']', '\u{FF0E}', '\u{3002}', '\u{FF1A}', '\u{FF11}'] {
            let text = format!("abcd{sign}1234");
            assert!(!is_plain(&text) && !is_token(&text) && !is_ice_chars(&text, UFRAG), "{text}");
            assert!(!is_number(&sign.to_string()), "{sign}");
        }
    }

    #[test]
    fn a_number_is_digits_alone_and_of_its_size() {
        assert_eq!(number::<u16>("65535"), Some(65535));
        for text in ["", "+1", "-1", " 1", "65536", "1.0", "0x1", "\u{FF11}"] {
            assert_eq!(number::<u16>(text), None, "{text}");
        }
        assert!(is_number("18446744073709551615"));
        assert!(!is_number("184467440737095516150"));
    }

    #[test]
    fn a_token_is_one_word() {
        assert!(is_token("{a-b}"));
        assert!(!is_token("a b") && !is_token(""));
    }
}
