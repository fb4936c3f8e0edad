//! What is deleted when its time is over.

use passerby::clock::UnixMillis;
use passerby::moderation::ReportRecord;
use passerby::protocol::ReportReason;
use passerby::store::Purged;

use crate::samples::{
    RETENTION, ban, ban_for, device, is_there, keep, picture, report, separation,
};
use crate::world::{DAY, Kind, NOW, World};

const NOTHING: Purged = Purged { reports: 0, bans: 0, separations: 0 };

pub async fn reports_go_by_their_class(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    let usual = report(NOW);
    let minor = ReportRecord { reason: ReportReason::Minor, ..report(NOW) };
    for report in [&usual, &minor] {
        keep(&*store, report).await;
        keep(&*store, &picture(report.id, vec![1])).await;
    }
    assert_eq!(store.purge(NOW + 90 * DAY, RETENTION).await.unwrap(), NOTHING);
    let later = UnixMillis((NOW + 90 * DAY).0 + 1);
    let one = Purged { reports: 1, ..NOTHING };
    assert_eq!(store.purge(later, RETENTION).await.unwrap(), one);
    assert_eq!(store.purge(later, RETENTION).await.unwrap(), NOTHING);
    assert!(!is_there(&*store, &usual).await && is_there(&*store, &minor).await);
    assert_eq!(store.picture(usual.id).await.unwrap(), None);
    assert!(store.picture(minor.id).await.unwrap().is_some());
    assert_eq!(store.purge(NOW + 365 * DAY, RETENTION).await.unwrap(), NOTHING);
    assert_eq!(store.purge(NOW + 366 * DAY, RETENTION).await.unwrap(), one);
    assert_eq!(store.picture(minor.id).await.unwrap(), None);
}

pub async fn held_reports_stay_until_released(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    let held = report(NOW);
    keep(&*store, &held).await;
    for _ in 0..2 {
        assert!(store.hold(held.id, true).await.unwrap());
    }
    assert!(!store.hold(report(NOW).id, true).await.unwrap());
    assert_eq!(store.report(held.id).await.unwrap(), Some((held.clone(), true)));
    // What is written again does not lift it.
    keep(&*store, &held).await;
    // That its two never meet again has its own time.
    let apart = Purged { separations: 1, ..NOTHING };
    assert_eq!(store.purge(NOW + 1000 * DAY, RETENTION).await.unwrap(), apart);
    assert!(store.hold(held.id, false).await.unwrap());
    assert_eq!(store.purge(NOW + 1000 * DAY, RETENTION).await.unwrap().reports, 1);
    assert!(!store.hold(held.id, true).await.unwrap());
}

pub async fn evidence_of_a_ban_in_force_stays(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    let [for_good, for_long, lifted, free] = [0; 4].map(|_| report(NOW));
    for report in [&for_good, &for_long, &lifted, &free] {
        keep(&*store, report).await;
    }
    keep(&*store, &ban_for(&[for_good.id, lifted.id], NOW, None)).await;
    keep(&*store, &ban_for(&[for_long.id], NOW, Some(NOW + 200 * DAY))).await;
    assert_eq!(store.purge(NOW + 100 * DAY, RETENTION).await.unwrap().reports, 1);
    assert!(!is_there(&*store, &free).await);
    assert_eq!(store.purge(NOW + 200 * DAY, RETENTION).await.unwrap().reports, 1);
    assert!(!is_there(&*store, &for_long).await);
    let mut lift = store.bans(0, NOW + 200 * DAY, 10).await.unwrap().remove(0).1;
    lift.at = NOW + 200 * DAY;
    lift.reports = vec![for_good.id];
    keep(&*store, &lift).await;
    assert_eq!(store.purge(NOW + 200 * DAY, RETENTION).await.unwrap().reports, 1);
    assert!(is_there(&*store, &for_good).await && !is_there(&*store, &lifted).await);
}

pub async fn bans_go_some_time_after_they_ended(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    let evidence = report(NOW);
    keep(&*store, &evidence).await;
    keep(&*store, &ban_for(&[evidence.id], NOW, Some(NOW + DAY))).await;
    keep(&*store, &ban(NOW, None)).await;
    let first = store.bans(0, NOW, 1).await.unwrap()[0].0;
    assert_eq!(store.purge(NOW + 90 * DAY, RETENTION).await.unwrap(), NOTHING);
    let purged = store.purge(NOW + 92 * DAY, RETENTION).await.unwrap();
    assert_eq!(purged, Purged { reports: 1, bans: 1, separations: 0 });
    assert_eq!(store.bans(first - 1, NOW, 10).await.unwrap().len(), 1);
    let later = store.purge(NOW + 10_000 * DAY, RETENTION).await.unwrap();
    assert_eq!(later, Purged { separations: 1, ..NOTHING });
}

pub async fn separations_go_after_a_year_and_a_month(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    keep(&*store, separation(1, 2, NOW)).await;
    keep(&*store, separation(1, 3, NOW + DAY)).await;
    assert_eq!(store.purge(NOW + 400 * DAY, RETENTION).await.unwrap(), NOTHING);
    let purged = store.purge(NOW + 401 * DAY, RETENTION).await.unwrap();
    assert_eq!(purged, Purged { separations: 1, ..NOTHING });
    assert_eq!(store.separations(device(1), 10).await.unwrap(), [device(3)]);
}

pub async fn many_go_at_once(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    for number in 0..450 {
        keep(&*store, separation(number, number + 1, NOW)).await;
    }
    let purged = store.purge(NOW + 1000 * DAY, RETENTION).await.unwrap();
    assert_eq!(purged, Purged { separations: 450, ..NOTHING });
}
