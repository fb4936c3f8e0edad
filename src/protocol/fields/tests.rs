//! The quick way against the careful one.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::super::client::decode_any;
use super::super::{ClientMessage, layout};
use super::*;

/// What a quick way takes, the careful one must read alike. Whether the fields were
/// taken apart the quick way.
fn compare(text: &str) -> bool {
    compare_signal(text);
    let Some(quick) = Fields::of_plain(text) else { return false };
    match Fields::of_any(text) {
        Ok(careful) => assert_eq!(quick, careful, "{text}"),
        Err(error) => panic!("{error}, but the quick way took {text}"),
    }
    true
}

/// Whether `text` is a signal that goes out as it came in.
fn compare_signal(text: &str) -> bool {
    let Some(quick) = layout::signal(text, None) else { return false };
    let Ok(ClientMessage::Signal(careful)) = decode_any(text) else { panic!("{text}") };
    assert_eq!((quick.room, quick.payload.name()), (careful.room, careful.payload.name()));
    assert_eq!(quick.encode().text(), careful.encode().text(), "{text}");
    true
}

/// The golden messages that this project's tests share, and the signals of
/// browsers.
fn messages() -> Vec<String> {
    #[derive(Deserialize)]
    struct Golden {
        json: String,
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/protocol/client.json");
    let golden = std::fs::read_to_string(path).expect("the golden messages can be read");
    let golden: Vec<Golden> = serde_json::from_str(&golden).expect("a list of golden messages");
    let signals = SIGNALS.iter().map(|text| text.to_string());
    golden.into_iter().map(|golden| golden.json).chain(signals).collect()
}

const SIGNALS: [&str; 8] = [
    r#"{"type":"createOffer","room":"11111111-2222-4333-8444-555555555555","sdp":"v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n"}"#,
    r#"{"type":"createAnswer","room":"11111111-2222-4333-8444-555555555555","sdp":"v=0\r\ns=\"\\\/\b\f\n\t\r\n"}"#,
    r#"{"type":"addIceCandidate","room":"r","candidate":{"candidate":"candidate:1 1 udp 1 203.0.113.7 46154 typ host","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":null}}"#,
    r#"{"type": "addIceCandidate", "room": "r", "candidate": {}}"#,
    r#"{"candidate":null,"type":"addIceCandidate","room":"r"}"#,
    r#"{ "type" : "chat" , "room" : "r" , "text" : "h\u00e9 grüße \ud83d\ude00" } "#,
    r#"{"type":"chat","room":"r","text":"grüße, 😀 and \"so on\""}"#,
    r#"{"type":"typing","room":"r","active":true}"#,
];

#[test]
fn signals_as_they_go_out_are_known() {
    let known = messages().iter().filter(|text| compare_signal(text)).count();
    assert!(known > 5, "{known}");
}

#[test]
fn the_quick_way_takes_signals_as_clients_write_them() {
    let left: Vec<_> = SIGNALS.into_iter().filter(|text| !compare(text)).collect();
    assert_eq!(left, [SIGNALS[5]], "an escape by number is for the careful way");
}

#[test]
fn golden_messages_are_read_alike() {
    let taken = messages().iter().filter(|text| compare(text)).count();
    assert!(taken > 30, "only {taken} were compared");
}

#[test]
fn what_is_not_well_formed_is_left() {
    for value in [
        "01",
        "00",
        "0x1",
        "-",
        "1.",
        "tru",
        "truee",
        "nul",
        "\"",
        "\"\\\"",
        r#""\x""#,
        r#""\u12""#,
        "\"\u{0}\"",
        "\"\n\"",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\":1 2}",
        "[",
        "",
        "{a:1}",
        "{\"a\":1}}",
        "1}",
        "\"a\"b",
        r#""\ud83d""#,
        "\u{feff}1",
        "\u{a0}1",
    ] {
        let text = format!(r#"{{"type":"addIceCandidate","room":"r","candidate":{value}}}"#);
        assert!(!compare(&text), "{text}");
        assert!(!compare(value), "{value}");
        assert!(Fields::of(&text).is_err(), "{text}");
    }
}

/// What JSON, and what is nearly JSON, is made of.
const PIECES: [&str; 56] = [
    "{",
    "}",
    "{",
    "}",
    "[",
    "]",
    ":",
    ":",
    ",",
    ",",
    "\"",
    "\\",
    " ",
    "\t",
    "\n",
    "\r",
    "\u{0}",
    "\u{1f}",
    "\u{7f}",
    "\u{a0}",
    "\u{feff}",
    "é",
    "\u{1F600}",
    "\"type\"",
    "\"room\"",
    "\"sdp\"",
    "\"candidate\"",
    "\"text\"",
    "\"active\"",
    "\"fresh\"",
    "\"t\\u0079pe\"",
    "\"chat\"",
    "\"typing\"",
    "\"addIceCandidate\"",
    "\"x\"",
    "\"\"",
    "\\u",
    "\\ud83d",
    "\\ude00",
    "\\n",
    "\\/",
    "\\x",
    "true",
    "false",
    "null",
    "0",
    "7",
    "01",
    "-1",
    "1.5",
    "1e400",
    "+1",
    ".",
    "e",
    "NaN",
    "x",
];

fn soup() -> impl Strategy<Value = String> {
    prop::collection::vec(select(&PIECES[..]), 0..20).prop_map(|pieces| pieces.concat())
}

/// A value as a program might write it, now and then none.
fn value() -> impl Strategy<Value = String> {
    let string = prop::collection::vec(
        select(&["a", "é", "\\n", "\\\"", "\\\\", "\\u0041", "\\ud83d", " "][..]),
        0..6,
    )
    .prop_map(|parts| format!("\"{}\"", parts.concat()));
    let scalar = prop_oneof![
        4 => string,
        2 => select(&["0", "12", "-3", "1.5", "2e9", "01", "true", "false", "null", ""][..]).prop_map(String::from),
    ];
    scalar.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            3 => prop::collection::vec((select(&["a", "a", "b", "candidate", "\\t"][..]), inner.clone()), 0..3)
                .prop_map(|fields| object(&fields, "")),
            1 => prop::collection::vec(inner, 0..3).prop_map(|items| format!("[{}]", items.join(","))),
        ]
    })
}

fn object(fields: &[(&str, String)], space: &str) -> String {
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("{space}\"{name}\"{space}:{space}{value}{space}"))
        .collect();
    format!("{{{space}{}}}{space}", fields.join(","))
}

fn message() -> impl Strategy<Value = String> {
    let name =
        select(&["type", "room", "sdp", "candidate", "text", "active", "fresh", "other"][..]);
    let space = select(&["", "", " ", "  ", "\n"][..]);
    (prop::collection::vec((name, value()), 0..5), space)
        .prop_map(|(fields, space)| object(&fields, space))
}

/// A message in which a few places were removed, doubled or overwritten.
fn mutated() -> impl Strategy<Value = String> {
    let change = (any::<Index>(), 0..3_usize, select(&PIECES[..]));
    (select(messages()), prop::collection::vec(change, 1..4)).prop_map(|(mut text, changes)| {
        for (place, removed, piece) in changes {
            let mut ends: Vec<_> = text.char_indices().map(|(at, _)| at).collect();
            ends.push(text.len());
            let from = place.index(ends.len());
            let to = (from + removed).min(ends.len() - 1);
            text.replace_range(ends[from]..ends[to], piece);
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn mutated_messages_are_read_alike(text in mutated()) {
        compare(&text);
    }

    #[test]
    fn messages_of_any_fields_are_read_alike(text in message()) {
        compare(&text);
    }

    #[test]
    fn nonsense_is_read_alike(text in soup()) {
        compare(&text);
        compare(&format!("{{\"type\":\"chat\",\"text\":{text}}}"));
        compare(&format!("{{\"candidate\":{{\"x\":{text}}}}}"));
    }
}
