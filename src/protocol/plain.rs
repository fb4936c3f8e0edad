//! The quick way through JSON that is written as programs write it.
//!
//! It takes an object whose values are strings, whole numbers, words and objects
//! of these, with no escapes but the short ones. All that it takes is well-formed
//! (RFC 8259); what it leaves may be as well, and is for others to judge.

use memchr::memchr2;

use super::json::Json;

/// Tells `field` each name of the object `text`, as it stands between its quotes,
/// with its value. `None` where `text` is anything else or `field` says so: then
/// what it was told means nothing.
pub(super) fn fields<'a>(
    text: &'a str,
    field: impl FnMut(&'a str, Json<'a>) -> Option<()>,
) -> Option<()> {
    // With that settled for all, no string holds one (section 7).
    if text.bytes().fold(u8::MAX, u8::min) < b' ' {
        return None;
    }
    let mut scanner = Scanner { text, at: 0 };
    scanner.spaces();
    scanner.object(field, Scanner::value)?;
    scanner.spaces();
    (scanner.at == text.len()).then_some(())
}

/// Goes through a text without control characters.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn object(
        &mut self,
        mut field: impl FnMut(&'a str, Json<'a>) -> Option<()>,
        value: impl Fn(&mut Self) -> Option<Json<'a>>,
    ) -> Option<()> {
        self.eat(b'{')?;
        self.spaces();
        if self.eat(b'}').is_some() {
            return Some(());
        }
        loop {
            let quoted = self.string()?.get();
            self.spaces();
            self.eat(b':')?;
            self.spaces();
            field(&quoted[1..quoted.len() - 1], value(self)?)?;
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
            return self.scalar();
        }
        let start = self.at;
        self.object(|_, _| Some(()), Self::scalar)?;
        Some(self.since(start))
    }

    fn scalar(&mut self) -> Option<Json<'a>> {
        match self.next()? {
            b'"' => self.string(),
            b'0'..=b'9' => self.whole_number(),
            _ => self.word(),
        }
    }

    fn string(&mut self) -> Option<Json<'a>> {
        let start = self.at;
        self.eat(b'"')?;
        loop {
            self.at += memchr2(b'"', b'\\', &self.text.as_bytes()[self.at..])?;
            if self.eat(b'"').is_some() {
                return Some(self.since(start));
            }
            self.at += 1;
            // A `\u` may be half of a surrogate pair.
            if !matches!(self.next()?, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') {
                return None;
            }
            self.at += 1;
        }
    }

    fn whole_number(&mut self) -> Option<Json<'a>> {
        let start = self.at;
        let zero_leads = self.next() == Some(b'0');
        while self.next().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (!zero_leads || self.at == start + 1).then(|| self.since(start))
    }

    fn word(&mut self) -> Option<Json<'a>> {
        let rest = &self.text.as_bytes()[self.at..];
        let word =
            ["true", "false", "null"].into_iter().find(|word| rest.starts_with(word.as_bytes()))?;
        self.at += word.len();
        Some(Json::known(word))
    }

    fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.next() == Some(byte)).then(|| self.at += 1)
    }

    fn spaces(&mut self) {
        while self.eat(b' ').is_some() {}
    }

    fn since(&self, start: usize) -> Json<'a> {
        Json::known(&self.text[start..self.at])
    }
}
