//! The structure of a WebP (RFC 9649).

use super::{NotAPicture, fits};

/// The flags of an extended file.
const ALPHA: u8 = 0x10;
const ANIMATION: u8 = 0x02;

/// The chunks of a still picture that are needed to draw it.
#[derive(Default)]
struct Chunks<'a> {
    extended: Option<&'a [u8]>,
    alpha: Option<&'a [u8]>,
    lossy: Option<&'a [u8]>,
    lossless: Option<&'a [u8]>,
}

/// The picture without what is not needed to draw it.
pub(super) fn bare(bytes: &[u8]) -> Result<Vec<u8>, NotAPicture> {
    let chunks = Chunks::read(body(bytes)?)?;
    let mut bare = b"RIFF\0\0\0\0WEBP".to_vec();
    match (chunks.lossy, chunks.lossless, chunks.alpha) {
        (Some(lossy), None, alpha) => {
            let (width, height) = lossy_sides(lossy)?;
            chunks.admit(width, height)?;
            if let Some(alpha) = alpha {
                write(&mut bare, b"VP8X", &extended(width, height));
                write(&mut bare, b"ALPH", alpha);
            }
            write(&mut bare, b"VP8 ", lossy);
        }
        (None, Some(lossless), None) => {
            let (width, height) = lossless_sides(lossless)?;
            chunks.admit(width, height)?;
            write(&mut bare, b"VP8L", lossless);
        }
        _ => return Err(NotAPicture::Undecodable),
    }
    let length = u32::try_from(bare.len() - 8).expect("about as long as it came");
    bare[4..8].copy_from_slice(&length.to_le_bytes());
    Ok(bare)
}

/// The chunks' bytes: as many as the header says.
fn body(bytes: &[u8]) -> Result<&[u8], NotAPicture> {
    let (head, after) = bytes.split_first_chunk::<8>().ok_or(NotAPicture::CutOff)?;
    let [.., a, b, c, d] = *head;
    let length = u32::from_le_bytes([a, b, c, d]) as usize;
    if after.len() < length {
        return Err(NotAPicture::CutOff);
    }
    if after.len() > length {
        return Err(NotAPicture::Trailing);
    }
    after.strip_prefix(b"WEBP").ok_or(NotAPicture::UnknownFormat)
}

impl<'a> Chunks<'a> {
    fn read(mut rest: &'a [u8]) -> Result<Self, NotAPicture> {
        let mut chunks = Self::default();
        while !rest.is_empty() {
            let (name, body) = chunk(&mut rest)?;
            let place = match name {
                b"VP8X" => &mut chunks.extended,
                b"ALPH" => &mut chunks.alpha,
                b"VP8 " => &mut chunks.lossy,
                b"VP8L" => &mut chunks.lossless,
                b"ANIM" | b"ANMF" => return Err(NotAPicture::Animated),
                _ => continue,
            };
            if place.replace(body).is_some() {
                return Err(NotAPicture::Undecodable);
            }
        }
        Ok(chunks)
    }

    /// Whether a picture of these sides may be decoded and is what the file says.
    fn admit(&self, width: u32, height: u32) -> Result<(), NotAPicture> {
        if let Some(said) = self.extended {
            let said = said.first_chunk::<10>().ok_or(NotAPicture::Undecodable)?;
            if said[0] & ANIMATION != 0 {
                return Err(NotAPicture::Animated);
            }
            let said_sides = &extended(width, height)[4..];
            if said[4..] != *said_sides {
                return Err(NotAPicture::Undecodable);
            }
        }
        fits(width, height, 4)
    }
}

/// Takes the first chunk from `rest`: its name and its body. A body of odd length is
/// followed by a byte that says nothing.
fn chunk<'a>(rest: &mut &'a [u8]) -> Result<(&'a [u8; 4], &'a [u8]), NotAPicture> {
    let (name, after) = rest.split_first_chunk().ok_or(NotAPicture::CutOff)?;
    let (length, after) = after.split_first_chunk().ok_or(NotAPicture::CutOff)?;
    let length = u32::from_le_bytes(*length) as usize;
    let (body, after) = after.split_at_checked(length).ok_or(NotAPicture::CutOff)?;
    *rest = after.get(length % 2..).ok_or(NotAPicture::CutOff)?;
    Ok((name, body))
}

fn write(bytes: &mut Vec<u8>, name: &[u8; 4], body: &[u8]) {
    let length = u32::try_from(body.len()).expect("no longer than it came");
    bytes.extend(name);
    bytes.extend(length.to_le_bytes());
    bytes.extend(body);
    bytes.extend(std::iter::repeat_n(0, body.len() % 2));
}

/// The header of an extended file that has transparency and nothing else.
fn extended(width: u32, height: u32) -> [u8; 10] {
    let [w0, w1, w2, _] = width.wrapping_sub(1).to_le_bytes();
    let [h0, h1, h2, _] = height.wrapping_sub(1).to_le_bytes();
    [ALPHA, 0, 0, 0, w0, w1, w2, h0, h1, h2]
}

/// The sides of a key frame of VP8 (RFC 6386 section 9.1), without their scales.
fn lossy_sides(body: &[u8]) -> Result<(u32, u32), NotAPicture> {
    match body.first_chunk() {
        Some(&[_, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1]) => {
            let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
            Ok((side(w0, w1), side(h0, h1)))
        }
        _ => Err(NotAPicture::Undecodable),
    }
}

/// The sides of a lossless picture (RFC 9649 section 3.4).
fn lossless_sides(body: &[u8]) -> Result<(u32, u32), NotAPicture> {
    match body.first_chunk() {
        Some(&[0x2f, a, b, c, d]) => {
            let bits = u32::from_le_bytes([a, b, c, d]);
            Ok(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        _ => Err(NotAPicture::Undecodable),
    }
}
