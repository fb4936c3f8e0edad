//! The pool's rules, one small scene each, through its public interface.

use super::support::{Waits, at, interests, languages, nothing, person, session};
use std::sync::Arc;

use passerby::matchmaking::pool::{Config, MatchedBy, Pool, Ticket};
use passerby::protocol::Mode;
use passerby::protocol::Preferences;

#[test]
fn the_second_of_two_is_paired_on_arrival() {
    let mut pool = Waits::new(1);
    assert_eq!(pool.join(0, 1, nothing()), None);
    assert_eq!(pool.join(1, 2, nothing()), Some(1));
    assert_eq!(pool.inner.waiting(Mode::Video), 0);
    assert_eq!(pool.inner.next_wake(), None);
}

#[test]
fn modes_never_mix() {
    let mut pool = Waits::new(1);
    pool.join(0, 1, nothing());
    let text = Preferences { mode: Mode::Text, ..nothing() };
    assert_eq!(pool.join(0, 2, text), None);
    assert_eq!((pool.inner.waiting(Mode::Video), pool.inner.waiting(Mode::Text)), (1, 1));
}

#[test]
fn an_unshared_interest_waits_five_seconds_and_no_longer() {
    let mut pool = Waits::new(1);
    pool.join(0, 1, interests(&["chess"]));
    pool.join(2000, 2, interests(&["music"]));
    assert_eq!(pool.advance(6999), []);
    assert_eq!(pool.inner.next_wake(), Some(at(7000)));
    assert_eq!(pool.advance(7000), [(1, 2)]);
}

#[test]
fn one_without_interests_meets_one_who_has_waited_for_them() {
    let mut pool = Waits::new(1);
    pool.join(0, 1, interests(&["chess"]));
    assert_eq!(pool.join(4000, 2, nothing()), None);
    assert_eq!(pool.advance(5000), [(1, 2)]);
}

#[test]
fn the_most_shared_interests_win_then_the_longest_wait_in_whole_seconds() {
    let mut pool = Waits::new(1);
    let mut speaks = |session, since, named: &[&str], language: &str| {
        let wishes = Preferences { languages: vec![language.into()], ..interests(named) };
        assert_eq!(pool.join(since, session, wishes), None);
    };
    speaks(1, 0, &["chess"], "de");
    speaks(2, 1500, &["chess", "music"], "en");
    speaks(3, 400, &["chess", "music"], "fr");
    assert_eq!(pool.join(2000, 4, interests(&["chess", "music"])), Some(3));
    assert_eq!(pool.join(2000, 5, interests(&["chess", "go", "music"])), Some(2));
    assert_eq!(pool.join(2000, 6, interests(&["chess", "music"])), Some(1));
}

#[test]
fn chance_decides_within_one_second_of_waiting() {
    let mut firsts = [0; 3];
    for seed in 0..200 {
        let mut pool = Waits::new(seed);
        for (session, language) in [(1, "de"), (2, "en"), (3, "fr")] {
            pool.join(session * 100, session, languages(&[language]));
        }
        let partner = pool.join(999, 4, nothing()).expect("everyone suits");
        firsts[usize::try_from(partner).expect("small") - 1] += 1;
    }
    assert!(firsts.iter().all(|count| *count > 40), "{firsts:?}");
}

#[test]
fn either_side_may_be_the_offerer() {
    let mut offers = 0;
    for seed in 0..200 {
        let mut pool = Waits::new(seed);
        pool.join(0, 1, nothing());
        let made = pool.join_raw(0, 2, nothing()).expect("both suit");
        offers += usize::from(made.offerer.session == session(1));
    }
    assert!((60..140).contains(&offers), "{offers}");
}

#[test]
fn unshared_languages_wait_for_both() {
    let mut pool = Waits::new(1);
    pool.join(0, 1, languages(&["de"]));
    pool.join(3000, 2, languages(&["fr"]));
    assert_eq!(pool.advance(5000), []);
    assert_eq!(pool.advance(8000), [(1, 2)]);
}

#[test]
fn a_match_says_what_the_two_share() {
    let mut pool = Waits::new(1);
    pool.join(0, 1, interests(&["art", "chess", "music"]));
    let made = pool.join_raw(0, 2, interests(&["art", "go", "music"])).expect("they share two");
    assert_eq!((made.shared, made.by), (vec!["art".into(), "music".into()], MatchedBy::Interest));
    pool.join(0, 3, languages(&["de", "en"]));
    let made = pool.join_raw(0, 4, languages(&["en"])).expect("they share one");
    assert_eq!((made.shared, made.by), (vec![], MatchedBy::Language));
    pool.join(0, 5, languages(&["de"]));
    let made = pool.join_raw(0, 6, nothing()).expect("one named none");
    assert_eq!(made.by, MatchedBy::Any);
}

#[test]
fn two_whose_room_ended_meet_again_after_thirty_seconds() {
    let mut pool = Waits::new(1);
    pool.inner.parted(at(1000), [person(1), person(2)]);
    pool.join(1000, 1, nothing());
    assert_eq!(pool.join(2000, 2, nothing()), None);
    assert_eq!(pool.inner.next_wake(), Some(at(31_000)));
    assert_eq!(pool.advance(31_000), [(1, 2)]);
}

#[test]
fn a_block_that_is_renewed_while_both_wait_holds_its_full_time() {
    let mut pool = Waits::new(1);
    pool.inner.parted(at(0), [person(1), person(2)]);
    pool.join(0, 1, nothing());
    pool.join(0, 2, nothing());
    pool.inner.parted(at(20_000), [person(2), person(1)]);
    assert_eq!(pool.advance(30_000), []);
    assert_eq!(pool.advance(50_000), [(1, 2)]);
}

#[test]
fn a_long_chain_of_blocks_is_paired_as_each_runs_out() {
    let mut pool = Waits::new(1);
    // The blocks of (1, 2), (3, 4) ... run out one a second, all others last.
    for pair in 1..=30 {
        let second = u128::from(2 * pair);
        pool.inner.parted(at(1000 * (pair + 1)), [person(second - 1), person(second)]);
    }
    let others = (1..=60).flat_map(|a| (1..a).map(move |b| (b, a)));
    for (b, a) in others.filter(|(b, a)| a % 2 == 1 || *b != a - 1) {
        pool.inner.parted(at(31_000), [person(a), person(b)]);
    }
    (1..=60).for_each(|session| assert_eq!(pool.join(31_000, session, nothing()), None));
    for pair in 1..=30 {
        let due = 31_000 + 1000 * pair;
        assert_eq!(pool.inner.next_wake(), Some(at(due)));
        assert_eq!(pool.advance(due), [(2 * pair - 1, 2 * pair)]);
    }
    assert_eq!(pool.inner.next_wake(), None);
}

#[test]
fn strangers_come_before_acquaintances_and_a_report_is_for_good() {
    let mut pool = Waits::new(1);
    pool.inner.parted(at(0), [person(1), person(9)]);
    pool.inner.reported([person(2), person(9)]);
    pool.join(40_000, 1, languages(&["de"]));
    pool.join(50_000, 2, languages(&["en"]));
    pool.join(59_000, 3, languages(&["fr"]));
    assert_eq!(pool.join(60_000, 9, nothing()), Some(3));
    assert_eq!(pool.join(60_000, 9, nothing()), Some(1));
    assert_eq!(pool.join(60_000, 9, nothing()), None);
    assert_eq!(pool.advance(100_000), []);
    assert_eq!(pool.inner.next_wake(), None);
}

#[test]
fn acquaintances_who_relax_together_look_for_strangers_first() {
    let mut pool = Waits::new(1);
    pool.inner.parted(at(0), [person(1), person(2)]);
    pool.join(60_000, 1, interests(&["art"]));
    pool.join(60_000, 2, interests(&["chess"]));
    pool.join(60_100, 3, interests(&["music"]));
    assert_eq!(pool.advance(66_000).len(), 1);
    assert_eq!(pool.inner.waiting(Mode::Video), 1);
    assert!(pool.waits(1) != pool.waits(2), "the stranger took one of the two");
}

#[test]
fn sessions_of_one_person_are_kept_apart() {
    let mut pool = Waits::new(1);
    assert!(pool.join_as(0, 1, 7, nothing()).is_none());
    assert!(pool.join_as(0, 2, 7, nothing()).is_none());
    assert_eq!(pool.inner.waiting(Mode::Video), 2);
    assert_eq!(pool.join(0, 3, nothing()).map(|partner| partner < 3), Some(true));
}

#[test]
fn a_session_that_joins_again_has_one_ticket_with_its_new_wishes() {
    let mut pool = Waits::new(1);
    pool.join(0, 1, interests(&["chess"]));
    pool.join(1000, 1, interests(&["music"]));
    assert_eq!(pool.inner.waiting(Mode::Video), 1);
    assert_eq!(pool.join(1000, 2, interests(&["chess"])), None);
    assert_eq!(pool.join(1000, 3, interests(&["music"])), Some(1));
}

#[test]
fn who_leaves_takes_everything_along() {
    let mut pool = Waits::new(1);
    pool.join(0, 1, interests(&["chess"]));
    assert_eq!(pool.inner.leave(session(1)).map(|ticket| ticket.owner), Some(1));
    assert!(pool.inner.leave(session(1)).is_none());
    assert_eq!((pool.inner.waiting(Mode::Video), pool.inner.next_wake()), (0, None));
    assert_eq!(pool.join(9000, 2, nothing()), None);
}

#[test]
fn a_ticket_that_began_long_ago_takes_anyone_at_once() {
    let mut pool = Waits::new(1);
    pool.join(10_000, 1, nothing());
    let made = pool.join_since(10_000, 5000, 2, interests(&["chess"]));
    assert_eq!(made, Some(1));
}

#[test]
fn the_memory_of_many_meetings_is_bounded() {
    let config = Config::default();
    let mut pool = Waits::new(1);
    for round in 0..20_000_u64 {
        let (a, b) = (u128::from(round % 50), u128::from((round * 7 + round / 50) % 50));
        pool.inner.parted(at(40_000 * round), [person(a), person(b)]);
        assert!(pool.inner.remembered() <= 50 * config.remembered + 10);
    }
    (0..50).for_each(|number| pool.inner.forget(person(number)));
    assert_eq!(pool.inner.remembered(), 0);
}

#[test]
fn rule_4_sessions_of_one_person_meet_where_they_may_and_never_themselves() {
    let ticket = |number: u64, preferences| Ticket {
        session: session(number),
        person: person(1),
        preferences: Arc::new(preferences),
        since: at(0),
        owner: (),
    };
    for allow_self in [false, true] {
        let mut pool = Pool::new(Config { allow_self, ..Config::default() }, 1);
        assert!(pool.join(at(0), ticket(1, interests(&["tea"]))).is_none());
        assert!(pool.advance(at(5000)).is_empty(), "not with itself");
        let pair = pool.join(at(6000), ticket(2, interests(&["tea"])));
        assert_eq!(pair.is_some(), allow_self);
        if allow_self {
            pool.parted(at(7000), [1, 2].map(|number| session(number).into()));
            assert!(pool.join(at(7000), ticket(1, nothing())).is_none());
            assert!(pool.join(at(7000), ticket(2, nothing())).is_none());
            assert!(pool.join(at(7000), ticket(3, nothing())).is_some(), "another tab");
        }
    }
}
