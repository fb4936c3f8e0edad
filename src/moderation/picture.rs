//! Whether what came with a report is a picture, and one that may be kept. Pure.
//!
//! Its structure is read first, and what is not needed to draw it is left out: Exif
//! and XMP, which may say where it was taken, comments, thumbnails, colour profiles
//! and anything unknown. The pixels stay as they came: coded anew they would be
//! worse evidence, and no smaller. Then the rest is decoded whole. What is not looked
//! for is what a picture's own data may hide: it is to be served as the picture that
//! it is and as nothing else (`nosniff`).
//!
//! That takes up to half a second and about 100 MB, for one of a few kilobytes too;
//! 10 ms for what a camera shows. So it is work for other threads than those that
//! serve connections, a few at a time.

use std::io::Cursor;
use std::panic::catch_unwind;

use image_webp::WebPDecoder;
use zune_core::bytestream::ZCursor;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::record::PictureKind;

mod jpeg;
mod webp;

/// The largest picture, in bytes.
pub const MAX_PICTURE_BYTES: usize = 256 * 1024;

/// The most pixels of a side.
const MAX_SIDE: u32 = 4096;

/// The most bytes that decoding may take.
const MAX_DECODED_BYTES: u64 = 64 << 20;

/// The most pixels that decoding may go over, some more than once.
const MAX_WORK: u64 = 64 << 20;

/// Why something is no picture that can be kept, in words for who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAPicture {
    /// Nothing came.
    #[error("the picture is empty")]
    Empty,
    /// Over [`MAX_PICTURE_BYTES`].
    #[error("a picture has at most {MAX_PICTURE_BYTES} bytes")]
    TooLarge,
    /// Another format, whatever it was called.
    #[error("a picture is a JPEG or a WebP")]
    UnknownFormat,
    /// It ends before its end.
    #[error("the picture is cut off")]
    CutOff,
    /// Something follows its end.
    #[error("something follows the end of the picture")]
    Trailing,
    /// Without pixels, or with too many in a row or column.
    #[error("a picture has 1 to {MAX_SIDE} pixels on each side")]
    Sides,
    /// It unpacks to too much.
    #[error("the picture unpacks to too much")]
    Unpacked,
    /// More than one picture.
    #[error("the picture must stand still")]
    Animated,
    /// Its structure or its data is wrong, or of a kind that is not taken.
    #[error("the picture can't be decoded")]
    Undecodable,
}

/// A picture that may be kept, without what tells more than it shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Checked {
    /// Its format, by what it is.
    pub kind: PictureKind,
    /// Its bytes: at most as many as came.
    pub bytes: Vec<u8>,
}

/// Checks one picture, and takes out what is not needed to draw it.
///
/// # Errors
/// [`NotAPicture`].
pub fn check(bytes: &[u8]) -> Result<Checked, NotAPicture> {
    let kind = match bytes {
        [] => return Err(NotAPicture::Empty),
        [..] if bytes.len() > MAX_PICTURE_BYTES => return Err(NotAPicture::TooLarge),
        [0xff, 0xd8, 0xff, ..] => PictureKind::Jpeg,
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => PictureKind::Webp,
        [..] => return Err(NotAPicture::UnknownFormat),
    };
    let bare = match kind {
        PictureKind::Jpeg => jpeg::bare(bytes)?,
        PictureKind::Webp => webp::bare(bytes)?,
    };
    // A fault of a decoder is to cost nobody else anything.
    let decoded = catch_unwind(|| match kind {
        PictureKind::Jpeg => decode_jpeg(&bare),
        PictureKind::Webp => decode_webp(&bare),
    });
    let decoded = decoded.ok().flatten();
    decoded.map(|()| Checked { kind, bytes: bare }).ok_or(NotAPicture::Undecodable)
}

/// Whether a picture of these sides that takes so many bytes a pixel may be decoded.
fn fits(width: u32, height: u32, bytes_a_pixel: u64) -> Result<(), NotAPicture> {
    if !(1..=MAX_SIDE).contains(&width) || !(1..=MAX_SIDE).contains(&height) {
        return Err(NotAPicture::Sides);
    }
    let unpacked = u64::from(width) * u64::from(height) * bytes_a_pixel;
    if unpacked > MAX_DECODED_BYTES { Err(NotAPicture::Unpacked) } else { Ok(()) }
}

fn decode_jpeg(bytes: &[u8]) -> Option<()> {
    let side = MAX_SIDE as usize;
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(side)
        .set_max_height(side)
        .jpeg_set_max_scans(jpeg::MAX_SCANS);
    JpegDecoder::new_with_options(ZCursor::new(bytes), options).decode().ok().map(drop)
}

fn decode_webp(bytes: &[u8]) -> Option<()> {
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).ok()?;
    let mut pixels = vec![0; decoder.output_buffer_size()?];
    decoder.read_image(&mut pixels).ok()
}

impl std::fmt::Debug for Checked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checked").field("kind", &self.kind).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
