use super::*;
use crate::ids::{PersonId, SessionId};
use crate::secret::Secret;
use crate::session::lines::{LineKey, Side};

const ONE: RoomId = RoomId::from_u128(1);
const TWO: RoomId = RoomId::from_u128(2);

fn at(seconds: u64) -> Moment {
    Moment::from_micros(seconds * 1_000_000)
}

fn seat(room: RoomId) -> Seat<()> {
    Seat {
        room,
        partner: (),
        names: [6, 7].map(PersonId::from_u128),
        identity: Arc::new(Identity::of_session(SessionId::from_u128(7))),
        lines: None,
        since: at(1),
        role: Role::Offerer,
        terms: Arc::new(Terms { mode: Mode::Video, interests: Vec::new() }),
        private: false,
        opposite: Opposite::default(),
        answered: false,
    }
}

fn sitting(room: RoomId) -> State<()> {
    let mut state = State::default();
    let wait = state.join(at(0), Preferences::default());
    assert!(state.awaits(wait.epoch));
    state.sit(seat(room));
    state
}

#[test]
fn rule_1_a_proposal_counts_once_and_only_for_the_wait_it_was_made_for() {
    let mut state = State::<()>::default();
    let first = state.join(at(0), Preferences::default());
    let second = state.join(at(1), Preferences::default());
    assert!(!state.awaits(first.epoch), "the preferences were replaced");
    assert!(state.awaits(second.epoch));
    state.sit(seat(ONE));
    assert!(!state.awaits(second.epoch), "paired already");
    let third = state.next(at(2), None).unwrap();
    state.leave(at(3));
    assert!(!state.awaits(third.epoch));
}

#[test]
fn rule_5_a_join_while_waiting_does_not_begin_the_wait_anew() {
    let mut state = State::<()>::default();
    state.join(at(0), Preferences::default());
    assert_eq!(state.join(at(3), Preferences::default()).since, at(0));
}

#[test]
fn a_wait_is_announced_once_however_often_it_is_changed() {
    let mut state = State::<()>::default();
    let first = state.join(at(0), Preferences::default());
    let second = state.join(at(0), Preferences::default());
    assert!(!state.announce(first.epoch), "the preferences were replaced");
    assert!(state.announce(second.epoch));
    let third = state.join(at(1), Preferences::default());
    assert!(!state.announce(third.epoch), "the client knows");
    state.leave(at(2));
    let fourth = state.join(at(3), Preferences::default());
    assert!(state.announce(fourth.epoch), "another wait");
}

#[test]
fn next_leaves_only_the_room_it_names() {
    let mut state = sitting(ONE);
    assert!(state.next(at(2), Some(TWO)).is_none());
    assert_eq!(state.next(at(2), Some(ONE)).unwrap().left.unwrap().room, ONE);
    assert!(state.next(at(2), None).is_none(), "waiting: no effect");
}

#[test]
fn next_while_idle_names_the_last_room_or_none() {
    let mut state = sitting(ONE);
    assert!(state.part(at(2), ONE));
    assert!(state.next(at(3), Some(TWO)).is_none());
    assert!(state.next(at(3), Some(ONE)).is_some());
    assert!(State::<()>::default().next(at(0), Some(ONE)).is_none());
    assert!(State::<()>::default().next(at(0), None).is_some(), "the defaults");
}

#[test]
fn rule_2_a_room_is_current_then_former_and_else_unknown() {
    let mut state = sitting(ONE);
    assert!(matches!(state.standing(ONE), Standing::Here(_)));
    assert!(!state.part(at(2), TWO), "another room's end");
    assert!(state.part(at(2), ONE));
    assert!(matches!(state.standing(ONE), Standing::Former));
    assert!(matches!(state.standing(TWO), Standing::Never));
}

#[test]
fn a_report_reaches_back_a_minute() {
    let mut state = sitting(ONE);
    assert!(state.reportable(at(500), ONE).is_some());
    state.leave(at(500));
    assert!(state.reportable(at(560), ONE).is_some());
    assert!(state.reportable(at(561), ONE).is_none());
}

#[test]
fn a_report_knows_the_lines_of_its_room_also_after_its_end() {
    let key = LineKey::new(&Secret::random());
    let (before, after) = (key.hash(ONE, "before"), key.hash(ONE, "after"));
    let mut state = sitting(ONE);
    state.note_line(ONE, Side::Theirs, Some(before));
    state.leave(at(500));
    // One that was under way when the room ended.
    state.note_line(ONE, Side::Mine, Some(after));
    state.note_line(TWO, Side::Mine, Some(after));
    let record = state.record(at(510), |()| SessionId::from_u128(7)).unwrap();
    let mut restored = State::<()>::default();
    restored.restore(at(10), record, |_, _| None);
    for (state, now) in [(state, at(550)), (restored, at(50))] {
        let meeting = state.reportable(now, ONE).unwrap();
        let lines = meeting.lines.unwrap();
        assert!(lines.prove(Side::Theirs, before) && lines.prove(Side::Mine, after));
        assert!(!lines.prove(Side::Mine, before));
        assert_eq!(meeting.identity.person(), PersonId::from_u128(7));
    }
}

#[test]
fn rule_7_who_waits_or_was_just_paired_is_watched() {
    let mut state = sitting(ONE);
    assert!(state.watched(at(20)));
    assert!(!state.watched(at(21)));
    state.next(at(30), None);
    assert!(state.watched(at(500)));
    state.leave(at(501));
    assert!(!state.watched(at(501)));
}

#[test]
fn rule_6_a_place_in_the_queue_is_kept_unpaired() {
    let mut state = State::<()>::default();
    let before = state.join(at(0), Preferences::default());
    assert!(state.pause());
    assert!(!state.awaits(before.epoch));
    state.welcomed();
    let after = state.resume().unwrap();
    assert_eq!(after.since, at(0));
    assert!(state.awaits(after.epoch));
    assert!(!state.announce(after.epoch), "the welcome said so");
}

#[test]
fn news_of_the_partner_count_in_the_order_in_which_they_came_about() {
    let mut state = sitting(ONE);
    assert_eq!(state.partner_link(TWO, 2, true), None, "another room");
    assert_eq!(state.partner_link(ONE, 3, false), None, "back before away: nothing to say");
    assert_eq!(state.partner_link(ONE, 2, true), None, "overtaken");
    assert_eq!(state.partner_link(ONE, 4, true), Some(true));
    assert_eq!(state.partner_link(ONE, 5, false), Some(false));
}

#[test]
fn an_ended_session_stays_ended() {
    let mut state = sitting(ONE);
    assert!(state.end(at(2)).is_some());
    assert!(state.next(at(3), None).is_none());
}
