//! Twenty who want to have an honest person kept out.

use std::ops::RangeInclusive;

use passerby::clock::UnixMillis;
use passerby::identity::Identity;
use rand::RngExt;

use crate::world::{DAY, HOUR, MINUTE, NOW, World};
use crate::worlds;

const COLLUDERS: usize = 20;

/// How many honest people reported the person wrongly in the same hour: with thirty
/// rooms an hour and one false report in 200, none 860 times in a thousand, one 130
/// times, and more ten times, which two false reports more would turn into a ban.
const NOISE: RangeInclusive<usize> = 0..=1;

/// In how many runs an honest person is kept out, by the twenty that `attack` makes
/// and by honest noise.
fn kept_out(
    what: &str,
    days: f64,
    noise: RangeInclusive<usize>,
    attack: impl Fn(&mut World) -> Vec<Identity>,
) -> usize {
    let (mut runs, mut kept_out) = (0, 0);
    for mut world in worlds(days) {
        let mut by = attack(&mut world);
        assert_eq!(by.len(), COLLUDERS);
        let noise = world.rng.random_range(noise.clone());
        by.extend(world.strangers(noise));
        let victim = world.ordinary();
        runs += 1;
        kept_out += usize::from(world.reported_by(&by, victim).is_some());
    }
    println!("{what}: {kept_out} of {runs} kept out");
    kept_out
}

fn twenty(mut one: impl FnMut(usize) -> Identity) -> Vec<Identity> {
    (0..COLLUDERS).map(&mut one).collect()
}

/// Of an established service.
fn nobody_is_kept_out(what: &str, attack: impl Fn(&mut World) -> Vec<Identity>) {
    assert_eq!(kept_out(what, 90.0, NOISE, attack), 0);
}

#[test]
fn new_devices_at_twenty_addresses() {
    nobody_is_kept_out("new devices", |world| twenty(|_| world.newcomer(DAY)));
    nobody_is_kept_out("devices of the last minutes", |world| {
        twenty(|_| world.newcomer(5 * MINUTE))
    });
}

#[test]
fn devices_without_cookies() {
    nobody_is_kept_out("no cookies", |world| {
        twenty(|_| Identity { presented: false, ..world.newcomer(MINUTE) })
    });
}

#[test]
fn old_devices_behind_one_address() {
    nobody_is_kept_out("one address", |world| {
        let address = world.ordinary().address;
        twenty(|_| Identity { address, ..world.ordinary() })
    });
}

/// Their cookies were fetched at once, long ago.
fn batch(world: &mut World) -> Vec<Identity> {
    let since = world.ordinary().since;
    twenty(|_| {
        let since = since + world.within(4 * MINUTE);
        world.somebody(since)
    })
}

#[test]
fn old_devices_that_came_together() {
    nobody_is_kept_out("fetched together", batch);
}

/// Old ones that reported so many others together within the day.
fn gang(world: &mut World, others: usize) -> Vec<Identity> {
    let gang = twenty(|_| world.ordinary());
    for _ in 0..others {
        let (other, at) = (world.ordinary(), world.long_ago());
        for by in &gang {
            let at: UnixMillis = at + world.within(HOUR);
            world.reported_before(*by, other, at);
        }
    }
    gang
}

#[test]
fn old_devices_that_report_together() {
    nobody_is_kept_out("a gang", |world| {
        let others = world.rng.random_range(2..=6);
        gang(world, others)
    });
}

#[test]
fn old_devices_that_report_everybody() {
    nobody_is_kept_out("who report everybody", |world| {
        let everybody = twenty(|_| world.ordinary());
        for by in &everybody {
            for _ in 0..world.rng.random_range(15..=40) {
                let (other, at) = (world.ordinary(), world.long_ago());
                world.reported_before(*by, other, at);
            }
        }
        everybody
    });
}

/// A gang, one address and new devices, in equal parts.
fn mixture(world: &mut World) -> Vec<Identity> {
    let mut mixture = gang(world, 3);
    mixture.truncate(7);
    let address = world.ordinary().address;
    mixture.extend((0..7).map(|_| Identity { address, ..world.ordinary() }));
    mixture.extend((0..6).map(|_| world.newcomer(DAY)));
    mixture
}

#[test]
fn all_of_it_at_once() {
    nobody_is_kept_out("a mixture", mixture);
    // The first of a batch is a stranger, and so is the first of an address: with one
    // honest report those are three.
    let all = kept_out("a mixture with a batch, without noise", 90.0, 0..=0, |world| {
        let others = mixture(world).into_iter().enumerate();
        let mut all: Vec<_> = others.filter(|(at, _)| at % 4 > 0).map(|(_, one)| one).collect();
        all.extend(batch(world).into_iter().take(COLLUDERS - all.len()));
        all
    });
    assert_eq!(all, 0);
}

/// What no rule sees: as far as anybody can tell, those are twenty honest people. It
/// is here so that the page for operators says no more than is so.
#[test]
fn old_devices_of_strangers_that_meet_somebody_are_believed() {
    let kept_out = kept_out("patient ones", 90.0, NOISE, |world| twenty(|_| world.ordinary()));
    assert!(kept_out > 0);
    let on_the_first_day =
        self::kept_out("on the first day", 0.5, NOISE, |world| twenty(|_| world.newcomer(HOUR)));
    assert!(on_the_first_day > 0);
}

/// Without anybody who colludes.
#[test]
fn honest_noise_alone_keeps_nobody_out() {
    let mut kept_out = 0;
    for mut world in worlds(90.0) {
        let (by, victim) = (world.strangers(2), world.ordinary());
        kept_out += usize::from(world.reported_by(&by, victim).is_some());
        assert!(victim.since < NOW);
    }
    assert_eq!(kept_out, 0);
}
