//! Addresses and names that must not come through, each in many spellings.

use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

/// An address or a name, as somebody may write it. None is written like those
/// of the fixtures' relay.
pub(crate) fn secret() -> BoxedStrategy<String> {
    prop_oneof![v4(), v6(), name()].boxed()
}

fn v4() -> BoxedStrategy<String> {
    (193u8..=223, 100u8..=255, 100u8..=255, 100u8..=255, 0..9usize)
        .prop_map(|(a, b, c, d, spelling)| {
            let address = Ipv4Addr::new(a, b, c, d);
            match spelling {
                0 => format!("{a:#o}.{b:#o}.{c:#o}.{d:#o}").replace("0o", "0"),
                1 => format!("{a:#x}.{b:#x}.{c:#x}.{d:#x}"),
                2 => format!("{address}").replace('.', "%2E"),
                3 => wide(&address.to_string()),
                4 => format!("{a}\u{3002}{b}\u{3002}{c}\u{3002}{d}"),
                5 => format!("{address}:3478"),
                6 => format!("{address}/24"),
                7 => format!("::ffff:{address}"),
                _ => address.to_string(),
            }
        })
        .boxed()
}

/// In the fullwidth forms of Unicode, which NFKC makes ASCII.
fn wide(text: &str) -> String {
    let wide = |c: char| char::from_u32(u32::from(c) + 0xFEE0).expect("a fullwidth form");
    text.chars().map(wide).collect()
}

fn v6() -> BoxedStrategy<String> {
    (any::<[u16; 4]>(), 0..9usize)
        .prop_map(|([a, b, c, d], spelling)| {
            // The middle is zero, so that there is something to shorten.
            let words = [0x2a00 | (a & 0xff), b | 1, 0, 0, 0, c | 1, d | 0x1000, 7];
            let address = Ipv6Addr::from(words);
            let full = words.map(|word| format!("{word:04x}")).join(":");
            match spelling {
                0 => address.to_string().to_uppercase(),
                1 => full,
                2 => full.to_uppercase(),
                3 => format!("[{address}]:3478"),
                4 => format!("{address}%eth0"),
                5 => format!("{address}%25eth0"),
                6 => address.to_string().replace(':', "%3a"),
                7 => format!("::FFFF:{:X}:{:X}", c | 0x1000, d | 0x1000),
                _ => address.to_string(),
            }
        })
        .boxed()
}

fn name() -> BoxedStrategy<String> {
    let uuid = any::<u128>().prop_map(|bits| {
        let mut text = String::new();
        for (index, digit) in format!("{bits:032x}").chars().enumerate() {
            let dash = if [8, 12, 16, 20].contains(&index) { "-" } else { "" };
            write!(text, "{dash}{digit}").expect("a String takes all");
        }
        text
    });
    prop_oneof![
        uuid.clone().prop_map(|uuid| format!("{uuid}.local")),
        uuid.prop_map(|uuid| format!("{uuid}.LOCAL.")),
        "[a-z]{3,8}\\.[a-z]{3,8}\\.(com|net|example)",
        "[a-z]{3,8}@[a-z]{3,8}\\.org",
        "\u{43f}[a-z]{3}\\.\u{440}\u{444}",
    ]
    .boxed()
}
