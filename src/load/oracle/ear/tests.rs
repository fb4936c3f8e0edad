use super::*;

const A: &str = "00000000-0000-4000-8000-00000000000a";
const B: &str = "00000000-0000-4000-8000-00000000000b";

/// Hears messages, with A and B for the rooms; the rules that they broke and how
/// rooms ended.
fn hear(ear: &mut Ear, messages: &[&str]) -> (Vec<Rule>, Vec<End>) {
    let (mut rules, mut ends) = (Vec::new(), Vec::new());
    for message in messages {
        let text = message.replace("'A'", &format!("'{A}'")).replace("'B'", &format!("'{B}'"));
        let text = text.replace('\'', "\"");
        ear.hears(&serde_json::from_str(&text).expect(&text));
        for out in ear.take() {
            match out {
                Out::Fault(fault) => rules.push(fault.rule),
                Out::Closed(closed) => ends.push(closed.end),
                Out::Entered(_) => (),
            }
        }
    }
    (rules, ends)
}

const WELCOME: &str = "{'type':'welcome','resume':'t','resumed':false}";
const MATCHED: &str =
    "{'type':'matched','room':'A','role':'offerer','mode':'video','interests':[],'seq':1}";

/// A person in room A, which came as number 1.
fn in_room() -> Ear {
    let mut ear = Ear::new(Name { run: 1, person: 0 });
    assert_eq!(hear(&mut ear, &[WELCOME]).0, []);
    ear.asks(Some(Mode::Video));
    assert_eq!(hear(&mut ear, &[MATCHED]).0, []);
    assert_eq!(ear.standing(), Standing::InRoom);
    ear
}

fn again() -> Ear {
    let mut ear = in_room();
    ear.connects();
    ear
}

#[test]
fn a_person_goes_from_room_to_room() {
    let mut ear = in_room();
    ear.asks(None);
    assert_eq!(ear.standing(), Standing::Waiting);
    let crossing = [
        "{'type':'typing','room':'A','active':true,'seq':2}",
        "{'type':'peerLeft','room':'A','reason':'next','seq':3}",
        "{'type':'waiting','seq':4}",
        "{'type':'matched','room':'B','role':'answerer','mode':'video','interests':[],'seq':5}",
        "{'type':'peerLeft','room':'B','reason':'next','seq':6}",
    ];
    assert_eq!(hear(&mut ear, &crossing), (vec![], vec![End::Left, End::PartnerLeft]));
    assert_eq!(ear.standing(), Standing::Idle);
    let late = "{'type':'typing','room':'B','active':true,'seq':7}";
    assert_eq!(hear(&mut ear, &[late]).0, [Rule::PeerLeftLast]);
    let older = "{'type':'typing','room':'A','active':true,'seq':8}";
    assert_eq!(hear(&mut ear, &[older]).0, [Rule::NothingFromElsewhere]);
}

#[test]
fn a_match_that_crosses_a_leave_is_none_of_the_services_faults() {
    let mut ear = Ear::new(Name { run: 1, person: 0 });
    hear(&mut ear, &[WELCOME]);
    ear.asks(Some(Mode::Video));
    ear.leaves();
    assert_eq!(hear(&mut ear, &[MATCHED]).0, []);
    assert_ne!(ear.standing(), Standing::InRoom);
    assert!(ear.leaving());
    assert_eq!(hear(&mut ear, &["{'type':'idle','seq':2}"]), (vec![], vec![End::Left]));
    let other = "{'type':'matched','room':'B','role':'offerer','mode':'video','seq':3}";
    assert_eq!(hear(&mut ear, &[other]).0, [Rule::OnlyWhoWaits], "but one after the answer is");
}

#[test]
fn rule_6_a_resume_goes_on_in_the_same_room() {
    let mut ear = again();
    ear.asks(None);
    let back = [
        "{'type':'welcome','resumed':true,'room':'A','role':'offerer','mode':'video','lastSeq':2}",
        "{'type':'typing','room':'A','active':true,'seq':2}",
    ];
    assert_eq!(hear(&mut ear, &back[..1]).0, []);
    assert!(ear.replaying());
    assert_eq!(hear(&mut ear, &back[1..]).0, []);
    assert!(!ear.replaying());
    assert_eq!(ear.standing(), Standing::InRoom, "the `next` was lost with the connection");
    ear.connects();
    let twice = [
        "{'type':'welcome','resumed':true,'room':'A','role':'offerer','mode':'video','lastSeq':3}",
        "{'type':'typing','room':'A','active':true,'seq':2}",
    ];
    assert_eq!(hear(&mut ear, &twice).0, [Rule::NumbersWithoutGaps], "each exactly once");
}

#[test]
fn rule_6_a_newer_room_leaves_the_older_out() {
    let mut ear = again();
    ear.asks(None);
    let newer = [
        "{'type':'welcome','resumed':true,'room':'B','role':'answerer','mode':'video','lastSeq':6}",
        "{'type':'waiting','seq':4}",
        "{'type':'matched','room':'B','role':'answerer','mode':'video','seq':5}",
        "{'type':'typing','room':'B','active':true,'seq':6}",
        "{'type':'typing','room':'B','active':false,'seq':7}",
    ];
    assert_eq!(hear(&mut ear, &newer), (vec![], vec![End::Left]));
    assert_eq!(ear.room(), RoomId::parse(B));
    let gap = "{'type':'typing','room':'B','active':true,'seq':9}";
    assert_eq!(hear(&mut ear, &[gap]).0, [Rule::NumbersWithoutGaps]);
}

#[test]
fn rule_6_who_was_matched_and_left_while_away_hears_of_both() {
    let mut ear = again();
    ear.asks(None);
    let both = [
        "{'type':'welcome','resumed':true,'lastSeq':4}",
        "{'type':'waiting','seq':2}",
        "{'type':'matched','room':'B','role':'answerer','mode':'video','seq':3}",
        "{'type':'peerLeft','room':'B','reason':'disconnected','seq':4}",
    ];
    assert_eq!(hear(&mut ear, &both), (vec![], vec![End::Left, End::PartnerGone]));
    assert_eq!(ear.standing(), Standing::Idle);
    let after = "{'type':'matched','room':'A','role':'answerer','mode':'video','seq':5}";
    assert_eq!(hear(&mut ear, &[after]).0, [Rule::OnlyWhoWaits]);
}

#[test]
fn rule_6_what_is_missed_is_said_so() {
    let mut ear = again();
    let missed = [
        "{'type':'welcome','resumed':true,'missed':true,'room':'A','role':'offerer','mode':'video','lastSeq':9}",
        "{'type':'typing','room':'A','active':true,'seq':8}",
    ];
    assert_eq!(hear(&mut ear, &missed).0, []);
}

#[test]
fn rule_6_a_room_whose_leaving_was_lost_with_a_machine_goes_on() {
    let left = || {
        let mut ear = in_room();
        ear.asks(None);
        let next = [
            "{'type':'matched','room':'B','role':'answerer','mode':'video','interests':[],'seq':2}",
        ];
        assert_eq!(hear(&mut ear, &next), (vec![], vec![End::Left]));
        ear.connects();
        ear
    };
    let back = |missed| {
        format!(
            "{{'type':'welcome','resumed':true,'missed':{missed},'room':'A','role':'offerer',\
            'mode':'video','lastSeq':9}}"
        )
    };
    let mut ear = left();
    assert_eq!(hear(&mut ear, &[&back(true)]), (vec![], vec![End::Lost]));
    assert_eq!((ear.room(), ear.standing()), (RoomId::parse(A), Standing::InRoom));
    assert_eq!(hear(&mut left(), &[&back(false)]).0, [Rule::OnlyWhoWaits], "but no other");
}

#[test]
fn a_session_that_is_not_kept_begins_anew() {
    let mut ear = again();
    assert_eq!(hear(&mut ear, &[WELCOME]), (vec![], vec![End::Lost]));
    assert_eq!((ear.standing(), ear.last_seq()), (Standing::Idle, 0));
    assert_eq!(hear(&mut ear, &[WELCOME]).0, [Rule::WelcomeFirst], "and there is one welcome");
}

#[test]
fn what_a_connection_still_owes_is_known() {
    let mut ear = again();
    let waiting = "{'type':'welcome','resumed':true,'waiting':true,'lastSeq':1}";
    assert_eq!(hear(&mut ear, &[waiting]).0, []);
    assert_eq!(ear.standing(), Standing::Waiting);
    assert!(!ear.joined(), "a join may be lost with its connection");
    let other_mode = "{'type':'matched','room':'B','role':'answerer','mode':'text','seq':2}";
    assert_eq!(hear(&mut ear, &[other_mode]).0, [Rule::SameMode]);
}
