use super::*;
use crate::protocol::{ErrorCode, ErrorNote, Payload, ServerMessage, Signal, WhyLeft};

fn outbox() -> Outbox {
    Outbox::new(IntGauge::new("bytes", "of all").unwrap())
}

fn online() -> Encoded<'static> {
    ServerMessage::Online { count: 1 }.encode()
}

fn idle() -> Encoded<'static> {
    ServerMessage::Idle {}.encode()
}

fn of_room(room: u128) -> Encoded<'static> {
    let room = RoomId::from_u128(room);
    ServerMessage::PeerLeft { room, reason: WhyLeft::Next }.encode()
}

fn large() -> Encoded<'static> {
    let words = "x".repeat(60_000);
    let code = ErrorCode::BadMessage;
    ServerMessage::Error { code, message: &words, note: ErrorNote::default() }.encode()
}

/// An outbox whose messages 1 to `sent` were handed to the network, and
/// those up to `last` not.
fn with(sent: usize, last: usize) -> Outbox {
    let mut outbox = outbox();
    (0..sent).for_each(|_| outbox.push_all([idle()], None).unwrap());
    taken(&mut outbox);
    (sent..last).for_each(|_| outbox.push_all([idle()], None).unwrap());
    outbox
}

/// The numbers of what is sent now.
fn taken(outbox: &mut Outbox) -> Vec<u64> {
    let mut frames = Vec::new();
    outbox.take(&mut frames, usize::MAX, |_| ());
    let text = String::from_utf8_lossy(&frames).into_owned();
    let after = |part: &str| part.split('}').next().unwrap().parse().unwrap();
    text.split("\"seq\":").skip(1).map(after).collect()
}

#[test]
fn numbers_have_no_gaps_and_skip_what_takes_none() {
    let mut outbox = outbox();
    for message in [idle(), online(), idle()] {
        outbox.push_all([message], None).unwrap();
    }
    assert_eq!((taken(&mut outbox), outbox.last_seq()), (vec![1, 2], 2));
}

#[test]
fn it_is_full_by_messages() {
    let mut outbox = outbox();
    for _ in 0..MAX_MESSAGES {
        outbox.push_all([online()], None).unwrap();
    }
    assert_eq!(outbox.push_all([idle()], None), Err(Full));
    assert_eq!(outbox.last_seq(), 0, "a refused message takes no number");
}

#[test]
fn it_is_full_by_bytes_and_has_room_again_when_taken() {
    let mut outbox = outbox();
    let pushed = (0..100).take_while(|_| outbox.push_all([large()], None).is_ok()).count();
    assert!((8..=17).contains(&pushed), "{pushed}");
    taken(&mut outbox);
    assert!(outbox.push_all([large()], None).is_ok());
    taken(&mut outbox);
    assert_eq!((outbox.bytes(), outbox.bytes_of_all.get()), (0, 0));
}

#[test]
fn all_outboxes_together_are_bounded() {
    let gauge = IntGauge::new("bytes", "of all").unwrap();
    gauge.set(MAX_BYTES_OF_ALL - 100_000);
    let mut outbox = Outbox::new(gauge.clone());
    assert!(outbox.push_all([large()], None).is_ok());
    assert_eq!(outbox.push_all([large()], None), Err(Full));
    drop(outbox);
    assert_eq!(gauge.get(), MAX_BYTES_OF_ALL - 100_000);
}

#[test]
fn rule_6_what_is_after_the_number_is_sent_again_once_and_in_order() {
    let mut outbox = with(5, 8);
    assert_eq!(outbox.resume(Some(3), None), Replay { missed: false, again: 2 });
    assert_eq!(taken(&mut outbox), [4, 5, 6, 7, 8]);
    assert_eq!(outbox.resume(Some(8), None), Replay { missed: false, again: 0 });
    assert!(taken(&mut outbox).is_empty());
}

#[test]
fn rule_6_without_a_number_or_with_one_never_sent_all_that_was_never_handed_over() {
    for seq in [None, Some(6), Some(u64::MAX)] {
        let mut outbox = with(5, 8);
        assert_eq!(outbox.resume(seq, None), Replay { missed: false, again: 0 });
        assert_eq!(taken(&mut outbox), [6, 7, 8], "{seq:?}");
    }
}

#[test]
fn rule_6_what_was_handed_over_once_is_known_though_it_waits_again() {
    for (seq, expected) in [(Some(5), &[6, 7, 8][..]), (Some(4), &[5, 6, 7, 8]), (None, &[6, 7, 8])]
    {
        let mut outbox = with(5, 8);
        outbox.resume(Some(2), None);
        assert!(!outbox.resume(seq, None).missed);
        assert_eq!(taken(&mut outbox), expected, "{seq:?}");
    }
}

#[test]
fn rule_6_a_number_that_is_no_longer_kept_is_told_as_missed() {
    let mut outbox = with(5, 8);
    outbox.confirm(4);
    assert!(!outbox.resume(Some(4), None).missed);
    let mut outbox = with(5, 8);
    outbox.confirm(4);
    assert!(outbox.resume(Some(3), None).missed);
    assert_eq!(taken(&mut outbox), [6, 7, 8], "as after a reload");
}

#[test]
fn rule_6_what_belongs_to_an_earlier_room_is_left_out() {
    let mut outbox = outbox();
    for message in [of_room(1), idle(), of_room(2), online()] {
        outbox.push_all([message], None).unwrap();
    }
    taken(&mut outbox);
    outbox.push_all([of_room(1)], None).unwrap();
    outbox.push_all([of_room(2)], None).unwrap();
    outbox.resume(Some(0), Some(RoomId::from_u128(2)));
    assert_eq!(taken(&mut outbox), [2, 3, 5]);
    outbox.resume(Some(0), None);
    assert_eq!(outbox.last_seq(), 5);
}

#[test]
fn rule_6_what_was_left_out_is_not_missed() {
    let mut outbox = outbox();
    let room = Some(RoomId::from_u128(2));
    for message in [idle(), of_room(1), of_room(2)] {
        outbox.push_all([message], None).unwrap();
    }
    taken(&mut outbox);
    outbox.resume(Some(1), room);
    // A ping that goes out before number 3 says 2.
    outbox.confirm(2);
    assert!(!outbox.resume(Some(1), room).missed);
    assert_eq!(taken(&mut outbox), [3]);
}

#[test]
fn what_the_network_did_not_take_counts_as_never_handed_over() {
    let mut outbox = with(5, 5);
    outbox.untake(3);
    assert_eq!(outbox.handed(), 3);
    outbox.resume(None, None);
    assert_eq!(taken(&mut outbox), [4, 5]);
}

#[test]
fn what_was_sent_longest_ago_makes_room() {
    let mut outbox = with(3, 3);
    let room = RoomId::from_u128(1);
    let text = format!("{:?}", "x".repeat(60_000));
    let json = serde_json::from_str(&text).unwrap();
    for _ in 0..40 {
        let signal = Signal::new(room, Payload::Chat { text: json });
        outbox.push_all([signal.encode()], None).unwrap();
        taken(&mut outbox);
    }
    assert!(outbox.bytes() <= MAX_BYTES);
    assert!(outbox.resume(Some(3), None).missed);
    assert_eq!(outbox.handed(), 43);
}

#[test]
fn a_number_never_sent_confirms_nothing() {
    let mut outbox = with(2, 4);
    outbox.confirm(3);
    assert_eq!(outbox.resume(Some(0), None), Replay { missed: false, again: 2 });
}

#[test]
fn a_file_holds_all_of_it() {
    let mut before = with(2, 4);
    let text = serde_json::to_string(&before.record()).unwrap();
    let mut after = outbox();
    after.restore(serde_json::from_str(&text).unwrap());
    assert_eq!(after.resume(Some(1), None), Replay { missed: false, again: 1 });
    assert_eq!(taken(&mut after), [2, 3, 4]);
}

/// An outbox in which `messages` large ones were sent and confirmed at once, counted
/// in `gauge`.
fn confirmed(gauge: &IntGauge, messages: u128) -> Outbox {
    let mut outbox = Outbox::new(gauge.clone());
    let words = "x".repeat(3_000);
    (0..messages).for_each(|_| {
        outbox.push_all([Encoded::forwarded(RoomId::NOBODYS, words.as_bytes())], None).unwrap()
    });
    outbox.take(&mut Vec::new(), usize::MAX, |_| ());
    outbox.confirm(outbox.handed());
    assert!(outbox.is_empty());
    outbox
}

#[test]
fn a_busy_one_keeps_its_memory_until_little_is_confirmed() {
    let gauge = IntGauge::new("bytes", "of all").unwrap();
    let mut outbox = confirmed(&gauge, 3);
    assert!(outbox.frames.capacity() >= BUSY_BYTES);
    assert!(gauge.get() >= as_gauge(outbox.frames.capacity()), "it counts all the same");
    outbox.push_all([idle()], None).unwrap();
    taken(&mut outbox);
    outbox.confirm(outbox.handed());
    assert_eq!((outbox.frames.capacity(), gauge.get()), (0, 0));
}

#[test]
fn emptied_memory_is_not_kept_where_little_went_through_or_much_is_held() {
    let gauge = IntGauge::new("bytes", "of all").unwrap();
    assert_eq!(confirmed(&gauge, 2).frames.capacity(), 0);
    assert_eq!(confirmed(&gauge, 60).frames.capacity(), 0, "too much to be kept");
    gauge.set(MAX_BYTES_OF_ALL / 2);
    assert_eq!(confirmed(&gauge, 3).frames.capacity(), 0);
}
