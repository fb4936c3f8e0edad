//! The oracle finds out each kind of wrong.

use super::broken::serve;
use super::run::{Run, at_once, load};
use super::wrong::Wrong;

const SIGNALS: [&str; 5] = ["relay", "--connections", "6", "--rate", "100"];
const MEETINGS: [&str; 5] = ["call", "--connections", "6", "--stay-ms", "100"];
const MEETING: [&str; 3] = ["pair", "--connections", "6"];
const TALK: [&str; 9] =
    ["mix", "--connections", "40", "--text", "1", "--interests", "0", "--skip", "0"];

fn play(wrong: Wrong, scenario: &[&str]) -> Run {
    load(&serve(wrong), &[scenario, &["--seconds", "2", "--quiet"]].concat())
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

/// Each of these wrongs is caught by its rule.
fn catches_each(cases: &[(Wrong, &[&str], &str)]) {
    at_once(cases, |(wrong, scenario, rule)| catches(*wrong, scenario, rule));
}

#[test]
fn a_server_that_does_all_right_shows_no_violation() {
    at_once(&[&SIGNALS[..], &MEETINGS, &TALK, &MEETING, &["idle"]], |scenario| {
        play(Wrong::Nothing, scenario).assert_fine();
    });
}

#[test]
fn nobody_is_matched_wrongly() {
    let workers = [&MEETING[..], &["--workers", "2"]].concat();
    catches_each(&[
        (Wrong::MatchesIdle, &["idle"], "nobody is matched who does not wait"),
        (Wrong::ThreeToARoom, &MEETING, "two to a room"),
        (Wrong::ThreeToARoom, &workers, "two to a room"),
        (Wrong::TwoRooms, &MEETING, "one room at a time"),
        (Wrong::TwoOfferers, &MEETING, "one offerer"),
        (Wrong::TwoOfferers, &workers, "one offerer"),
        (Wrong::TwoModes, &MEETING, "both of one mode and the same shared interests"),
    ]);
}

#[test]
fn signals_arrive_as_they_were_sent() {
    catches_each(&[
        (Wrong::Loses, &SIGNALS, "nothing lost"),
        (Wrong::LosesTyping, &TALK, "nothing lost"),
        (Wrong::Changes, &SIGNALS, "nothing changed"),
        (Wrong::Changes, &TALK, "nothing changed"),
        (Wrong::Reorders, &SIGNALS, "order kept"),
        (Wrong::Repeats, &SIGNALS, "nothing repeated"),
    ]);
}

#[test]
fn nothing_comes_from_another_room_or_after_the_end() {
    catches_each(&[
        (Wrong::Misdirects, &SIGNALS, "nothing from another room"),
        (Wrong::Readdresses, &SIGNALS, "nothing from another room"),
        (Wrong::AfterPeerLeft, &MEETINGS, "peerLeft after all of its room"),
    ]);
}

#[test]
fn messages_are_welcome_first_and_numbered() {
    catches_each(&[
        (Wrong::NoWelcome, &["idle"], "welcome first"),
        (Wrong::SkipsASeq, &SIGNALS, "seq without gaps"),
        (Wrong::RepeatsASeq, &SIGNALS, "seq without gaps"),
        (Wrong::NoSeq, &SIGNALS, "messages are well-formed"),
    ]);
}

#[test]
fn one_wrong_is_one_kind_of_fault() {
    for (wrong, rules) in [
        (Wrong::Changes, ["nothing changed"]),
        (Wrong::Repeats, ["nothing repeated"]),
        (Wrong::Loses, ["nothing lost"]),
        (Wrong::SkipsASeq, ["seq without gaps"]),
    ] {
        assert_eq!(play(wrong, &SIGNALS).broken(), rules, "{wrong:?}");
    }
}
