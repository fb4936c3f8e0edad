//! What a simulated person writes into each signal, so that its receiver can
//! tell by itself whether it is what was sent.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::RoomId;

/// Begins a mark.
const HEAD: &str = "pb1.";
/// Hexadecimal digits of the checksum.
const SUM_DIGITS: usize = 16;

/// A simulated person among all of all runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(in crate::load) struct Name {
    /// Which run of the load tester, by chance.
    pub(in crate::load) run: u32,
    /// Which person in it, from 0.
    pub(in crate::load) person: u32,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "person {}", self.person)
    }
}

/// The signals that carry a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::load) enum Kind {
    Offer,
    Answer,
    Candidate,
    Chat,
}

impl Kind {
    const fn letter(self) -> char {
        match self {
            Self::Offer => 'o',
            Self::Answer => 'a',
            Self::Candidate => 'c',
            Self::Chat => 't',
        }
    }

    fn of(letter: &str) -> Option<Self> {
        [Self::Offer, Self::Answer, Self::Candidate, Self::Chat]
            .into_iter()
            .find(|kind| letter.chars().eq([kind.letter()]))
    }
}

/// The mark of one signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::load) struct Mark {
    /// Who sent it.
    pub(in crate::load) from: Name,
    /// Into which room.
    pub(in crate::load) room: RoomId,
    /// As what.
    pub(in crate::load) kind: Kind,
    /// The how manieth of its sender in the room, from 1.
    pub(in crate::load) number: u64,
    /// How often the sender had come back to the room by a resume: what was on
    /// its way to the service when a connection dropped may be lost.
    pub(in crate::load) life: u32,
    /// How many `typing` the sender had sent into the room.
    pub(in crate::load) typings: u64,
    /// When it was due, in microseconds since 1970.
    pub(in crate::load) due_us: u64,
}

impl Mark {
    /// The text that has the mark between `before` and `after`, and its checksum.
    pub(in crate::load) fn write(&self, before: &str, after: &str) -> (String, u64) {
        let Self { from, room, kind, number, life, typings, due_us } = self;
        let mut text = format!(
            "{before}{HEAD}{:x}.{:x}.{room}.{}.{number}.{life}.{typings}.{due_us}.",
            from.run,
            from.person,
            kind.letter()
        );
        let sum = checksum(&text, after);
        fmt::Write::write_fmt(&mut text, format_args!("{sum:016x}{after}"))
            .expect("a String takes all");
        (text, sum)
    }

    /// The mark in a text, and its checksum; none where the text is not as it
    /// was written.
    pub(in crate::load) fn read(text: &str) -> Option<(Self, u64)> {
        let start = text.find(HEAD)? + HEAD.len();
        let mut end = start;
        let mut field = || {
            let length = text[end..].find('.')?;
            let field = &text[end..end + length];
            end += length + 1;
            Some(field)
        };
        let mark = Self {
            from: Name {
                run: u32::from_str_radix(field()?, 16).ok()?,
                person: u32::from_str_radix(field()?, 16).ok()?,
            },
            room: RoomId::parse(field()?)?,
            kind: Kind::of(field()?)?,
            number: field()?.parse().ok()?,
            life: field()?.parse().ok()?,
            typings: field()?.parse().ok()?,
            due_us: field()?.parse().ok()?,
        };
        let sum = u64::from_str_radix(text.get(end..end + SUM_DIGITS)?, 16).ok()?;
        (sum == checksum(&text[..end], &text[end + SUM_DIGITS..])).then_some((mark, sum))
    }
}

/// FNV-1a of 64 bits over two texts: the same on every machine.
fn checksum(before: &str, after: &str) -> u64 {
    let bytes = before.bytes().chain(after.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark() -> Mark {
        Mark {
            from: Name { run: 0xfeed, person: 12 },
            room: RoomId::from_u128(7),
            kind: Kind::Offer,
            number: 3,
            life: 1,
            typings: 2,
            due_us: 1_764_000_000_000_000,
        }
    }

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        let (text, sum) = mark().write("v=0\r\na=x:", "\r\ns=-\r\n");
        assert_eq!(Mark::read(&text), Some((mark(), sum)));
    }

    #[test]
    fn a_change_of_any_byte_is_seen() {
        let (text, _) = mark().write("v=0 ", " s=-");
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] ^= 1;
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(Mark::read(&changed), None, "{changed}");
            assert_eq!(Mark::read(&text[..at]), None);
        }
        assert_eq!(Mark::read(&format!("{text} ")), None);
    }
}
