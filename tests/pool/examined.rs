//! A step examines as many tickets in a crowd as among a few: no path of work
//! grows with the number of people.
//!
//! Each crowd is one whose members don't suit each other, all within 5 s, so
//! that it can wait at all. Newcomers come to it and leave or are paired, and
//! their steps are counted. Where only chance or nobody is to be found, the
//! counts are compared for equality, without a margin.

use super::support::{Waits, interests, languages, nothing, session};
use passerby::protocol::Mode;
use passerby::protocol::Preferences;

const FEW: u64 = 1_000;
const MANY: u64 = 100_000;
const NEWCOMERS: u64 = 200;
/// Everyone joins within this time, so that nobody relaxes.
const SPAN_MILLIS: u64 = 4_000;

/// What the person of a number wishes.
type Wish = fn(u64) -> Preferences;

fn own_interests(number: u64) -> Preferences {
    let named = (0..10).map(|one| format!("interest {number} {one}").into()).collect();
    Preferences { interests: named, ..nothing() }
}

fn own_language(number: u64) -> Preferences {
    languages(&[&format!("l{number}")])
}

fn own_interests_and_language(number: u64) -> Preferences {
    Preferences { interests: own_interests(number).interests, ..own_language(number) }
}

fn two_interests_and_own_language(number: u64) -> Preferences {
    Preferences { interests: interests(&["chess", "music"]).interests, ..own_language(number) }
}

fn chess(_: u64) -> Preferences {
    interests(&["chess"])
}

fn chess_and_music(_: u64) -> Preferences {
    interests(&["chess", "music"])
}

fn no_wish(_: u64) -> Preferences {
    nothing()
}

/// How many tickets the newcomers' steps examine when `size` of `crowd` wait.
fn examined(size: u64, crowd: Wish, newcomer: Wish) -> u64 {
    let mut pool = Waits::new(7);
    for number in 0..size {
        assert_eq!(pool.join(number * SPAN_MILLIS / size, number, crowd(number)), None);
    }
    let before = pool.inner.examined();
    for number in size..size + NEWCOMERS {
        let paired = pool.join(SPAN_MILLIS, number, newcomer(number)).is_some();
        assert_eq!(pool.inner.leave(session(number)).is_some(), !paired);
    }
    pool.inner.examined() - before
}

/// The count an operation, in a crowd of a hundred times as many as well.
fn per_step(crowd: Wish, newcomer: Wish) -> u64 {
    let counts = [FEW, MANY].map(|size| examined(size, crowd, newcomer));
    assert_eq!(counts[0], counts[1], "among {FEW} and among {MANY}");
    counts[0].div_ceil(NEWCOMERS)
}

#[test]
fn whom_nothing_binds_to_the_crowd_examines_nobody() {
    assert_eq!(per_step(own_interests, own_interests), 0);
    assert_eq!(per_step(own_interests, no_wish), 0);
    assert_eq!(per_step(own_language, own_language), 0);
    assert_eq!(per_step(own_interests_and_language, own_interests_and_language), 0);
    assert_eq!(per_step(two_interests_and_own_language, two_interests_and_own_language), 0);
}

#[test]
fn whom_everyone_suits_examines_one() {
    assert_eq!(per_step(own_language, no_wish), 1);
}

/// How many are compared depends on how many have waited equally long, up to
/// 64 of each interest's list, also where the lists hold the same people.
#[test]
fn whom_everyone_shares_something_with_compares_a_bounded_number() {
    for size in [FEW, MANY] {
        let crowd = two_interests_and_own_language;
        assert!(examined(size, crowd, chess) <= 64 * NEWCOMERS);
        assert!(examined(size, crowd, chess_and_music) <= 2 * 64 * NEWCOMERS);
    }
}

#[test]
fn time_examines_as_many_a_ticket_in_a_crowd() {
    let relaxing = |size: u64| {
        let mut pool = Waits::new(7);
        for number in 0..size {
            assert_eq!(pool.join(0, number, own_interests(number)), None);
        }
        assert_eq!(pool.advance(5_000).len() as u64, size / 2);
        assert_eq!(pool.inner.waiting(Mode::Video), 0);
        // Who is paired by its own search may come upon itself in each list.
        assert!(pool.inner.examined() <= size / 2 * (10 + 2 + 64));
        pool.inner.examined() / size
    };
    assert!(relaxing(MANY) <= relaxing(FEW) + 1);
}
