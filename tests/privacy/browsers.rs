//! What Chromium and Firefox write, from `tests/fixtures/sdp/`.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::PathBuf;

use passerby::privacy::{candidate, conceal, description};
use passerby::protocol::Payload;
use serde_json::Value;

/// Addresses and the sort of names in the fixtures that are their person's own.
const OWN: [&str; 5] = ["198.51.100.7", "2001:db8::7", "203.0.113.9", "127.0.0.1", ".local"];
/// The relay's address in the fixtures.
const RELAY: &str = "192.0.2.1";

/// Lines that are lost although they bear no address: no call needs them.
const NEEDLESS: [&str; 2] = ["a=rtcp:9 IN IP4 0.0.0.0", "a=rtcp-xr:rcvr-rtt=all"];

/// The names and texts of the fixtures that end in `ending`.
fn fixtures(ending: &str) -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sdp");
    let entries = std::fs::read_dir(folder).expect("the fixtures can be read");
    let mut found = Vec::new();
    for path in entries.map(|entry| entry.expect("the fixtures can be read").path()) {
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        if name.ends_with(ending) {
            found.push((name, std::fs::read_to_string(path).expect("UTF-8")));
        }
    }
    assert!(!found.is_empty(), "no fixture ends in {ending}");
    found
}

/// The descriptions, each with the name of its file.
pub(crate) fn descriptions() -> Vec<(String, String)> {
    fixtures(".sdp")
}

/// Every address in `text`, however it is set off from the rest.
fn addresses(text: &str) -> BTreeSet<IpAddr> {
    let apart = |c: char| !(c.is_ascii_hexdigit() || c == '.' || c == ':');
    text.split(apart).filter_map(|word| word.parse().ok()).collect()
}

#[test]
fn the_fixtures_hold_what_is_to_be_hidden() {
    let all: String = descriptions().into_iter().map(|(_, text)| text).collect();
    for address in OWN.into_iter().chain([RELAY]) {
        assert!(all.contains(address), "{address}");
    }
    for kind in ["typ host", "typ srflx", "typ relay", "raddr 198.51.100.7", "a=simulcast:"] {
        assert!(all.contains(kind), "{kind}");
    }
}

#[test]
fn of_a_description_no_address_is_left_but_the_relays() {
    let allowed: BTreeSet<IpAddr> = ["0.0.0.0", RELAY].map(|ip| ip.parse().unwrap()).into();
    for (name, sent) in descriptions() {
        let kept = description(&sent);
        for own in OWN {
            assert!(!kept.contains(own), "{own} in {name}");
        }
        assert!(addresses(&kept).is_subset(&allowed), "{name}: {:?}", addresses(&kept));
        let outside = kept.lines().filter(|line| !line.starts_with("a=candidate:"));
        assert!(!outside.into_iter().any(|line| line.contains(RELAY)), "{name}");
    }
}

#[test]
fn of_a_description_nothing_is_lost_that_a_call_needs() {
    for (name, sent) in descriptions() {
        let kept = description(&sent);
        let mut kept = kept.lines();
        for line in sent.lines() {
            let expected = match line.split_once('=').expect("a line of SDP") {
                ("o", origin) => {
                    let session: Vec<_> = origin.split(' ').collect();
                    format!("o=- {} {} IN IP4 0.0.0.0", session[1], session[2])
                }
                ("c", _) => "c=IN IP4 0.0.0.0".into(),
                ("m", media) => {
                    let words: Vec<_> = media.splitn(3, ' ').collect();
                    let port = if words[1] == "0" { "0" } else { "9" };
                    format!("m={} {port} {}", words[0], words[2])
                }
                ("a", text) if text.starts_with("candidate:") => match candidate(text) {
                    Some(relay) => format!("a={relay}"),
                    None => continue,
                },
                ("a", text) if text.starts_with("rtcp:") => continue,
                _ if NEEDLESS.contains(&line) => continue,
                _ => line.into(),
            };
            assert_eq!(kept.next(), Some(expected.as_str()), "{name}");
        }
        assert_eq!(kept.next(), None, "{name}");
    }
}

#[test]
fn every_relay_of_a_description_is_kept_and_no_other_candidate() {
    let count = |text: &str, part: &str| text.lines().filter(|line| line.contains(part)).count();
    for (name, sent) in descriptions() {
        let kept = description(&sent);
        assert_eq!(count(&kept, " typ relay"), count(&sent, " typ relay"), "{name}");
        assert_eq!(count(&kept, "a=candidate:"), count(&kept, " typ relay"), "{name}");
    }
}

#[test]
fn of_trickled_candidates_the_relays_and_the_end_go_on() {
    for (name, lines) in fixtures(".jsonl") {
        for line in lines.lines() {
            let sent: Value = serde_json::from_str(line).expect("JSON");
            let json = serde_json::from_str(line).expect("JSON");
            let text = sent["candidate"].as_str().unwrap_or_default();
            let concealed = conceal(Payload::AddIceCandidate { candidate: json });
            let passes = text.is_empty() || text.contains(" typ relay");
            assert_eq!(concealed.is_some(), passes, "{name}: {line}");
            let Some(concealed) = concealed else { continue };
            let Payload::AddIceCandidate { candidate } = concealed.payload() else {
                panic!("a candidate stays one");
            };
            check(&sent, &serde_json::from_str(candidate.get()).expect("JSON"));
        }
    }
}

/// That `kept` is `sent` without addresses of its sender.
fn check(sent: &Value, kept: &Value) {
    let text = kept.to_string();
    assert!(OWN.iter().chain(&["raddr", "network"]).all(|own| !text.contains(own)), "{text}");
    for field in ["sdpMid", "sdpMLineIndex", "usernameFragment"] {
        assert_eq!(kept.get(field), sent.get(field), "{text}");
    }
    let address = |value: &Value| {
        let text = value["candidate"].as_str()?;
        Some(text.split(' ').skip(4).take(2).map(String::from).collect::<Vec<_>>())
    };
    assert_eq!(address(kept), address(sent), "{text}");
}
