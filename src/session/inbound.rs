//! From bytes to a client's messages (RFC 6455 section 5).
//!
//! The framing is actix-http's; on top come what it leaves open: a bound that
//! holds before a frame is complete, reassembly under the same bound, and
//! UTF-8. Nothing is kept while no message is under way.

use actix_http::ws::{OpCode, Parser};
use actix_ws::ProtocolError;
use bytes::BytesMut;

use crate::protocol::MAX_MESSAGE_BYTES;

/// What came in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Incoming {
    /// A whole text.
    Text(String),
    /// A whole message of bytes, which the protocol has no use for.
    Binary,
    /// A ping, to be answered with the same bytes.
    Ping(BytesMut),
    /// The answer to a ping, with the ping's bytes.
    Pong(BytesMut),
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

impl From<ProtocolError> for Violation {
    fn from(_: ProtocolError) -> Self {
        Self::Protocol
    }
}

/// Bytes that came in and a message under way.
#[derive(Debug, Default)]
pub(super) struct Inbound {
    bytes: BytesMut,
    partial: Option<Partial>,
}

#[derive(Debug)]
struct Partial {
    text: bool,
    payload: BytesMut,
}

impl Inbound {
    /// Begins with what the handshake had read beyond itself.
    pub(super) fn new(bytes: BytesMut) -> Self {
        Self { bytes, partial: None }
    }

    /// Adds bytes as they came in.
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next message; `None` when more bytes are wanted.
    ///
    /// # Errors
    /// What the client did wrong; nothing after it is to be read.
    pub(super) fn next(&mut self) -> Result<Option<Incoming>, Violation> {
        loop {
            self.check_announced()?;
            let frame = Parser::parse(&mut self.bytes, true, MAX_MESSAGE_BYTES)?;
            let Some((finished, opcode, payload)) = frame else {
                if self.bytes.is_empty() {
                    self.bytes = BytesMut::new();
                }
                return Ok(None);
            };
            let payload = payload.unwrap_or_default();
            if let Some(incoming) = self.frame(finished, opcode, payload)? {
                return Ok(Some(incoming));
            }
        }
    }

    fn frame(
        &mut self,
        finished: bool,
        opcode: OpCode,
        payload: BytesMut,
    ) -> Result<Option<Incoming>, Violation> {
        match opcode {
            OpCode::Text | OpCode::Binary if self.partial.is_some() => Err(Violation::Protocol),
            OpCode::Text | OpCode::Binary => {
                self.partial = Some(Partial { text: opcode == OpCode::Text, payload });
                self.finish(finished)
            }
            OpCode::Continue => {
                let partial = self.partial.as_mut().ok_or(Violation::Protocol)?;
                partial.payload.extend_from_slice(&payload);
                self.finish(finished)
            }
            OpCode::Ping | OpCode::Pong | OpCode::Close if !finished => Err(Violation::Protocol),
            OpCode::Ping => Ok(Some(Incoming::Ping(payload))),
            OpCode::Pong => Ok(Some(Incoming::Pong(payload))),
            OpCode::Close => {
                let reason = Parser::try_parse_close_payload(&payload)?;
                Ok(Some(Incoming::Close(reason.map(|reason| reason.code.into()))))
            }
            OpCode::Bad => Err(Violation::Protocol),
        }
    }

    fn finish(&mut self, finished: bool) -> Result<Option<Incoming>, Violation> {
        let Some(partial) = self.partial.take_if(|_| finished) else { return Ok(None) };
        if !partial.text {
            return Ok(Some(Incoming::Binary));
        }
        let text = String::from_utf8(partial.payload.into()).map_err(|_| Violation::InvalidText)?;
        Ok(Some(Incoming::Text(text)))
    }

    /// Refuses a frame that is announced as too long without waiting for it.
    fn check_announced(&self) -> Result<(), Violation> {
        let Some((control, announced)) = announced_bytes(&self.bytes) else { return Ok(()) };
        if control {
            return if announced > 125 { Err(Violation::Protocol) } else { Ok(()) };
        }
        let kept = self.partial.as_ref().map_or(0, |partial| partial.payload.len());
        if kept as u64 + announced > MAX_MESSAGE_BYTES as u64 {
            return Err(Violation::TooLarge);
        }
        Ok(())
    }
}

/// Whether the frame that `bytes` begins with is a control frame, and how long
/// it says its payload is; `None` while that is still to come.
fn announced_bytes(bytes: &[u8]) -> Option<(bool, u64)> {
    let control = bytes.first()? & 0x08 != 0;
    let length = match bytes.get(1)? & 0x7F {
        126 => u64::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)),
        127 => u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?),
        short => u64::from(short),
    };
    Some((control, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(opcode: OpCode, finished: bool, payload: &[u8]) -> BytesMut {
        let mut bytes = BytesMut::new();
        Parser::write_message(&mut bytes, payload, opcode, finished, true);
        bytes
    }

    fn after(frames: &[BytesMut]) -> Inbound {
        let mut inbound = Inbound::default();
        frames.iter().for_each(|frame| inbound.extend(frame));
        inbound
    }

    #[test]
    fn a_message_arrives_whole_however_it_is_cut() {
        let whole = [
            frame(OpCode::Text, false, "gr\u{fc}".as_bytes()),
            frame(OpCode::Ping, true, b"7"),
            frame(OpCode::Continue, true, "\u{df}e".as_bytes()),
        ]
        .concat();
        let mut inbound = Inbound::default();
        let mut seen = Vec::new();
        for byte in whole {
            inbound.extend(&[byte]);
            while let Some(incoming) = inbound.next().unwrap() {
                seen.push(incoming);
            }
        }
        let ping = Incoming::Ping(BytesMut::from(&b"7"[..]));
        assert_eq!(seen, [ping, Incoming::Text("gr\u{fc}\u{df}e".into())]);
        assert_eq!(inbound.bytes.capacity(), 0, "nothing is kept at rest");
    }

    #[test]
    fn too_large_is_told_before_it_is_read() {
        let large = frame(OpCode::Text, true, &[b'x'; MAX_MESSAGE_BYTES + 1]);
        assert_eq!(after(&[large[..10].into()]).next(), Err(Violation::TooLarge));
        let huge = BytesMut::from(&[0x81, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0][..]);
        assert_eq!(after(&[huge]).next(), Err(Violation::TooLarge));
    }

    #[test]
    fn the_largest_message_passes_in_one_piece_and_in_two() {
        let largest = vec![b'x'; MAX_MESSAGE_BYTES];
        let one = frame(OpCode::Text, true, &largest);
        assert!(matches!(after(&[one]).next(), Ok(Some(Incoming::Text(_)))));
        let first = frame(OpCode::Text, false, &largest[1..]);
        let fits = frame(OpCode::Continue, true, b"x");
        assert!(matches!(after(&[first.clone(), fits]).next(), Ok(Some(Incoming::Text(_)))));
        let over = frame(OpCode::Continue, true, b"xx");
        assert_eq!(after(&[first, over]).next(), Err(Violation::TooLarge));
    }

    #[test]
    fn what_breaks_the_framing_ends_the_connection() {
        let mut unmasked = BytesMut::new();
        Parser::write_message(&mut unmasked, b"x", OpCode::Text, true, false);
        let mut compressed = frame(OpCode::Text, true, b"x");
        compressed[0] |= 0x40;
        for frames in [
            vec![unmasked],
            vec![compressed],
            vec![frame(OpCode::Continue, true, b"x")],
            vec![frame(OpCode::Text, false, b"x"), frame(OpCode::Text, true, b"x")],
            vec![frame(OpCode::Ping, false, b"x")],
            vec![frame(OpCode::Ping, true, &[0; 126])],
            vec![frame(OpCode::Close, true, &[3])],
        ] {
            let mut inbound = after(&frames);
            assert_eq!(inbound.next(), Err(Violation::Protocol), "{frames:?}");
        }
    }

    #[test]
    fn a_text_is_utf_8() {
        let cut = frame(OpCode::Text, true, &"\u{1F600}".as_bytes()[..3]);
        assert_eq!(after(&[cut]).next(), Err(Violation::InvalidText));
    }

    #[test]
    fn a_close_may_give_a_code() {
        let close = |payload: &[u8]| after(&[frame(OpCode::Close, true, payload)]).next();
        assert_eq!(close(&1000u16.to_be_bytes()), Ok(Some(Incoming::Close(Some(1000)))));
        assert_eq!(close(b""), Ok(Some(Incoming::Close(None))));
    }
}
