//! Abusers, and honest people who report them.

use passerby::identity::Identity;
use rand::RngExt;

use crate::world::{DAY, HOUR, MINUTE, World};
use crate::worlds;

/// By how many reports an abuser is kept out: the fewest, the most and the mean; all
/// must be.
fn needed(what: &str, days: f64, mut abuse: impl FnMut(&mut World) -> Option<usize>) -> usize {
    let counts = worlds(days).map(|mut world| abuse(&mut world).expect("is kept out"));
    let counts = counts.collect::<Vec<_>>();
    let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
    let mean = counts.iter().sum::<usize>() as f64 / counts.len() as f64;
    println!("{what}: kept out by {least} to {most} reports, {mean:.2} on average");
    *most
}

/// Three whose devices are not new report him.
fn by_three(world: &mut World, abuser: Identity) -> Option<usize> {
    let by = world.three();
    world.reported_by(&by, abuser).map(|(count, _)| count)
}

#[test]
fn three_honest_ones_stop_an_abuser() {
    let most = needed("an old device", 90.0, |world| {
        let abuser = world.ordinary();
        by_three(world, abuser)
    });
    assert_eq!(most, 3);
    let most = needed("a new device", 90.0, |world| {
        let abuser = world.newcomer(HOUR);
        by_three(world, abuser)
    });
    assert_eq!(most, 3);
}

#[test]
fn three_honest_ones_stop_an_abuser_on_a_young_service() {
    for hours in [5.0, 12.0, 24.0, 25.0, 30.0, 48.0, 72.0] {
        let most = needed(&format!("after {hours} hours"), hours / 24.0, |world| {
            let abuser = world.newcomer(HOUR);
            by_three(world, abuser)
        });
        assert_eq!(most, 3, "{hours}");
    }
}

/// Only people whose devices are new meet him, and in the end three others.
#[test]
fn three_honest_ones_stop_an_abuser_among_newcomers() {
    let most = needed("among newcomers", 90.0, |world| {
        let abuser = world.ordinary();
        let new = [(); 10].map(|()| world.newcomer(DAY));
        assert_eq!(world.reported_by(&new, abuser), None);
        by_three(world, abuser)
    });
    assert_eq!(most, 3);
}

/// Those who were among the reporters of the day reported some of the same people.
#[test]
fn people_who_report_now_and_then_stop_an_abuser() {
    let most = needed("by regulars", 90.0, |world| {
        let (by, abuser) = (world.strangers(10), world.ordinary());
        world.reported_by(&by, abuser).map(|(count, _)| count)
    });
    assert!(most <= 6);
}

/// He reports each first, at once.
#[test]
fn reporting_everybody_first_saves_nobody() {
    let most = needed("who reports first", 90.0, |world| {
        let abuser = world.ordinary();
        (1..=20).find(|_| {
            let (victim, at) = (world.ordinary(), world.lately());
            assert_eq!(world.report(abuser, victim, at), None);
            world.report(victim, abuser, at + MINUTE / 2).is_some()
        })
    });
    assert!(most <= 8);
}

#[test]
fn who_drops_his_cookies_is_known_by_his_address() {
    for (presented, what, expected) in
        [(false, "without cookies", 3), (true, "with a new cookie each time", 6)]
    {
        let most = needed(what, 90.0, |world| {
            let address = world.ordinary().address;
            (1..=20).find(|_| {
                let (by, at) = (world.ordinary(), world.lately());
                let abuser = Identity { presented, address, ..world.newcomer(HOUR) };
                let verdict = world.report(by, abuser, at);
                verdict.is_some_and(|verdict| verdict.target.address == Some(address))
            })
        });
        assert_eq!(most, expected);
    }
}

/// On a small service the same people meet the same abusers.
#[test]
fn an_abuser_is_stopped_where_few_are_there() {
    let most = needed("among thirty people", 90.0, |world| {
        world.people.truncate(30);
        for _ in 0..6 {
            let (abuser, at) = (world.ordinary(), world.long_ago());
            for by in world.strangers(3) {
                let _ = world.report(by, abuser, at);
            }
        }
        let count = world.rng.random_range(12..=20);
        let (by, abuser) = (world.strangers(count), world.ordinary());
        world.reported_by(&by, abuser).map(|(count, _)| count)
    });
    assert!(most <= 12);
}
