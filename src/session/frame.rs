//! Frames of WebSocket, read in place and written (RFC 6455 section 5.2).

use super::inbound::Violation;

/// The longest payload of a control frame (section 5.5).
const MAX_CONTROL_BYTES: u64 = 125;

/// What a frame is (section 11.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opcode {
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

/// What stands before the payload of a client's frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Whether it is the last frame of its message.
    pub(super) finished: bool,
    pub(super) opcode: Opcode,
    /// The length of the payload, as announced.
    pub(super) length: u64,
    /// Bytes before the mask.
    mask_at: usize,
}

impl Header {
    /// Reads one from the start of `bytes`; `None` while its length is still to
    /// come.
    ///
    /// # Errors
    /// [`Violation::Protocol`]: not masked, an extension that was never agreed
    /// on, no such opcode, or a control frame that is long or in pieces.
    pub(super) fn read(bytes: &[u8]) -> Result<Option<Self>, Violation> {
        let &[first, second, ref rest @ ..] = bytes else { return Ok(None) };
        let finished = first & 0x80 != 0;
        let opcode = match first & 0x0F {
            0 => Opcode::Continuation,
            1 => Opcode::Text,
            2 => Opcode::Binary,
            8 => Opcode::Close,
            9 => Opcode::Ping,
            10 => Opcode::Pong,
            _ => return Err(Violation::Protocol),
        };
        if first & 0x70 != 0 || second & 0x80 == 0 {
            return Err(Violation::Protocol);
        }
        let (length, mask_at) = match second & 0x7F {
            126 => match rest.first_chunk() {
                Some(length) => (u64::from(u16::from_be_bytes(*length)), 4),
                None => return Ok(None),
            },
            127 => match rest.first_chunk() {
                Some(length) => (u64::from_be_bytes(*length), 10),
                None => return Ok(None),
            },
            short => (u64::from(short), 2),
        };
        let control = first & 0x08 != 0;
        if control && (!finished || length > MAX_CONTROL_BYTES) {
            return Err(Violation::Protocol);
        }
        Ok(Some(Self { finished, opcode, length, mask_at }))
    }

    /// The bytes of the whole frame.
    pub(super) fn frame_bytes(&self) -> usize {
        usize::try_from(self.length).unwrap_or(usize::MAX).saturating_add(self.mask_at + 4)
    }

    /// The payload of the whole `frame`, unmasked where it lies.
    pub(super) fn payload<'a>(&self, frame: &'a mut [u8]) -> &'a mut [u8] {
        let (head, payload) = frame.split_at_mut(self.mask_at + 4);
        let mask = head.last_chunk().copied().unwrap_or_default();
        unmask(payload, mask);
        payload
    }
}

/// Applies the mask (section 5.3), eight bytes at once.
fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    if wide == 0 {
        return;
    }
    let (chunks, rest) = payload.as_chunks_mut();
    for chunk in chunks {
        *chunk = (u64::from_ne_bytes(*chunk) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.into_iter().cycle()) {
        *byte ^= mask;
    }
}

/// Bytes that [`append_header`] writes for a payload of this length.
pub(super) fn header_bytes(length: usize) -> usize {
    match length {
        0..=125 => 2,
        126..=0xFFFF => 4,
        _ => 10,
    }
}

/// Puts at the end of `frames` what stands before a payload of the service: one
/// whole message, unmasked.
pub(super) fn append_header(frames: &mut Vec<u8>, opcode: Opcode, length: usize) {
    let first = 0x80 | opcode as u8;
    match header_bytes(length) {
        2 => frames.extend_from_slice(&[first, length as u8]),
        4 => {
            let [high, low] = (length as u16).to_be_bytes();
            frames.extend_from_slice(&[first, 126, high, low]);
        }
        _ => {
            frames.extend_from_slice(&[first, 127]);
            frames.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}

/// Puts a frame of the service at the end of `frames`.
pub(super) fn append(frames: &mut Vec<u8>, opcode: Opcode, payload: &[u8]) {
    append_header(frames, opcode, payload.len());
    frames.extend_from_slice(payload);
}

/// Bytes before the payload of a frame of the service.
pub(super) fn payload_at(frame: &[u8]) -> usize {
    match frame.get(1) {
        Some(127) => 10,
        Some(126) => 4,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use actix_http::ws::{OpCode, Parser};
    use bytes::BytesMut;

    use super::*;

    #[test]
    fn what_is_written_is_what_others_read() {
        for length in [0, 1, 125, 126, 0xFFFF, 0x1_0000] {
            let payload = vec![b'x'; length];
            let mut frame = Vec::new();
            append(&mut frame, Opcode::Text, &payload);
            assert_eq!(frame.len(), header_bytes(length) + length);
            assert_eq!(payload_at(&frame), header_bytes(length));
            let read = Parser::parse(&mut BytesMut::from(&frame[..]), false, 1 << 20).unwrap();
            let (finished, opcode, read) = read.expect("a whole frame");
            assert_eq!((finished, opcode), (true, OpCode::Text));
            assert_eq!(read.unwrap_or_default(), payload);
        }
    }

    #[test]
    fn what_others_mask_is_what_is_read() {
        for length in [0, 1, 7, 8, 9, 125, 126, 0xFFFF, 0x1_0000] {
            let payload: Vec<u8> = (0..length).map(|at| at as u8).collect();
            let mut frame = BytesMut::new();
            Parser::write_message(&mut frame, &payload[..], OpCode::Binary, true, true);
            let header = Header::read(&frame).unwrap().unwrap();
            assert_eq!((header.opcode, header.finished), (Opcode::Binary, true));
            assert_eq!(header.frame_bytes(), frame.len());
            assert_eq!(header.payload(&mut frame), payload);
        }
    }

    #[test]
    fn a_length_that_is_still_to_come_is_waited_for() {
        for whole in [&[0x81, 0xFE, 1, 0][..], &[0x81, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0]] {
            for cut in 0..whole.len() {
                assert_eq!(Header::read(&whole[..cut]), Ok(None));
            }
            assert!(Header::read(whole).unwrap().is_some());
        }
    }
}
