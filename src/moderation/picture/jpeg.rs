//! The structure of a JPEG (ITU-T T.81, annex B; JFIF is T.871).

use super::{MAX_WORK, NotAPicture, fits};

/// The most scans: a picture has about ten. Each may go over all of it, however few
/// bytes the scan has.
pub(super) const MAX_SCANS: usize = 32;

const START: u8 = 0xd8;
const END: u8 = 0xd9;
const SCAN: u8 = 0xda;
/// Huffman tables, quantization tables and the restart interval.
const TABLES: [u8; 3] = [0xc4, 0xdb, 0xdd];
/// Baseline, extended sequential and progressive.
const FRAMES: [u8; 3] = [0xc0, 0xc1, PROGRESSIVE];
const PROGRESSIVE: u8 = 0xc2;
/// What applications and people add.
const ADDED: [std::ops::RangeInclusive<u8>; 2] = [0xe0..=0xef, 0xfe..=0xfe];
const JFIF: u8 = 0xe0;
const ADOBE: u8 = 0xee;

/// The frame's header.
struct Frame {
    width: u32,
    height: u32,
    components: u8,
    progressive: bool,
}

/// What is left of a picture's bytes, and what of it is needed.
struct Reader<'a> {
    rest: &'a [u8],
    bare: Vec<u8>,
    frame: Option<Frame>,
    scans: usize,
}

/// The picture without what is not needed to draw it.
pub(super) fn bare(bytes: &[u8]) -> Result<Vec<u8>, NotAPicture> {
    let rest = bytes.strip_prefix(&[0xff, START]).ok_or(NotAPicture::UnknownFormat)?;
    let bare = Vec::with_capacity(bytes.len());
    let mut reader = Reader { rest, bare, frame: None, scans: 0 };
    reader.bare.extend([0xff, START]);
    loop {
        match reader.marker()? {
            END => break,
            marker => reader.segment(marker)?,
        }
    }
    if !reader.rest.is_empty() {
        return Err(NotAPicture::Trailing);
    }
    if reader.scans == 0 {
        return Err(NotAPicture::Undecodable);
    }
    reader.bare.extend([0xff, END]);
    Ok(reader.bare)
}

impl<'a> Reader<'a> {
    /// The next marker; any number of bytes 0xff may stand before it.
    fn marker(&mut self) -> Result<u8, NotAPicture> {
        let (0xff, after) = self.first()? else { return Err(NotAPicture::Undecodable) };
        self.rest = after;
        loop {
            let (byte, after) = self.first()?;
            self.rest = after;
            if byte != 0xff {
                return Ok(byte);
            }
        }
    }

    fn first(&self) -> Result<(u8, &'a [u8]), NotAPicture> {
        self.rest.split_first().map(|(byte, after)| (*byte, after)).ok_or(NotAPicture::CutOff)
    }

    fn segment(&mut self, marker: u8) -> Result<(), NotAPicture> {
        let known = TABLES.contains(&marker) || FRAMES.contains(&marker) || marker == SCAN;
        if !known && !ADDED.iter().any(|added| added.contains(&marker)) {
            return Err(NotAPicture::Undecodable);
        }
        let (length, after) = self.rest.split_first_chunk().ok_or(NotAPicture::CutOff)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let length = length.checked_sub(2).ok_or(NotAPicture::Undecodable)?;
        let (body, after) = after.split_at_checked(length).ok_or(NotAPicture::CutOff)?;
        self.rest = after;
        match marker {
            JFIF => self.keep_jfif(body),
            ADOBE => self.keep_adobe(body),
            SCAN => self.scan(body)?,
            marker if FRAMES.contains(&marker) => self.frame(marker, body)?,
            marker if TABLES.contains(&marker) => self.keep(marker, body),
            _ => {}
        }
        Ok(())
    }

    fn keep(&mut self, marker: u8, body: &[u8]) {
        let length = u16::try_from(body.len() + 2).expect("no longer than it came");
        self.bare.extend([0xff, marker]);
        self.bare.extend(length.to_be_bytes());
        self.bare.extend(body);
    }

    /// Version and density, by which a picture is known for JFIF; no thumbnail.
    fn keep_jfif(&mut self, body: &[u8]) {
        if let Some(head) = body.first_chunk::<14>().filter(|head| head.starts_with(b"JFIF\0")) {
            let mut head = *head;
            head[12..].fill(0);
            self.keep(JFIF, &head);
        }
    }

    /// The colours' transform, without which they are wrong.
    fn keep_adobe(&mut self, body: &[u8]) {
        if let Some(head) = body.first_chunk::<12>().filter(|head| head.starts_with(b"Adobe")) {
            self.keep(ADOBE, head);
        }
    }

    fn frame(&mut self, marker: u8, body: &[u8]) -> Result<(), NotAPicture> {
        let Some(&[_precision, h1, h0, w1, w0, components]) = body.first_chunk() else {
            return Err(NotAPicture::Undecodable);
        };
        let side = |high, low| u32::from(u16::from_be_bytes([high, low]));
        let (width, height) = (side(w1, w0), side(h1, h0));
        let progressive = marker == PROGRESSIVE;
        if self.frame.replace(Frame { width, height, components, progressive }).is_some() {
            return Err(NotAPicture::Undecodable);
        }
        self.keep(marker, body);
        Ok(())
    }

    /// A scan's header and its data, which ends at a marker that is no restart.
    fn scan(&mut self, head: &[u8]) -> Result<(), NotAPicture> {
        let frame = self.frame.as_ref().ok_or(NotAPicture::Undecodable)?;
        // Where not all comes in one scan, all coefficients are kept at once as well.
        let at_once = frame.progressive || head.first() != Some(&frame.components);
        let bytes_a_pixel = u64::from(frame.components) * if at_once { 3 } else { 1 };
        fits(frame.width, frame.height, bytes_a_pixel)?;
        self.scans += 1;
        let work = u64::from(frame.width) * u64::from(frame.height) * self.scans as u64;
        if self.scans > MAX_SCANS || work > MAX_WORK {
            return Err(NotAPicture::Unpacked);
        }
        self.keep(SCAN, head);
        let is_end = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xd0..=0xd7);
        let end = self.rest.windows(2).position(is_end).ok_or(NotAPicture::CutOff)?;
        let (data, after) = self.rest.split_at(end);
        self.bare.extend(data);
        self.rest = after;
        Ok(())
    }
}
