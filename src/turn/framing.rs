//! Messages and channel data within a stream (RFC 8656, section 2.1 and 12.4).

use stun_types::message::MessageHeader;
use turn_types::channel::ChannelData;

/// What a message or channel data begins with at least.
const HEADER: usize = 4;
/// The first bytes of a message that are not of its attributes (RFC 8489,
/// section 5).
const MESSAGE_HEADER: usize = MessageHeader::LENGTH;

/// What stands at the begin of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// More must come in before it can be told.
    Partial,
    /// A whole one.
    Whole {
        /// Bytes of it.
        length: usize,
        /// Bytes up to the next one.
        padded: usize,
    },
    /// Neither: the stream can't be followed any further.
    Garbage,
}

/// Whether something is channel data, by its first byte; else it is a message or
/// nothing.
pub(crate) fn is_channel_data(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| (0x40..0x80).contains(first))
}

/// Finds the first frame. A frame has at most 65,552 bytes, as its length says.
pub(crate) fn first(bytes: &[u8]) -> Frame {
    let Some(&[kind, _, high, low]) = bytes.first_chunk::<HEADER>() else { return Frame::Partial };
    let length = usize::from(u16::from_be_bytes([high, low]));
    let (length, padded) = match kind {
        0x40..0x80 => (HEADER + length, HEADER + length.next_multiple_of(4)),
        0..0x40 if length.is_multiple_of(4) => (MESSAGE_HEADER + length, MESSAGE_HEADER + length),
        _ => return Frame::Garbage,
    };
    if bytes.len() < padded { Frame::Partial } else { Frame::Whole { length, padded } }
}

/// Writes channel data before its payload, which stands in `bytes` from
/// `payload` on; what is to be sent. There must be four bytes before it.
pub(crate) fn prefix_channel(bytes: &mut [u8], payload: usize, number: u16) -> &[u8] {
    let length = u16::try_from(bytes.len() - payload).expect("a datagram has less than 64 KB");
    let start = payload - HEADER;
    bytes[start..start + 2].copy_from_slice(&number.to_be_bytes());
    bytes[start + 2..payload].copy_from_slice(&length.to_be_bytes());
    &bytes[start..]
}

/// The number and the payload of channel data.
pub(crate) fn channel_data(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (number, length) = ChannelData::parse_header(bytes).ok()?;
    Some((number, bytes.get(HEADER..HEADER + length)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channel_data_is_padded_in_a_stream() {
        assert_eq!(first(&[0x40, 0, 0]), Frame::Partial);
        assert_eq!(first(&[0x40, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0]), Frame::Partial);
        let whole = [0x40, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0, 9];
        assert_eq!(first(&whole), Frame::Whole { length: 9, padded: 12 });
        assert_eq!(channel_data(&whole[..9]), Some((0x4000, &whole[4..9])));
    }

    #[test]
    fn a_message_ends_where_its_length_says() {
        let mut bytes = [0; 40];
        bytes[3] = 12;
        assert_eq!(first(&bytes), Frame::Whole { length: 32, padded: 32 });
        assert_eq!(first(&bytes[..31]), Frame::Partial);
        bytes[3] = 13;
        assert_eq!(first(&bytes), Frame::Garbage);
        assert_eq!(first(b"\x80\0\0\0"), Frame::Garbage);
        assert_eq!(first(b"GET / HTTP/1.1\r\n"), Frame::Partial);
    }

    #[test]
    fn a_channel_is_written_before_its_payload() {
        let mut bytes = *b"......payload";
        let framed = prefix_channel(&mut bytes, 6, 0x4001);
        assert_eq!(framed, b"\x40\x01\0\x07payload");
        assert_eq!(channel_data(framed), Some((0x4001, &b"payload"[..])));
        assert_eq!(channel_data(&framed[..10]), None);
    }
}
