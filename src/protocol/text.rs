//! JSON strings as they stand in a frame, looked at without decoding them.

use std::borrow::Cow;

/// Whether every `\uXXXX` escape in `json` that is half of a surrogate pair has
/// its other half beside it. A lone half stands for no character (RFC 8259
/// section 8.2), so no text that holds one can be shown or compared.
///
/// `json` must be well-formed: a backslash then only begins an escape.
pub(super) fn surrogates_paired(json: &str) -> bool {
    let bytes = json.as_bytes();
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &bytes[at..]) {
        at += found;
        match escaped_unit(&bytes[at..]) {
            None => at += 2,
            Some(0xD800..=0xDBFF) => match escaped_unit(&bytes[at + 6..]) {
                Some(0xDC00..=0xDFFF) => at += 12,
                _ => return false,
            },
            Some(0xDC00..=0xDFFF) => return false,
            Some(_) => at += 6,
        }
    }
    true
}

/// The UTF-16 unit of the `\uXXXX` that `bytes` begins with, if it does.
fn escaped_unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// The text of the JSON string `raw`; `None` where it is none.
pub(super) fn unquote(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if memchr::memchr(b'\\', inner.as_bytes()).is_some() {
        serde_json::from_str(raw).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_of_escapes_is_a_character() {
        assert!(surrogates_paired(r#""\ud83d\ude00 and \u0041""#));
        assert!(surrogates_paired(r#""an escaped backslash: \\ud83d""#));
    }

    #[test]
    fn half_a_pair_is_found_wherever_it_stands() {
        for lone in [
            r#""\ud83d""#,
            r#""\ude00""#,
            r#""\ude00\ud83d""#,
            r#""\ud83dx""#,
            r#""\ud83d\n""#,
            r#""\ud83d\\ude00""#,
            r#""\\\ud83d""#,
        ] {
            assert!(!surrogates_paired(lone), "{lone}");
        }
    }

    #[test]
    fn a_string_is_unquoted_and_nothing_else_is() {
        assert_eq!(unquote(r#""plain""#).as_deref(), Some("plain"));
        assert_eq!(unquote(r#""a\n\ud83d\ude00""#).as_deref(), Some("a\n\u{1F600}"));
        assert_eq!(unquote("5"), None);
        assert_eq!(unquote(r#"["x"]"#), None);
    }
}
