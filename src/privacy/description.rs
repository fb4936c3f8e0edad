//! A session description, line by line (RFC 8866).

use std::borrow::Cow;

use super::attribute::attribute;
use super::grammar::{is_number, is_token, number};

/// Kinds of bandwidth.
const BANDWIDTHS: [&str; 5] = ["AS", "CT", "RR", "RS", "TIAS"];
/// Kinds of media.
const MEDIA: [&str; 6] = ["application", "audio", "image", "message", "text", "video"];
/// Transports of media and data channels, the secured ones and the plain names
/// that older browsers write for them.
const PROTOCOLS: [&str; 11] = [
    "DTLS/SCTP",
    "RTP/AVP",
    "RTP/AVPF",
    "RTP/SAVP",
    "RTP/SAVPF",
    "TCP/DTLS/SCTP",
    "TCP/TLS/RTP/SAVP",
    "TCP/TLS/RTP/SAVPF",
    "UDP/DTLS/SCTP",
    "UDP/TLS/RTP/SAVP",
    "UDP/TLS/RTP/SAVPF",
];

/// The text of a session description with only the lines that are known to bear
/// no address but a relay's. Lines may end in CR, LF or both; those of the
/// result end in CRLF. Of what is no description at all, what happens to be
/// such a line remains, often nothing.
///
/// Work is linear in `sdp`, and the result at most twice as long.
#[must_use]
pub fn description(sdp: &str) -> String {
    let mut kept = String::with_capacity(sdp.len());
    for line in sdp.split(['\r', '\n']).filter_map(line) {
        kept.push_str(&line);
        kept.push_str("\r\n");
    }
    kept
}

fn line(line: &str) -> Option<Cow<'_, str>> {
    let (kind, value) = line.split_once('=')?;
    let harmless = match kind {
        "v" => value == "0",
        "t" => is_timing(value),
        "b" => is_bandwidth(value),
        "s" => return Some("s=-".into()),
        "o" => return origin(value).map(Cow::Owned),
        "c" => return connection(value).map(Cow::Borrowed),
        "m" => return media(value).map(Cow::Owned),
        "a" => return attribute(value).map(|kept| format!("a={kept}").into()),
        _ => false,
    };
    harmless.then_some(Cow::Borrowed(line))
}

fn is_timing(value: &str) -> bool {
    value.split_once(' ').is_some_and(|(start, stop)| is_number(start) && is_number(stop))
}

fn is_bandwidth(value: &str) -> bool {
    value.split_once(':').is_some_and(|(kind, rate)| BANDWIDTHS.contains(&kind) && is_number(rate))
}

/// The origin without its user's name and address. Of the session it keeps the
/// id and the version, by which an offer is known to be a newer one.
fn origin(value: &str) -> Option<String> {
    let words: Vec<_> = value.splitn(7, ' ').collect();
    let [_, id, version, "IN", "IP4" | "IP6", _] = words[..] else { return None };
    let [id, version] = [id, version].map(|number| if is_number(number) { number } else { "0" });
    Some(format!("o=- {id} {version} IN IP4 0.0.0.0"))
}

fn connection(value: &str) -> Option<&'static str> {
    let words: Vec<_> = value.splitn(4, ' ').collect();
    matches!(words[..], ["IN", "IP4" | "IP6", _]).then_some("c=IN IP4 0.0.0.0")
}

/// The beginning of a media section. Of its port only stays whether the section
/// is refused (RFC 3264 section 6); 9 stands where ICE finds the real one
/// (RFC 8839 section 4.2.1.3).
fn media(value: &str) -> Option<String> {
    let mut words = value.splitn(4, ' ');
    let kind = words.next().filter(|kind| MEDIA.contains(kind))?;
    let port = if words.next().and_then(number::<u16>)? == 0 { 0 } else { 9 };
    let protocol = words.next().filter(|protocol| PROTOCOLS.contains(protocol))?;
    let formats = words.next().filter(|formats| formats.split(' ').all(is_format))?;
    Some(format!("m={kind} {port} {protocol} {formats}"))
}

fn is_format(word: &str) -> bool {
    is_token(word) && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dropped(lines: &[&str]) {
        for line in lines {
            assert_eq!(description(line), "", "{line}");
        }
    }

    #[test]
    fn who_where_and_what_a_session_is_named_are_not_told() {
        let sent = "v=0\r\no=me 42 7 IN IP6 2001:db8::7\r\ns=at 198.51.100.7\r\nt=0 0\r\n\
                    c=IN IP6 2001:db8::7\r\nb=AS:500\r\n";
        let kept =
            "v=0\r\no=- 42 7 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nc=IN IP4 0.0.0.0\r\nb=AS:500\r\n";
        assert_eq!(description(sent), kept);
    }

    #[test]
    fn an_address_is_no_number_of_a_session() {
        let origin = description("o=- 198.51.100.7 2001:db8::7 IN IP4 192.0.2.1");
        assert_eq!(origin, "o=- 0 0 IN IP4 0.0.0.0\r\n");
    }

    #[test]
    fn a_section_keeps_whether_it_is_refused_and_not_where_it_is() {
        assert_eq!(
            description("m=audio 54321 UDP/TLS/RTP/SAVPF 111 0"),
            "m=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\n"
        );
        let refused = "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n";
        assert_eq!(description(refused), refused);
    }

    #[test]
    fn lines_end_in_any_way_and_come_out_in_one() {
        for end in ["\r\n", "\n", "\r", "\n\r\n"] {
            let sent = ["v=0", "t=0 0", "a=mid:0"].map(|line| format!("{line}{end}")).concat();
            assert_eq!(description(&sent), "v=0\r\nt=0 0\r\na=mid:0\r\n");
        }
    }

    #[test]
    fn what_no_call_needs_is_dropped() {
        dropped(&[
            "i=198.51.100.7",
            "u=http://198.51.100.7/",
            "e=me@example.com",
            "p=+1 617 555-6011",
            "k=clear:198.51.100.7",
            "r=7d 1h 0 25h",
            "z=0 0",
            "x=1",
            "V=0",
            " v=0",
            "198.51.100.7",
            "=",
            "",
        ]);
    }

    #[test]
    fn a_line_beyond_its_grammar_is_dropped() {
        dropped(&[
            "v=198.51.100.7",
            "t=0 198.51.100.7",
            "t=0 0 0",
            "b=AS:198.51.100.7",
            "b=fe80:1",
            "c=IN IP4",
            "c=IN IP4 198.51.100.7 198.51.100.7",
            "o=- 1 2 IN IP4",
            "o=- 1 2 IN IP4 198.51.100.7 198.51.100.7",
            "m=198.51.100.7 9 UDP/TLS/RTP/SAVPF 111",
            "m=audio 198.51.100.7 UDP/TLS/RTP/SAVPF 111",
            "m=audio 9/2 UDP/TLS/RTP/SAVPF 111",
            "m=audio 9 198.51.100.7 111",
            "m=audio 9 UDP/TLS/RTP/SAVPF",
            "m=audio 9 UDP/TLS/RTP/SAVPF 111 198.51.100.7",
            "m=audio 9 UDP/TLS/RTP/SAVPF 111 ",
        ]);
    }
}
