//! The oracle finds out each kind of wrong.

use super::broken::serve;
use super::run::{Run, load};
use super::wrong::Wrong;

const SIGNALS: [&str; 5] = ["relay", "--connections", "6", "--rate", "100"];
const MEETINGS: [&str; 5] = ["call", "--connections", "6", "--stay-ms", "100"];
const TALK: [&str; 7] = ["mix", "--connections", "6", "--text", "1", "--interests", "0"];

fn play(wrong: Wrong, scenario: &[&str]) -> Run {
    load(&serve(wrong), &[scenario, &["--seconds", "1", "--quiet"]].concat())
}

/// Runs against a server with this wrong: the rule must be among the broken ones,
/// and the messages that show it be printed.
fn catches(wrong: Wrong, scenario: &[&str], rule: &str) {
    let run = play(wrong, scenario);
    assert_eq!(run.code, Some(1), "{wrong:?}: {}", run.stderr);
    assert!(run.broken().iter().any(|broken| broken == rule), "{wrong:?}: {:?}", run.broken());
    let violations = run.report["violations"].as_array().unwrap();
    let shown =
        violations.iter().all(|violation| !violation["messages"].as_array().unwrap().is_empty());
    assert!(shown, "each is shown by messages");
    assert!(run.stderr.contains("VIOLATION") && run.stderr.contains(rule), "{}", run.stderr);
}

#[test]
fn a_server_that_does_all_right_shows_no_violation() {
    for scenario in [&SIGNALS[..], &MEETINGS, &TALK, &["pair", "--connections", "6"], &["idle"]] {
        play(Wrong::Nothing, scenario).assert_fine();
    }
}

#[test]
fn rule_1_nobody_is_matched_who_does_not_wait() {
    catches(Wrong::MatchesIdle, &["idle"], "nobody is matched who does not wait");
}

#[test]
fn rule_1_two_to_a_room_and_one_room_at_a_time() {
    catches(Wrong::ThreeToARoom, &["pair", "--connections", "6"], "two to a room");
    catches(Wrong::TwoRooms, &["pair", "--connections", "6"], "one room at a time");
}

#[test]
fn exactly_one_is_the_offerer() {
    catches(Wrong::TwoOfferers, &["pair", "--connections", "6"], "one offerer");
    let workers = ["pair", "--connections", "6", "--workers", "2"];
    catches(Wrong::TwoOfferers, &workers, "one offerer");
}

#[test]
fn rule_5_both_are_of_one_mode() {
    let rule = "both of one mode and the same shared interests";
    catches(Wrong::TwoModes, &["pair", "--connections", "6"], rule);
}

#[test]
fn rule_3_nothing_is_lost() {
    catches(Wrong::Loses, &SIGNALS, "nothing lost");
    let talk = ["mix", "--connections", "6", "--text", "1", "--interests", "0", "--skip", "0"];
    let run =
        load(&serve(Wrong::LosesTyping), &[&talk[..], &["--seconds", "12", "--quiet"]].concat());
    assert_eq!(run.broken(), ["nothing lost"], "{}", run.stderr);
}

#[test]
fn nothing_is_changed() {
    catches(Wrong::Changes, &SIGNALS, "nothing changed");
    let talk = ["storm", "--connections", "6", "--storm-ms", "20000", "--mode", "text"];
    let run = load(&serve(Wrong::Changes), &[&talk[..], &["--seconds", "4", "--quiet"]].concat());
    assert_eq!(run.broken(), ["nothing changed"], "lines of text, and one fault each");
}

#[test]
fn rule_3_order_is_kept_and_nothing_repeated() {
    catches(Wrong::Reorders, &SIGNALS, "order kept");
    catches(Wrong::Repeats, &SIGNALS, "nothing repeated");
}

#[test]
fn rule_2_nothing_comes_from_another_room() {
    catches(Wrong::Misdirects, &SIGNALS, "nothing from another room");
    catches(Wrong::Readdresses, &SIGNALS, "nothing from another room");
}

#[test]
fn rule_6_numbers_have_no_gaps() {
    catches(Wrong::SkipsASeq, &SIGNALS, "seq without gaps");
    catches(Wrong::RepeatsASeq, &SIGNALS, "seq without gaps");
    catches(Wrong::NoSeq, &SIGNALS, "messages are well-formed");
}

#[test]
fn rule_3_peer_left_comes_after_all_of_its_room() {
    catches(Wrong::AfterPeerLeft, &MEETINGS, "peerLeft after all of its room");
}

#[test]
fn welcome_is_the_first_message() {
    catches(Wrong::NoWelcome, &["idle"], "welcome first");
}
