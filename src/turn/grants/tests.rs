use proptest::prelude::*;

use super::*;

const NOW: Moment = Moment::from_micros(1_000_000);
const TICK: Duration = Duration::from_micros(1);

fn peer(number: u16) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, (number / 4) as u8], 1000 + number % 4))
}

fn ip(number: usize) -> IpAddr {
    [10, 0, (number >> 8) as u8, number as u8].into()
}

#[test]
fn a_permission_runs_out() {
    let mut grants = Grants::default();
    grants.permit(&[ip(1), ip(2)], NOW).unwrap();
    for ip in [ip(1), ip(2)] {
        assert!(grants.permits(ip, (NOW + PERMISSION).before(TICK)));
        assert!(!grants.permits(ip, NOW + PERMISSION));
    }
    assert!(!grants.permits(ip(3), NOW));
}

#[test]
fn a_channel_outlives_the_permission_that_came_with_it() {
    let mut grants = Grants::default();
    grants.bind(0x4000, peer(1), NOW).unwrap();
    assert!(grants.permits(peer(1).ip(), NOW));
    assert!(!grants.permits(peer(1).ip(), NOW + PERMISSION));
    assert_eq!(grants.peer(0x4000, (NOW + CHANNEL).before(TICK)), Some(peer(1)));
    assert_eq!(grants.number(peer(1), (NOW + CHANNEL).before(TICK)), Some(0x4000));
    assert_eq!(grants.peer(0x4000, NOW + CHANNEL), None);
    assert_eq!(grants.number(peer(1), NOW + CHANNEL), None);
}

#[test]
fn neither_a_number_nor_a_peer_is_bound_twice() {
    let mut grants = Grants::default();
    grants.bind(0x4000, peer(1), NOW).unwrap();
    assert_eq!(grants.bind(0x4000, peer(2), NOW), Err(Denied::Conflict));
    assert_eq!(grants.bind(0x4001, peer(1), NOW), Err(Denied::Conflict));
    assert!(!grants.permits(peer(8).ip(), NOW));
    grants.bind(0x4000, peer(1), NOW).unwrap();
    grants.bind(0x4000, peer(2), NOW + CHANNEL).unwrap();
    assert_eq!(grants.number(peer(1), NOW + CHANNEL), None);
    grants.bind(0x4001, peer(1), NOW + CHANNEL).unwrap();
}

#[test]
fn what_is_full_takes_more_once_something_has_run_out() {
    let mut grants = Grants::default();
    let all: Vec<_> = (0..MOST_PERMISSIONS).map(ip).collect();
    grants.permit(&all, NOW).unwrap();
    grants.permit(&all, NOW).unwrap();
    let more = ip(MOST_PERMISSIONS);
    assert_eq!(grants.permit(&[ip(0), more], NOW), Err(Denied::Full));
    assert!(!grants.permits(more, NOW));
    grants.permit(&[more, more], NOW + PERMISSION).unwrap();

    let mut grants = Grants::default();
    for number in 0..MOST_CHANNELS as u16 {
        grants.bind(0x4000 + number, peer(number), NOW).unwrap();
    }
    assert_eq!(grants.bind(0x5000, peer(1000), NOW), Err(Denied::Full));
    grants.bind(0x4001, peer(1), NOW + TICK).unwrap();
    grants.bind(0x5000, peer(1000), NOW + CHANNEL).unwrap();
}

proptest! {
    /// Against a list of all that was bound.
    #[test]
    fn channels_are_one_to_one(
        steps in prop::collection::vec((0..6u16, 0..6u16, 0..400u64), 0..100)
    ) {
        let mut grants = Grants::default();
        let mut model: Vec<(u16, SocketAddr, Moment)> = Vec::new();
        let mut now = NOW;
        for (number, other, seconds) in steps {
            now = now + Duration::from_secs(seconds);
            model.retain(|(_, _, until)| *until > now);
            let peer = peer(other);
            let conflict = model.iter().any(|(n, p, _)| (*n == number) != (*p == peer));
            prop_assert_eq!(grants.bind(number, peer, now).is_err(), conflict);
            if !conflict {
                model.retain(|(n, _, _)| *n != number);
                model.push((number, peer, now + CHANNEL));
            }
            for number in 0..6 {
                let bound = model.iter().find(|(n, _, _)| *n == number).map(|(_, p, _)| *p);
                prop_assert_eq!(grants.peer(number, now), bound);
            }
            for other in (0..6).map(self::peer) {
                let bound = model.iter().find(|(_, p, _)| *p == other).map(|(n, _, _)| *n);
                prop_assert_eq!(grants.number(other, now), bound);
            }
        }
    }
}
