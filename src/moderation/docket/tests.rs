use std::time::Duration;

use proptest::prelude::*;

use super::*;

const NOW: UnixMillis = UnixMillis(1_800_000_000_000);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

/// Somebody with a device of his own since so many days, and an address of his own.
fn somebody(number: u8, days: u32) -> Identity {
    Identity {
        device: DeviceHash::from_bytes([number; 16]),
        // Nobody is first seen together with another.
        since: NOW.before(DAY * days + minutes(u64::from(number) * 7)),
        presented: true,
        address: AddressHash { key: 1, hash: [number; 16] },
    }
}

fn report(id: u128, by: Identity, of: Identity, at: UnixMillis) -> ReportFact {
    ReportFact { id: ReportId(Uuid::from_u128(id)), at, reporter: by, reported: of }
}

/// Of a service that is a year old.
fn docket() -> Docket {
    Docket::new(Thresholds::default(), NOW.before(DAY * 365))
}

/// How many of `reports` it took.
fn judged_after(
    docket: &mut Docket,
    reports: impl IntoIterator<Item = ReportFact>,
) -> Option<usize> {
    let verdict = reports.into_iter().position(|fact| docket.take(fact, NOW).is_some());
    verdict.map(|place| place + 1)
}

/// One by each of the devices `by`, all old, and none of another's address.
fn reports(by: std::ops::Range<u8>, of: Identity) -> Vec<ReportFact> {
    by.map(|n| report(n.into(), somebody(n, 9), of, NOW)).collect()
}

#[test]
fn three_who_have_nothing_to_do_with_each_other_are_enough() {
    let abuser = somebody(0, 3);
    for order in [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]] {
        let mut docket = docket();
        let facts = order.map(|n: u8| {
            report(n.into(), somebody(n, 9), abuser, NOW.before(minutes(10 * u64::from(n))))
        });
        assert_eq!(docket.take(facts[0], NOW), None);
        assert_eq!(docket.take(facts[1], NOW), None);
        let verdict = docket.take(facts[2], NOW).unwrap();
        assert_eq!(verdict.target, BanTarget { device: Some(abuser.device), address: None });
        let newest = NOW.before(minutes(10));
        assert_eq!((verdict.until, verdict.reports.len()), (newest + DAY, 3));
        let ids = facts.map(|fact| fact.id);
        assert_eq!(verdict.id, ban_id(&verdict.target, &ids));
    }
}

#[test]
fn a_report_counts_once_within_an_hour_and_for_one_verdict() {
    let abuser = somebody(0, 3);
    let mut docket = docket();
    let [one, two, three] = reports(1..4, abuser).try_into().unwrap();
    assert_eq!(judged_after(&mut docket, [one, one, two, two, one]), None);
    let same = ReportFact { id: ReportId(Uuid::from_u128(9)), ..two };
    assert_eq!(docket.take(same, NOW), None);
    let old = ReportFact { at: NOW.before(minutes(60)), ..three };
    assert_eq!(docket.clone().take(old, NOW), None);
    assert!(docket.take(three, NOW).is_some());
    assert_eq!(judged_after(&mut docket, reports(4..7, abuser)), None);
    let later = NOW + minutes(1);
    let again = reports(17..20, abuser).into_iter().map(|fact| ReportFact { at: later, ..fact });
    assert_eq!(again.filter_map(|fact| docket.take(fact, later)).count(), 1);
}

#[test]
fn who_may_be_one_person_counts_as_one() {
    let victim = somebody(0, 3);
    let address = somebody(1, 9).address;
    let household = reports(1..21, victim)
        .into_iter()
        .map(|fact| ReportFact { reporter: Identity { address, ..fact.reporter }, ..fact });
    assert_eq!(judged_after(&mut docket(), household), None);
    let since = somebody(1, 9).since;
    let batch = reports(1..21, victim)
        .into_iter()
        .map(|fact| ReportFact { reporter: Identity { since, ..fact.reporter }, ..fact });
    assert_eq!(judged_after(&mut docket(), batch.clone()), None);
    let with_two = batch.chain(reports(21..23, victim));
    assert_eq!(judged_after(&mut docket(), with_two), None);
    let himself = (1..9).map(|id| report(id, victim, victim, NOW));
    assert_eq!(judged_after(&mut docket(), himself), None);
}

#[test]
fn who_reported_the_same_others_before_counts_as_one() {
    for (before, judged) in [(1u8, Some(3)), (2, None)] {
        let mut docket = docket();
        for other in 0..before {
            for by in 1..21 {
                let id = 1000 + u128::from(other) * 100 + u128::from(by);
                // Hours ago, so that those are not at issue now.
                let at = NOW.before(minutes(300));
                docket.note(report(id, somebody(by, 9), somebody(200 + other, 9), at), NOW);
            }
        }
        assert_eq!(judged_after(&mut docket, reports(1..21, somebody(0, 3))), judged);
    }
}

#[test]
fn new_devices_count_little_once_the_service_is_a_day_old() {
    let victim = somebody(0, 3);
    let new = || (1..31).map(|n| report(n.into(), somebody(n, 0), victim, NOW));
    assert_eq!(judged_after(&mut docket(), new()), None);
    let old = reports(31..33, victim);
    assert_eq!(judged_after(&mut docket(), new().chain(old)), None);
    let mut young = Docket::new(Thresholds::default(), NOW.before(DAY));
    assert_eq!(judged_after(&mut young, new()), Some(3));
}

#[test]
fn who_reports_many_counts_little() {
    let mut docket = docket();
    for by in 1..21u8 {
        for other in 0..19u8 {
            let id = 1000 + u128::from(by) * 100 + u128::from(other);
            // Different ones, else they would be a party.
            let mut of = somebody(by, 9);
            of.device =
                DeviceHash::from_bytes([by, other, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
            docket.note(report(id, somebody(by, 9), of, NOW.before(minutes(300))), NOW);
        }
    }
    assert_eq!(judged_after(&mut docket, reports(1..21, somebody(0, 3))), None);
}

#[test]
fn reports_in_return_count_half_and_reporting_all_first_saves_nobody() {
    let victim = somebody(0, 3);
    let reported = |count: u8| (1..=count).map(move |n| (n, NOW.before(minutes(1))));
    let first = |(n, at): (u8, _)| report(500 + u128::from(n), victim, somebody(n, 9), at);
    let mut one = docket();
    reported(3).map(first).for_each(|fact| assert!(one.note(fact, NOW)));
    assert_eq!(judged_after(&mut one, reports(1..6, victim)), Some(5));
    let mut all = docket();
    reported(20).map(first).for_each(|fact| assert!(all.note(fact, NOW)));
    assert_eq!(judged_after(&mut all, reports(1..21, victim)), Some(4));
}

#[test]
fn without_a_cookie_the_address_stands_in() {
    let at = somebody(0, 0).address;
    let anew = |n: u8, presented| Identity { address: at, presented, ..somebody(100 + n, 0) };
    let target = |verdict: Verdict| verdict.target.address;
    for (presented, needed) in [(false, 3), (true, 6)] {
        let mut docket = docket();
        let facts = (1..10u8).map(|n| report(n.into(), somebody(n, 9), anew(n, presented), NOW));
        let verdicts = facts.map(|fact| docket.take(fact, NOW)).collect::<Vec<_>>();
        let place = verdicts.iter().position(Option::is_some);
        assert_eq!(place, Some(needed - 1));
        assert_eq!(verdicts[needed - 1].clone().and_then(target), Some(at));
    }
    // Of old devices behind one address each stands for itself.
    let mut docket = docket();
    let of = |n: u8| Identity { address: at, ..somebody(100 + n, 9) };
    let facts = (1..20u8).map(|n| report(n.into(), somebody(n, 9), of(n), NOW));
    assert_eq!(judged_after(&mut docket, facts), None);
}

#[test]
fn no_more_is_remembered_than_is_said() {
    let mut docket = docket();
    let by = somebody(1, 9);
    let at = |n: u64| NOW.before(minutes(60)) + Duration::from_millis(n);
    for n in 0..MAX_FACTS as u64 + 500 {
        assert!(docket.note(report(n.into(), by, somebody(n as u8, 9), at(n)), NOW));
    }
    assert_eq!(docket.len(), MAX_FACTS);
    assert!(!docket.note(report(0, by, somebody(0, 9), at(0)), NOW));
    docket.forget(NOW + DAY * 2);
    assert!(docket.is_empty() && docket.ids.is_empty() && docket.index.is_empty());
}

proptest! {
    /// Any reports, with any ids, in any order, with any gaps: what is indexed is what
    /// is there.
    #[test]
    fn the_index_is_of_what_is_there(
        all in prop::collection::vec((0u128..60, 0u8..6, 0u8..6, 0u64..3000, 0u64..60), 0..200),
    ) {
        let mut docket = docket();
        let mut now = NOW;
        for (id, by, of, ago, pause) in all {
            now = now + minutes(pause);
            let fact = report(id, somebody(by, 9), somebody(of, 9), now.before(minutes(ago)));
            let known = docket.ids.contains(&fact.id);
            let taken = docket.note(fact, now);
            prop_assert!(!(taken && known && docket.facts.len() != docket.ids.len()));
            prop_assert!(docket.facts.values().all(|fact| fact.at > now.before(DAY)));
            prop_assert_eq!(docket.ids.len(), docket.facts.len());
            let indexed: usize = docket.index.values().map(BTreeSet::len).sum();
            prop_assert_eq!(indexed, 4 * docket.facts.len());
            let _ = docket.judge(&fact.reported, now);
        }
    }
}
