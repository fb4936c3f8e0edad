//! The form of an entry on the disk: a mark, its length, a checksum, and MessagePack.

use serde::Serialize as _;
use sha2::{Digest as _, Sha256};

use crate::moderation::Entry;

/// In front of each entry: by it a queue is told from any other file.
const MARK: &[u8; 4] = b"PSB1";
const LENGTH: usize = 4;
const CHECKSUM: usize = 8;
/// What stands in front of an entry.
pub(super) const HEADER: usize = MARK.len() + LENGTH + CHECKSUM;
/// More bytes than this no entry has.
pub(super) const MAX_ENTRY_BYTES: usize = 4 * 1024 * 1024;

/// An entry's header, read back.
pub(super) struct Header {
    /// The bytes that follow.
    pub(super) length: usize,
    checksum: [u8; CHECKSUM],
}

impl Header {
    /// `None` where it is none, or not whole.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (mark, rest) = bytes.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let whole = mark == MARK && length <= MAX_ENTRY_BYTES;
        let checksum = *rest.first_chunk()?;
        whole.then_some(Self { length, checksum })
    }

    /// The entry; `None` where the bytes are not those that were written, or say
    /// nothing to this version.
    pub(super) fn entry(&self, bytes: &[u8]) -> Option<Entry> {
        let right = checksum(bytes) == self.checksum;
        right.then(|| rmp_serde::from_slice(bytes).ok()).flatten()
    }
}

/// Whether a file that begins so is a queue, whole or not.
pub(super) fn is_queue(start: &[u8]) -> bool {
    start.iter().zip(MARK).all(|(byte, mark)| byte == mark)
}

/// An entry with its header; `None` where it is too large.
pub(super) fn write(entry: &Entry) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    let mut serializer = rmp_serde::Serializer::new(&mut body)
        .with_struct_map()
        .with_bytes(rmp_serde::config::BytesMode::ForceAll);
    entry.serialize(&mut serializer).ok()?;
    let length = u32::try_from(body.len()).ok().filter(|_| body.len() <= MAX_ENTRY_BYTES)?;
    Some([&MARK[..], &length.to_le_bytes(), &checksum(&body), &body].concat())
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    std::array::from_fn(|at| digest[at])
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::clock::UnixMillis;
    use crate::moderation::{Picture, PictureKind, ReportId};

    #[test]
    fn a_picture_takes_little_more_than_its_bytes() {
        let bytes = (0..=255).cycle().take(256 * 1024).collect::<Vec<u8>>();
        let report = ReportId(Uuid::new_v4());
        let picture =
            Picture { report, at: UnixMillis(1), kind: PictureKind::Jpeg, bytes: bytes.clone() };
        let entry = Entry::Picture(Box::new(picture));
        let written = write(&entry).unwrap();
        assert!(written.len() < bytes.len() + 200);
        let (header, body) = written.split_at(HEADER);
        let header = Header::read(header).unwrap();
        assert_eq!(header.length, body.len());
        assert_eq!(header.entry(body), Some(entry));
        let mut changed = body.to_vec();
        changed[1000] ^= 1;
        assert_eq!(header.entry(&changed), None);
    }
}
