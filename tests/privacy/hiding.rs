//! No address comes through, whatever is written around it.

use std::sync::LazyLock;

use passerby::privacy::{conceal, description};
use passerby::protocol::{Json, Payload};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::value::to_raw_value;

use super::browsers::descriptions;
use super::places::{LINES, OBJECTS, put};
use super::secrets::secret;

/// Ends of lines, and what only looks like one.
const BREAKS: [&str; 9] =
    ["\r\n", "\n", "\r", "\n\r", "\r\n\r\n", "\u{2028}", "\u{85}", "\u{b}", "\0"];

/// Lines of real descriptions, without the candidates that show addresses by
/// themselves.
static REAL_LINES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let lines = descriptions().into_iter().flat_map(|(_, text)| {
        text.lines().filter(|line| !shows_own_address(line)).map(String::from).collect::<Vec<_>>()
    });
    lines.collect()
});

fn shows_own_address(line: &str) -> bool {
    line.starts_with("a=candidate:") && !line.contains(" typ relay")
}

/// A real line into which `secret` was put somewhere.
fn spoilt(line: &str, at: Index, secret: &str) -> String {
    let mut line: Vec<char> = line.chars().collect();
    let at = at.index(line.len() + 1);
    line.splice(at..at, secret.chars());
    line.into_iter().collect()
}

/// A text with `secret` in many places, among lines of all sorts.
fn text_with(secret: String) -> impl Strategy<Value = String> {
    let inside = secret.clone();
    let line = prop_oneof![
        3 => select(&LINES[..]).prop_map(move |place| put(place, &secret)),
        3 => (select(&REAL_LINES[..]), any::<Index>()).prop_map(move |(line, at)| spoilt(&line, at, &inside)),
        2 => select(&REAL_LINES[..]),
        1 => "\\PC{0,30}",
        1 => "[a-z]=\\PC{0,30}",
    ];
    proptest::collection::vec((line, select(&BREAKS[..])), 1..40)
        .prop_map(|lines| lines.into_iter().map(|(line, end)| line + end).collect())
}

fn secret_and_text() -> impl Strategy<Value = (String, String)> {
    secret().prop_flat_map(|secret| (Just(secret.clone()), text_with(secret)))
}

/// Whether `text` shows `secret` in any case, or a sign that joins the parts of
/// some address where none is due.
fn shows(text: &str, secret: &str) -> bool {
    text.to_lowercase().contains(&secret.to_lowercase()) || text.lines().any(has_stray_sign)
}

/// Whether a line has a sign of addresses and names beside those of the address
/// of nowhere, of a relay's address and of a header extension's name.
fn has_stray_sign(line: &str) -> bool {
    let rest = match line.split_once(':').map_or(line, |(name, _)| name) {
        "a=candidate" => line.replacen(" 192.0.2.1 ", " ", 1),
        "a=extmap" => String::new(),
        _ => line.replacen(" IN IP4 0.0.0.0", "", 1).replacen("c=IN IP4 0.0.0.0", "", 1),
    };
    let sign = |c: char| matches!(c, '.' | '@' | '%' | '[' | ']') || !c.is_ascii();
    rest.contains(sign) || line.contains("::")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn a_description_shows_no_address((secret, text) in secret_and_text()) {
        let kept = description(&text);
        prop_assert!(!shows(&kept, &secret), "{secret} in {kept}");
    }

    #[test]
    fn every_place_is_closed_to_every_address(secret in secret()) {
        for place in LINES {
            let kept = description(&put(place, &secret));
            prop_assert!(!shows(&kept, &secret), "{secret} in {kept}");
        }
    }

    #[test]
    fn what_was_filtered_passes_unchanged((_, text) in secret_and_text()) {
        let once = description(&text);
        prop_assert_eq!(description(&once), once);
    }

    #[test]
    fn the_result_is_at_most_twice_as_long((_, text) in secret_and_text()) {
        // The last line may have come without its end.
        prop_assert!(description(&text).len() <= 2 * (text.len() + 2));
    }

    #[test]
    fn no_text_is_too_strange(text in any::<String>()) {
        let kept = description(&text);
        prop_assert_eq!(description(&kept), kept);
    }

    #[test]
    fn an_offer_and_an_answer_are_the_filtered_text((_, text) in secret_and_text()) {
        let sdp = to_raw_value(&text).unwrap();
        let sdp = Json::from(&*sdp);
        for payload in [Payload::CreateOffer { sdp, fresh: None }, Payload::CreateAnswer { sdp }] {
            let concealed = conceal(payload).expect("a description goes on");
            let (Payload::CreateOffer { sdp, .. } | Payload::CreateAnswer { sdp }) = concealed.payload() else {
                panic!("a description stays one");
            };
            prop_assert_eq!(serde_json::from_str::<String>(sdp.get()).unwrap(), description(&text));
        }
    }

    #[test]
    fn a_candidate_shows_no_address(secret in secret()) {
        for place in OBJECTS {
            let json = put(place, &secret);
            let json = serde_json::from_str(&json).expect("JSON");
            let Some(concealed) = conceal(Payload::AddIceCandidate { candidate: json }) else { continue };
            let Payload::AddIceCandidate { candidate } = concealed.payload() else {
                panic!("a candidate stays one");
            };
            let kept = candidate.get().to_lowercase();
            prop_assert!(!kept.contains(&secret.to_lowercase()), "{secret} in {kept}");
            let again = conceal(Payload::AddIceCandidate { candidate }).expect("it passed before");
            let Payload::AddIceCandidate { candidate: twice } = again.payload() else {
                panic!("a candidate stays one");
            };
            prop_assert_eq!(twice.get(), candidate.get());
        }
    }

    #[test]
    fn no_candidate_is_too_strange(text in any::<String>(), mid in any::<String>()) {
        let json = serde_json::json!({ "candidate": text, "sdpMid": mid, "sdpMLineIndex": 0 });
        let json = to_raw_value(&json).unwrap();
        let _ = conceal(Payload::AddIceCandidate { candidate: (&*json).into() });
    }
}
