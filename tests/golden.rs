//! The golden messages: what a client may say, and what is refused. The page's
//! tests read the same files.

use passerby::protocol::decode;
use serde::Deserialize;

/// A message of a client.
#[derive(Deserialize)]
struct Golden {
    /// `type/what is special`.
    name: String,
    /// The frame's text.
    json: String,
    /// Whether it is one of the protocol's.
    valid: bool,
    /// With what error it is refused, where it isn't.
    code: Option<String>,
}

/// What a client may say, and beside it what it may say of others.
const FILES: [&str; 2] = ["client.json", "moderation-client.json"];

fn golden() -> Vec<Golden> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/protocol");
    let read = |file: &str| -> Vec<Golden> {
        let text = std::fs::read_to_string(format!("{folder}/{file}"));
        let text = text.expect("the golden messages can be read");
        serde_json::from_str(&text).expect("a list of golden messages")
    };
    FILES.into_iter().flat_map(read).collect()
}

#[test]
fn each_golden_message_is_taken_or_refused_as_it_says() {
    let mistaken: Vec<_> = golden()
        .into_iter()
        .filter(|golden| decode(&golden.json).is_ok() != golden.valid)
        .map(|golden| format!("{} (valid: {})", golden.name, golden.valid))
        .collect();
    assert!(mistaken.is_empty(), "{mistaken:#?}");
}

#[test]
fn the_golden_messages_are_many_and_each_has_a_name_of_its_own() {
    let golden = golden();
    assert!(golden.iter().filter(|golden| golden.valid).count() > 50);
    assert!(golden.iter().filter(|golden| !golden.valid).count() > 50);
    let mut names: Vec<_> = golden.iter().map(|golden| &golden.name).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), golden.len());
}

#[test]
fn what_is_malformed_by_itself_is_a_bad_message() {
    for golden in golden().iter().filter(|golden| !golden.valid) {
        assert_eq!(golden.code.as_deref(), Some("bad_message"), "{}", golden.name);
    }
}
