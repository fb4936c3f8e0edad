//! The quick way through JSON that is written as programs write it.
//!
//! It takes an object whose values are strings, whole numbers, words and objects
//! of these, with no escapes but the short ones. All that it takes is well-formed
//! (RFC 8259); what it leaves may be as well, and is for others to judge.

use super::json::Json;

/// Tells `field` each name of the object `text`, as it stands between its quotes,
/// with its value. `None` where `text` is anything else or `field` says so: then
/// what it was told means nothing.
pub(super) fn fields<'a>(
    text: &'a str,
    mut field: impl FnMut(&'a str, Json<'a>) -> Option<()>,
) -> Option<()> {
    let mut scanner = Scanner::of(text)?;
    scanner.spaces();
    scanner.object(|scanner| {
        let name = scanner.read(Scanner::skip_string)?.get();
        scanner.colon()?;
        field(&name[1..name.len() - 1], scanner.value()?)
    })?;
    scanner.spaces();
    (scanner.at == text.len()).then_some(())
}

/// `text` as one value and nothing else; `None` as above.
pub(super) fn value(text: &str) -> Option<Json<'_>> {
    let mut scanner = Scanner::of(text)?;
    let value = scanner.value()?;
    (scanner.at == text.len()).then_some(value)
}

/// Most strings end within so many bytes.
const FEW_BYTES: usize = 16;
/// What is looked at with a few instructions.
const MANY_BYTES: usize = 32;

/// The names in what a candidate's `toJSON` gives (W3C WebRTC, RTCIceCandidate), in its
/// order and as browsers write them: no object comes as often.
const CANDIDATE_NAMES: [&str; 4] =
    [r#""candidate""#, r#""sdpMid""#, r#""sdpMLineIndex""#, r#""usernameFragment""#];

/// Goes through a text without control characters.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    /// Where none is in all of `text`, none is in a string (section 7).
    fn of(text: &'a str) -> Option<Self> {
        let none = text.bytes().fold(u8::MAX, u8::min) >= b' ';
        none.then_some(Self { text, at: 0 })
    }

    /// Goes through an object, each name and value of which `member` goes through.
    fn object(&mut self, mut member: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.eat(b'{')?;
        self.spaces();
        if self.eat(b'}').is_some() {
            return Some(());
        }
        loop {
            member(self)?;
            self.spaces();
            if self.eat(b'}').is_some() {
                return Some(());
            }
            self.eat(b',')?;
            self.spaces();
        }
    }

    fn value(&mut self) -> Option<Json<'a>> {
        if self.next() != Some(b'{') {
            return self.read(Self::skip_scalar);
        }
        self.read(|scanner| {
            let mut usual = CANDIDATE_NAMES.iter();
            scanner.object(|scanner| {
                if usual.next().and_then(|name| scanner.eat_all(name)).is_none() {
                    scanner.skip_string()?;
                }
                scanner.colon()?;
                scanner.skip_scalar()
            })
        })
    }

    /// What `skip` goes through.
    fn read(&mut self, skip: impl FnOnce(&mut Self) -> Option<()>) -> Option<Json<'a>> {
        let start = self.at;
        skip(self)?;
        Some(Json::known(&self.text[start..self.at]))
    }

    fn skip_scalar(&mut self) -> Option<()> {
        match self.next()? {
            b'"' => self.skip_string(),
            b'0'..=b'9' => self.skip_whole_number(),
            _ => self.skip_word(),
        }
    }

    fn skip_string(&mut self) -> Option<()> {
        self.eat(b'"')?;
        loop {
            self.at += quote_or_backslash(&self.text.as_bytes()[self.at..])?;
            if self.eat(b'"').is_some() {
                return Some(());
            }
            self.at += 1;
            // A `\u` may be half of a surrogate pair.
            if !matches!(self.next()?, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') {
                return None;
            }
            self.at += 1;
        }
    }

    fn skip_whole_number(&mut self) -> Option<()> {
        let start = self.at;
        let zero_leads = self.next() == Some(b'0');
        while self.next().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (!zero_leads || self.at == start + 1).then_some(())
    }

    fn skip_word(&mut self) -> Option<()> {
        ["true", "false", "null"].into_iter().find_map(|word| self.eat_all(word))
    }

    fn colon(&mut self) -> Option<()> {
        self.spaces();
        self.eat(b':')?;
        self.spaces();
        Some(())
    }

    fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.next() == Some(byte)).then(|| self.at += 1)
    }

    fn eat_all(&mut self, text: &str) -> Option<()> {
        let begins = self.text.as_bytes()[self.at..].starts_with(text.as_bytes());
        begins.then(|| self.at += text.len())
    }

    fn spaces(&mut self) {
        while self.eat(b' ').is_some() {}
    }
}

/// Where the first of them stands. Most strings are short, so the first bytes are
/// looked at eight at once, and only those of longer ones so many at once as the
/// processor can.
fn quote_or_backslash(bytes: &[u8]) -> Option<usize> {
    let first = bytes.len().min(FEW_BYTES);
    if let Some(at) = by_words(&bytes[..first]) {
        return Some(at);
    }
    let (chunks, _) = bytes[first..].as_chunks::<MANY_BYTES>();
    let without = chunks.iter().take_while(|chunk| !any(chunk)).count();
    let looked = first + without * MANY_BYTES;
    by_words(&bytes[looked..]).map(|at| looked + at)
}

fn any(chunk: &[u8; MANY_BYTES]) -> bool {
    chunk.iter().fold(false, |found, byte| found | is_either(*byte))
}

fn by_words(bytes: &[u8]) -> Option<usize> {
    let (words, rest) = bytes.as_chunks();
    for (nth, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let found = zero_bytes(word ^ each_byte(b'"')) | zero_bytes(word ^ each_byte(b'\\'));
        if found != 0 {
            return Some(nth * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    rest.iter().position(|byte| is_either(*byte)).map(|at| words.len() * 8 + at)
}

const fn is_either(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\')
}

/// The top bit of the lowest byte that is zero, if one is; those above mean nothing.
const fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(each_byte(0x01)) & !word & each_byte(0x80)
}

const fn each_byte(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_well_formed_wherever_a_candidate_is_damaged() {
        let whole = r#"{"candidate":"candidate:1 1 udp 7","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"EsAw"}"#;
        assert_eq!(value(whole).map(Json::get), Some(whole));
        let mut taken = 0;
        for at in 0..whole.len() {
            for other in ["", "\"", "\\", "\"\"", ":", ",", "{", "}", "0", " ", "null"] {
                let text = [&whole[..at], other, &whole[at + 1..]].concat();
                if value(&text).is_some() {
                    taken += 1;
                    assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{text}");
                }
            }
        }
        assert!(taken > 100, "{taken}");
    }

    #[test]
    fn names_in_another_order_or_of_other_things_are_taken_as_well() {
        for text in [
            r#"{"sdpMid":"0","candidate":"","sdpMLineIndex":0}"#,
            r#"{"candidate":"","usernameFragment":null}"#,
            r#"{"candidate" : "" , "sdpMid" : null}"#,
            r#"{"candidate": "", "sdpMid": "0"}"#,
            r#"{"candidate":"","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"a","more":1}"#,
            r#"{"candidates":""}"#,
            "{}",
        ] {
            assert_eq!(value(text).map(Json::get), Some(text));
        }
    }

    #[test]
    fn a_string_ends_where_one_looks_byte_by_byte() {
        let slow = |bytes: &[u8]| bytes.iter().position(|byte| matches!(byte, b'"' | b'\\'));
        // Bytes beside those that are looked for, and beyond ASCII.
        let others = [b' ', b'!', b'#', b'[', b']', 0x7F, 0x80, 0xA2, 0xDC, 0xFF];
        for other in others {
            for length in 0..120 {
                let mut bytes = vec![other; length];
                assert_eq!(quote_or_backslash(&bytes), None);
                for mark in [b'"', b'\\'] {
                    for at in 0..length {
                        let before = std::mem::replace(&mut bytes[at], mark);
                        assert_eq!(quote_or_backslash(&bytes), slow(&bytes), "{bytes:?}");
                        bytes[at] = before;
                    }
                }
            }
        }
        let both = br#"abc"def\"#;
        assert_eq!(quote_or_backslash(both), Some(3));
    }
}
