//! The attributes of SDP that are known to bear no address, each with the
//! grammar of its value.

use std::borrow::Cow;

use super::candidate::candidate;
use super::grammar::{PWD, UFRAG, is_ice_chars, is_number, is_plain, is_plain_byte, is_token};

/// Attributes that have no value.
const FLAGS: [&str; 11] = [
    "bundle-only",
    "end-of-candidates",
    "extmap-allow-mixed",
    "ice-lite",
    "inactive",
    "recvonly",
    "rtcp-mux",
    "rtcp-mux-only",
    "rtcp-rsize",
    "sendonly",
    "sendrecv",
];

/// Attributes whose value is a number.
const NUMBERS: [&str; 5] = ["framerate", "max-message-size", "maxptime", "ptime", "sctp-port"];

/// Attributes whose value is free within [`is_plain`].
const PLAIN: [&str; 9] = [
    "fmtp",
    "group",
    "ice-options",
    "msid",
    "msid-semantic",
    "rid",
    "rtcp-fb",
    "rtpmap",
    "sctpmap",
];

/// How the names of header extensions begin that browsers agree upon. What
/// follows is [`is_plain`] or a fragment.
const EXTENSIONS: [&str; 6] = [
    "http://www.ietf.org/id/",
    "http://www.webrtc.org/experiments/",
    "https://aomediacodec.github.io/",
    "urn:3gpp:",
    "urn:ietf:params:rtp-hdrext:",
    "urn:ietf:params:rtp-hdrext:sdes:",
];

/// The directions of a header extension (RFC 8285 section 5).
const DIRECTIONS: [&str; 4] = ["inactive", "recvonly", "sendonly", "sendrecv"];

/// Hash functions of fingerprints (RFC 8122 section 5) and their bytes.
const HASHES: [(&str, usize); 5] =
    [("sha-1", 20), ("sha-224", 28), ("sha-256", 32), ("sha-384", 48), ("sha-512", 64)];

/// What stands behind `a=`, as far as it may be told: unchanged, save for a
/// candidate.
pub(super) fn attribute(text: &str) -> Option<Cow<'_, str>> {
    let harmless = match text.split_once(':') {
        None => FLAGS.contains(&text),
        Some(("candidate", _)) => return candidate(text).map(Cow::Owned),
        Some((name, value)) => is_harmless(name, value),
    };
    harmless.then_some(Cow::Borrowed(text))
}

fn is_harmless(name: &str, value: &str) -> bool {
    match name {
        "extmap" => is_extension(value),
        "fingerprint" => is_fingerprint(value),
        "ice-pwd" => is_ice_chars(value, PWD),
        "ice-ufrag" => is_ice_chars(value, UFRAG),
        "mid" => is_token(value),
        "setup" => matches!(value, "active" | "actpass" | "holdconn" | "passive"),
        "simulcast" => is_simulcast(value),
        "ssrc" => is_source(value),
        "ssrc-group" => is_source_group(value),
        _ if NUMBERS.contains(&name) => is_number(value),
        _ => PLAIN.contains(&name) && is_plain(value),
    }
}

/// `<id>[/<direction>] <name> [<attributes>]`, without the attributes (RFC 8285
/// section 8).
fn is_extension(value: &str) -> bool {
    let Some((id, name)) = value.split_once(' ') else { return false };
    let (id, direction) = id.split_once('/').unwrap_or((id, "sendrecv"));
    is_number(id) && DIRECTIONS.contains(&direction) && is_extension_name(name)
}

fn is_extension_name(name: &str) -> bool {
    EXTENSIONS
        .iter()
        .filter_map(|prefix| name.strip_prefix(prefix))
        .any(|rest| is_token(&rest.replace('#', "")))
}

/// `<hash> <bytes>`, exactly as many as the hash has: an IPv6 address can't be
/// as long.
fn is_fingerprint(value: &str) -> bool {
    let Some((hash, bytes)) = value.split_once(' ') else { return false };
    let length = HASHES.iter().find(|(name, _)| hash.eq_ignore_ascii_case(name));
    length.is_some_and(|(_, length)| bytes.split(':').count() == *length)
        && bytes
            .split(':')
            .all(|byte| byte.len() == 2 && byte.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Streams, of which `~` marks the paused ones (RFC 8853 section 5.1).
fn is_simulcast(value: &str) -> bool {
    value.bytes().all(|byte| byte == b'~' || is_plain_byte(byte))
}

/// `<ssrc> <attribute>:<value>` (RFC 5576 section 4.1).
fn is_source(value: &str) -> bool {
    let Some((id, attribute)) = value.split_once(' ') else { return false };
    let Some((name, value)) = attribute.split_once(':') else { return false };
    is_number(id) && matches!(name, "cname" | "label" | "mslabel" | "msid") && is_plain(value)
}

/// `<semantics> <ssrc>…` (RFC 5576 section 4.2).
fn is_source_group(value: &str) -> bool {
    let mut words = value.split(' ');
    words.next().is_some_and(is_token) && words.all(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ways to spell an address or a name.
    const SPELLINGS: [&str; 14] = [
        "198.51.100.7",
        "2001:db8::7",
        "2001:DB8:0:0:0:0:0:7",
        "::ffff:198.51.100.7",
        "::FFFF:C633:6407",
        "fe80::1%eth0",
        "[2001:db8::7]",
        "198%2E51%2E100%2E7",
        "\u{FF11}98\u{FF0E}51\u{FF0E}100\u{FF0E}7",
        "198\u{3002}51\u{3002}100\u{3002}7",
        "\u{661}\u{669}\u{668}",
        "e4ff4d3c-1b2a-4c5d-8e9f-0a1b2c3d4e5f.local",
        "host.example.com",
        "me@host",
    ];

    fn kept(text: &str) -> bool {
        let kept = attribute(text);
        assert!(kept.as_deref().is_none_or(|kept| kept == text), "{text}");
        kept.is_some()
    }

    #[test]
    fn no_value_has_room_for_an_address() {
        for name in FLAGS.iter().chain(&NUMBERS).chain(&PLAIN).chain(&[
            "candidate",
            "extmap",
            "fingerprint",
            "ice-pwd",
            "ice-ufrag",
            "mid",
            "setup",
            "simulcast",
            "ssrc",
            "ssrc-group",
        ]) {
            for spelling in SPELLINGS {
                for text in [
                    format!("{name}:{spelling}"),
                    format!("{name}:1 {spelling}"),
                    format!("{name}{spelling}"),
                ] {
                    assert!(!kept(&text), "{text}");
                }
            }
        }
    }

    #[test]
    fn an_attribute_with_an_inner_grammar_has_no_room_either() {
        for spelling in SPELLINGS {
            for text in [
                format!("ssrc:1 cname:{spelling}"),
                format!("ssrc:1 msid:{spelling} x"),
                format!("ssrc:{spelling} cname:x"),
                format!("ssrc:1 {spelling}:x"),
                format!("ssrc-group:FID 1 {spelling}"),
                format!("ssrc-group:{spelling} 1 2"),
                format!("extmap:1 {spelling}"),
                format!("extmap:1 urn:ietf:params:rtp-hdrext:{spelling}"),
                format!("extmap:1 urn:ietf:params:rtp-hdrext:sdes:{spelling}"),
                format!("extmap:1 http://www.webrtc.org/experiments/{spelling}"),
                format!("extmap:1 https://aomediacodec.github.io/#{spelling}"),
                format!("extmap:1 urn:ietf:params:rtp-hdrext:toffset {spelling}"),
                format!("extmap:{spelling} urn:ietf:params:rtp-hdrext:toffset"),
                format!("extmap:1/{spelling} urn:ietf:params:rtp-hdrext:toffset"),
                format!("fingerprint:sha-256 {spelling}"),
                format!("fingerprint:{spelling} {}", ["AB"; 32].join(":")),
                format!("candidate:1 1 udp 5 {spelling} 9 typ host"),
            ] {
                assert!(!kept(&text), "{text}");
            }
        }
    }

    #[test]
    fn what_is_not_on_the_list_is_dropped() {
        for text in [
            "rtcp:9 IN IP4 0.0.0.0",
            "remote-candidates:1 192.0.2.1 9",
            "identity:x",
            "tls-id:x",
            "crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x",
            "source-filter: incl IN IP4 192.0.2.1 198.51.100.7",
            "x-google-flag:conference",
            "sendrecv:",
            "SENDRECV",
            "mid",
            "",
            ":",
        ] {
            assert!(!kept(text), "{text}");
        }
    }

    #[test]
    fn a_fingerprint_is_of_a_known_hash_and_as_long() {
        let bytes = |count| vec!["0A"; count].join(":");
        assert!(kept(&format!("fingerprint:sha-256 {}", bytes(32))));
        assert!(kept(&format!("fingerprint:SHA-512 {}", bytes(64))));
        assert!(!kept(&format!("fingerprint:sha-256 {}", bytes(31))));
        assert!(!kept(&format!("fingerprint:md5 {}", bytes(16))));
        assert!(!kept(&format!("fingerprint:sha-256 {}", bytes(32).replace("0A", "00A"))));
        assert!(!kept(&format!("fingerprint:sha-256 {}:", bytes(31))));
    }

    #[test]
    fn what_calls_are_made_of_is_kept() {
        for text in [
            "extmap:2/recvonly urn:ietf:params:rtp-hdrext:toffset",
            "extmap:5 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
            "extmap:9 https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
            "simulcast:send h;~l recv 1,~2",
            "rid:h send pt=96,97;max-width=640",
            "msid-semantic: WMS",
            "ssrc:1 cname:{0ab5d2e1-3a4e-4f6b-9c43-4b1b2a3c4d5e}",
            "ssrc-group:FID 1 2",
            "fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1",
            "rtcp-fb:* ccm fir",
            "group:BUNDLE 0 1 2",
        ] {
            assert!(kept(text), "{text}");
        }
    }
}
