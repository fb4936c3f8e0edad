use image::codecs::jpeg::JpegEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, Rgb, RgbImage};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::*;

fn pixels(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, (x * y) as u8]))
}

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new(&mut bytes).encode_image(&pixels(width, height)).unwrap();
    bytes
}

fn webp(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = WebPEncoder::new_lossless(&mut bytes);
    let pixels = pixels(width, height);
    encoder.encode(&pixels, width, height, ExtendedColorType::Rgb8).unwrap();
    bytes
}

/// The smallest lossy picture, of 2 x 2 pixels: what `cwebp` makes of four red ones.
fn lossy_body() -> Vec<u8> {
    let text = "d001009d012a0200020002003425a00274ba01f80003b000feF0C40bff206175c8d7ff203fe407fc80fff8f2000000";
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

fn riff(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut bytes = b"RIFF\0\0\0\0WEBP".to_vec();
    for (name, body) in chunks {
        bytes.extend(*name);
        bytes.extend((body.len() as u32).to_le_bytes());
        bytes.extend(*body);
        bytes.extend(vec![0; body.len() % 2]);
    }
    let length = bytes.len() as u32 - 8;
    bytes[4..8].copy_from_slice(&length.to_le_bytes());
    bytes
}

/// `bytes` with a segment behind the start of a JPEG.
fn with_segment(bytes: &[u8], marker: u8, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u16 + 2).to_be_bytes();
    [&bytes[..2], &[0xff, marker], &length, body, &bytes[2..]].concat()
}

fn wrong(bytes: &[u8]) -> NotAPicture {
    check(bytes).expect_err("is no picture")
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn pictures_are_taken_by_what_they_are() {
    for (bytes, kind) in [
        (jpeg(64, 48), PictureKind::Jpeg),
        (jpeg(1, 1), PictureKind::Jpeg),
        (webp(64, 48), PictureKind::Webp),
        (riff(&[(b"VP8 ", &lossy_body())]), PictureKind::Webp),
    ] {
        let checked = check(&bytes).unwrap();
        assert_eq!((checked.kind, &checked.bytes), (kind, &bytes));
        assert_eq!(check(&checked.bytes), Ok(checked));
    }
}

#[test]
fn what_says_more_than_the_picture_shows_is_taken_out() {
    let plain = jpeg(64, 48);
    let mut talkative = with_segment(&plain, 0xfe, b"a comment: PLACE");
    for (marker, body) in [
        (0xe1, &b"Exif\0\0PLACE"[..]),
        (0xe1, b"http://ns.adobe.com/xap/1.0/\0PLACE"),
        (0xe2, b"ICC_PROFILE\0PLACE"),
        (0xed, b"Photoshop 3.0\0PLACE"),
        (0xe0, b"JFXX\0PLACE"),
    ] {
        talkative = with_segment(&talkative, marker, body);
    }
    assert_eq!(check(&talkative).unwrap().bytes, plain);
    let mut thumbnail = b"JFIF\0\x01\x02\0\0\x01\0\x01\x01\x01".to_vec();
    thumbnail.extend(b"PLACE");
    let with_thumbnail = check(&with_segment(&plain, 0xe0, &thumbnail)).unwrap().bytes;
    assert!(!holds(&with_thumbnail, b"PLACE"));
    let lossless = webp(64, 48);
    let body = &lossless[20..];
    let head = [&[0x2c, 0, 0, 0][..], &extended_sides(64, 48)].concat();
    let chunks: &[(&[u8; 4], &[u8])] = &[
        (b"VP8X", &head),
        (b"ICCP", b"PLACE"),
        (b"VP8L", body),
        (b"EXIF", b"PLACE"),
        (b"XMP ", b"PLACE"),
        (b"WHAT", b"PLACE"),
    ];
    let checked = check(&riff(chunks)).unwrap().bytes;
    assert!(!holds(&checked, b"PLACE"));
    assert_eq!(check(&checked).unwrap().bytes, checked);
}

fn extended_sides(width: u32, height: u32) -> Vec<u8> {
    [&(width - 1).to_le_bytes()[..3], &(height - 1).to_le_bytes()[..3]].concat()
}

#[test]
fn transparency_stays() {
    let head = [&[0x10, 0, 0, 0][..], &extended_sides(2, 2)].concat();
    let alpha = [0, 10, 20, 30, 40];
    let lossy = lossy_body();
    let file = riff(&[(b"VP8X", &head), (b"ALPH", &alpha), (b"VP8 ", &lossy)]);
    assert_eq!(check(&file).unwrap().bytes, file);
}

#[test]
fn what_is_no_picture_is_told_why() {
    assert_eq!(wrong(&[]), NotAPicture::Empty);
    assert_eq!(wrong(&vec![0xff; MAX_PICTURE_BYTES + 1]), NotAPicture::TooLarge);
    for other in [
        &b"GIF89a"[..],
        b"\x89PNG\r\n\x1a\n",
        b"<svg/>",
        b"RIFF\x04\0\0\0WAVE",
        b"RIFF",
        b"\xff\xd8",
    ] {
        assert_eq!(wrong(other), NotAPicture::UnknownFormat);
    }
    for bytes in [jpeg(64, 48), webp(64, 48)] {
        let trailing = [&bytes[..], b"PK\x03\x04 and more"].concat();
        assert_eq!(wrong(&trailing), NotAPicture::Trailing);
        assert_eq!(wrong(&[&bytes[..], &bytes].concat()), NotAPicture::Trailing);
        for cut in 12..bytes.len() {
            assert_eq!(wrong(&bytes[..cut]), NotAPicture::CutOff, "{cut}");
        }
    }
}

/// Half the data, and a structure that says it is whole. Of a JPEG that is a picture
/// to all decoders, grey below.
#[test]
fn half_a_picture_is_none() {
    let whole = webp(256, 256);
    for part in [10, 50, 90] {
        let half = riff(&[(b"VP8L", &whole[20..whole.len() * part / 100])]);
        assert_eq!(wrong(&half), NotAPicture::Undecodable, "{part}");
    }
    let whole = jpeg(256, 256);
    let tables = whole.windows(2).position(|pair| pair == [0xff, 0xc4]).unwrap();
    let scan = whole.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
    let without_tables = [&whole[..tables], &whole[scan..]].concat();
    assert_eq!(wrong(&without_tables), NotAPicture::Undecodable);
    let without_scan = [&whole[..scan], &[0xff, 0xd9]].concat();
    assert_eq!(wrong(&without_scan), NotAPicture::Undecodable);
}

/// Writes other sides into the frame's header.
fn with_sides(mut bytes: Vec<u8>, frame: u8, width: u16, height: u16) -> Vec<u8> {
    let at = bytes.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    bytes[at + 1] = frame;
    bytes[at + 5..at + 7].copy_from_slice(&height.to_be_bytes());
    bytes[at + 7..at + 9].copy_from_slice(&width.to_be_bytes());
    bytes
}

#[test]
fn what_would_unpack_to_too_much_is_refused_before() {
    for (width, height) in [(65535, 65535), (4097, 1), (1, 4097), (0, 8), (8, 0)] {
        let bomb = with_sides(jpeg(8, 8), 0xc0, width, height);
        assert_eq!(wrong(&bomb), NotAPicture::Sides);
    }
    let bomb = with_sides(jpeg(8, 8), 0xc2, 4096, 4096);
    assert_eq!(wrong(&bomb), NotAPicture::Unpacked);
    let mut lossless = webp(8, 8);
    lossless[21..25].copy_from_slice(&(0x3fffu32 | 0x3fff << 14).to_le_bytes());
    assert_eq!(wrong(&lossless), NotAPicture::Sides);
    let mut lossy = lossy_body();
    lossy[6..10].copy_from_slice(&[0xff, 0x3f, 0xff, 0x3f]);
    assert_eq!(wrong(&riff(&[(b"VP8 ", &lossy)])), NotAPicture::Sides);
    // A small canvas, and within it a large picture.
    let head = [&[0, 0, 0, 0][..], &extended_sides(8, 8)].concat();
    let lie = riff(&[(b"VP8X", &head), (b"VP8 ", &lossy_body())]);
    assert_eq!(wrong(&lie), NotAPicture::Undecodable);
    // A scan of a few bytes may go over all of the picture.
    for (side, scans) in [(512, 33), (2600, 11)] {
        let one = with_sides(jpeg(8, 8), 0xc2, side, side);
        let scan = one.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
        let again = one[scan..one.len() - 2].repeat(scans);
        let bomb = [&one[..scan], &again, &[0xff, 0xd9]].concat();
        assert_eq!(wrong(&bomb), NotAPicture::Unpacked);
    }
}

#[test]
fn moving_pictures_are_refused() {
    let head = [&[ANIMATED, 0, 0, 0][..], &extended_sides(2, 2)].concat();
    let lossy = lossy_body();
    let frames = riff(&[(b"VP8X", &head), (b"ANIM", &[0; 6]), (b"ANMF", &[0; 24])]);
    assert_eq!(wrong(&frames), NotAPicture::Animated);
    let hidden = riff(&[(b"VP8X", &head), (b"VP8 ", &lossy)]);
    assert_eq!(wrong(&hidden), NotAPicture::Animated);
}

const ANIMATED: u8 = 2;

#[test]
fn a_large_picture_is_taken() {
    let flat = RgbImage::from_pixel(2880, 2880, Rgb([90, 60, 30]));
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 10).encode_image(&flat).unwrap();
    assert!(check(&bytes).is_ok(), "{}", bytes.len());
    let mut bytes = Vec::new();
    let flat = vec![90; 2048 * 2048 * 3];
    let encoder = WebPEncoder::new_lossless(&mut bytes);
    encoder.encode(&flat, 2048, 2048, ExtendedColorType::Rgb8).unwrap();
    assert!(check(&bytes).is_ok(), "{}", bytes.len());
}

/// Whatever comes: an answer, and what is taken is taken again as it is.
#[test]
fn mutations_of_pictures_break_nothing() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let whole = [jpeg(24, 16), webp(24, 16), riff(&[(b"VP8 ", &lossy_body())])];
    let mut taken = 0;
    for _ in 0..6000 {
        let mut bytes = whole[rng.random_range(0..whole.len())].clone();
        for _ in 0..rng.random_range(1..=6) {
            let at = rng.random_range(0..bytes.len());
            match rng.random_range(0..4) {
                0 => bytes[at] = rng.random(),
                1 => bytes[at] ^= 1 << rng.random_range(0..8),
                2 => drop(bytes.remove(at)),
                _ => bytes.insert(at, rng.random()),
            }
        }
        if let Ok(checked) = check(&bytes) {
            taken += 1;
            assert!(checked.bytes.len() <= bytes.len());
            assert_eq!(check(&checked.bytes).as_ref(), Ok(&checked));
        }
    }
    assert!(taken > 100, "{taken}");
}
