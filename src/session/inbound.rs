//! From bytes to a client's messages (RFC 6455 section 5).
//!
//! Messages are taken where they lie in the memory that was read into; only one
//! that is still under way is kept here. A bound holds before a frame is
//! complete, reassembly stays under the same bound, and texts are UTF-8.

use actix_http::ws::Parser;

use super::frame::{Header, Opcode};
use crate::protocol::MAX_MESSAGE_BYTES;

/// What came in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Incoming<'a> {
    /// A whole text.
    Text(&'a str),
    /// A whole message of bytes, which the protocol has no use for.
    Binary,
    /// A ping, to be answered with the same bytes.
    Ping(&'a [u8]),
    /// The answer to a ping, with the ping's bytes.
    Pong(&'a [u8]),
    /// The client closes, with its code if it gave one.
    Close(Option<u16>),
}

/// What ends a connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Violation {
    /// A message over [`MAX_MESSAGE_BYTES`].
    TooLarge,
    /// A text that is not UTF-8.
    InvalidText,
    /// Frames other than RFC 6455 has them.
    Protocol,
}

/// What of a message under way has come in.
#[derive(Debug, Default)]
pub(super) struct Inbound {
    /// The beginning of a frame.
    cut: Vec<u8>,
    partial: Option<Partial>,
}

/// The frames of a message that has more to come.
#[derive(Debug)]
struct Partial {
    text: bool,
    payload: Vec<u8>,
}

impl Inbound {
    /// Hands each message to `take` that `bytes`, as they came in, make whole.
    ///
    /// # Errors
    /// What `take` returned, or what the client did wrong; nothing after it is
    /// to be read.
    pub(super) fn feed<E: From<Violation>>(
        &mut self,
        bytes: &mut [u8],
        mut take: impl FnMut(Incoming<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.cut.is_empty() {
            let taken = self.messages(bytes, &mut take)?;
            self.cut.extend_from_slice(&bytes[taken..]);
            return Ok(());
        }
        let mut all = std::mem::take(&mut self.cut);
        all.extend_from_slice(bytes);
        let taken = self.messages(&mut all, &mut take)?;
        all.drain(..taken);
        if !all.is_empty() {
            self.cut = all;
        }
        Ok(())
    }

    /// Returns how many bytes were whole frames.
    fn messages<E: From<Violation>>(
        &mut self,
        bytes: &mut [u8],
        take: &mut impl FnMut(Incoming<'_>) -> Result<(), E>,
    ) -> Result<usize, E> {
        let mut taken = 0;
        while let Some(header) = Header::read(&bytes[taken..])? {
            self.check_announced(&header)?;
            let Some(frame) = bytes[taken..].get_mut(..header.frame_bytes()) else { break };
            self.frame(&header, header.payload(frame), take)?;
            taken += header.frame_bytes();
        }
        Ok(taken)
    }

    fn frame<E: From<Violation>>(
        &mut self,
        header: &Header,
        payload: &[u8],
        take: &mut impl FnMut(Incoming<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        match header.opcode {
            Opcode::Ping => take(Incoming::Ping(payload)),
            Opcode::Pong => take(Incoming::Pong(payload)),
            Opcode::Close => take(Incoming::Close(close_code(payload)?)),
            Opcode::Continuation => {
                let partial = self.partial.as_mut().ok_or(Violation::Protocol)?;
                partial.payload.extend_from_slice(payload);
                match self.partial.take_if(|_| header.finished) {
                    Some(Partial { text, payload }) => take(whole(text, &payload)?),
                    None => Ok(()),
                }
            }
            Opcode::Text | Opcode::Binary if self.partial.is_some() => {
                Err(Violation::Protocol.into())
            }
            kind if header.finished => take(whole(kind == Opcode::Text, payload)?),
            kind => {
                self.partial =
                    Some(Partial { text: kind == Opcode::Text, payload: payload.to_vec() });
                Ok(())
            }
        }
    }

    /// Refuses a message that is announced as too long without waiting for it.
    fn check_announced(&self, header: &Header) -> Result<(), Violation> {
        let kept = match header.opcode {
            Opcode::Ping | Opcode::Pong | Opcode::Close => 0,
            _ => self.partial.as_ref().map_or(0, |partial| partial.payload.len() as u64),
        };
        let all = header.length.saturating_add(kept);
        if all > MAX_MESSAGE_BYTES as u64 { Err(Violation::TooLarge) } else { Ok(()) }
    }
}

fn whole(text: bool, payload: &[u8]) -> Result<Incoming<'_>, Violation> {
    if text {
        str::from_utf8(payload).map(Incoming::Text).map_err(|_| Violation::InvalidText)
    } else {
        Ok(Incoming::Binary)
    }
}

fn close_code(payload: &[u8]) -> Result<Option<u16>, Violation> {
    let reason = Parser::try_parse_close_payload(payload).map_err(|_| Violation::Protocol)?;
    Ok(reason.map(|reason| reason.code.into()))
}

#[cfg(test)]
mod tests {
    use actix_http::ws::OpCode;
    use bytes::BytesMut;

    use super::*;

    fn frame(opcode: OpCode, finished: bool, payload: &[u8]) -> BytesMut {
        let mut bytes = BytesMut::new();
        Parser::write_message(&mut bytes, payload, opcode, finished, true);
        bytes
    }

    /// What comes in with all of `frames` at once, in words.
    fn all(frames: &[BytesMut]) -> Result<Vec<String>, Violation> {
        let mut seen = Vec::new();
        Inbound::default().feed(&mut frames.concat(), |incoming| {
            seen.push(format!("{incoming:?}"));
            Ok::<_, Violation>(())
        })?;
        Ok(seen)
    }

    #[test]
    fn a_message_arrives_whole_however_it_is_cut() {
        let whole = [
            frame(OpCode::Text, false, "gr\u{fc}".as_bytes()),
            frame(OpCode::Ping, true, b"7"),
            frame(OpCode::Continue, true, "\u{df}e".as_bytes()),
            frame(OpCode::Text, true, b"and more"),
        ]
        .concat();
        for size in 1..=whole.len() {
            let mut inbound = Inbound::default();
            let mut seen = Vec::new();
            for piece in whole.clone().chunks_mut(size) {
                let taken = inbound.feed(piece, |incoming| {
                    seen.push(format!("{incoming:?}"));
                    Ok::<_, Violation>(())
                });
                assert_eq!(taken, Ok(()));
            }
            let expected = ["Ping([55])", "Text(\"gr\u{fc}\u{df}e\")", "Text(\"and more\")"];
            assert_eq!(seen, expected, "in pieces of {size}");
            assert_eq!(inbound.cut.capacity(), 0, "nothing is kept at rest");
            assert!(inbound.partial.is_none());
        }
    }

    #[test]
    fn nothing_is_taken_after_what_ends_the_connection() {
        let mut both = [frame(OpCode::Text, true, b"1"), frame(OpCode::Text, true, b"2")].concat();
        let mut seen = 0;
        let fed = Inbound::default().feed(&mut both, |_| {
            seen += 1;
            Err(Violation::InvalidText)
        });
        assert_eq!((fed, seen), (Err(Violation::InvalidText), 1));
    }

    #[test]
    fn too_large_is_told_before_it_is_read() {
        let large = frame(OpCode::Text, true, &[b'x'; MAX_MESSAGE_BYTES + 1]);
        assert_eq!(all(&[large[..10].into()]), Err(Violation::TooLarge));
        let huge = BytesMut::from(&[0x81, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0][..]);
        assert_eq!(all(&[huge]), Err(Violation::TooLarge));
    }

    #[test]
    fn the_largest_message_passes_in_one_piece_and_in_two() {
        let largest = vec![b'x'; MAX_MESSAGE_BYTES];
        assert_eq!(all(&[frame(OpCode::Text, true, &largest)]).unwrap().len(), 1);
        let first = frame(OpCode::Text, false, &largest[1..]);
        let fits = frame(OpCode::Continue, true, b"x");
        assert_eq!(all(&[first.clone(), fits]).unwrap().len(), 1);
        let over = frame(OpCode::Continue, true, b"xx");
        assert_eq!(all(&[first, over]), Err(Violation::TooLarge));
    }

    #[test]
    fn what_breaks_the_framing_ends_the_connection() {
        let mut unmasked = BytesMut::new();
        Parser::write_message(&mut unmasked, b"x", OpCode::Text, true, false);
        let mut compressed = frame(OpCode::Text, true, b"x");
        compressed[0] |= 0x40;
        let mut unknown = frame(OpCode::Text, true, b"x");
        unknown[0] = 0x83;
        for frames in [
            vec![unmasked],
            vec![compressed],
            vec![unknown],
            vec![frame(OpCode::Continue, true, b"x")],
            vec![frame(OpCode::Text, false, b"x"), frame(OpCode::Text, true, b"x")],
            vec![frame(OpCode::Ping, false, b"x")],
            vec![frame(OpCode::Ping, true, &[0; 126])],
            vec![frame(OpCode::Close, true, &[3])],
        ] {
            assert_eq!(all(&frames), Err(Violation::Protocol), "{frames:?}");
        }
    }

    #[test]
    fn a_text_is_utf_8() {
        let cut = frame(OpCode::Text, true, &"\u{1F600}".as_bytes()[..3]);
        assert_eq!(all(&[cut]), Err(Violation::InvalidText));
    }

    #[test]
    fn a_close_may_give_a_code() {
        let close = |payload: &[u8]| all(&[frame(OpCode::Close, true, payload)]).unwrap();
        assert_eq!(close(&1000u16.to_be_bytes()), ["Close(Some(1000))"]);
        assert_eq!(close(b""), ["Close(None)"]);
    }
}
