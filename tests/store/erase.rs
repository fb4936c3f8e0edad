//! What goes when somebody asks for it.

use passerby::moderation::{Ban, Entry};

use crate::samples::{ban, ban_for, device, is_there, keep, picture, report_between, separation};
use crate::world::{DAY, Kind, NOW, World};

pub async fn what_is_kept_under_a_device_goes(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    let [by, of, others] = [(1, 2), (3, 1), (2, 3)].map(|(by, of)| report_between(by, of, NOW));
    for report in [&by, &of, &others] {
        keep(&*store, report).await;
        keep(&*store, &picture(report.id, vec![1])).await;
    }
    for (by, of) in [(1, 2), (3, 1), (2, 3)] {
        keep(&*store, separation(by, of, NOW)).await;
    }
    let over = Some(NOW);
    let own = Ban { target: target(1), ..ban(NOW.before(DAY), over) };
    let anothers = Ban { target: target(2), ..ban(NOW.before(DAY), over) };
    keep(&*store, &own).await;
    keep(&*store, &anothers).await;
    for _ in 0..2 {
        keep(&*store, Entry::Erase { device: device(1), at: NOW }).await;
        assert!(!is_there(&*store, &by).await && !is_there(&*store, &of).await);
        assert_eq!(store.picture(by.id).await.unwrap(), None);
        assert!(is_there(&*store, &others).await);
        assert!(store.picture(others.id).await.unwrap().is_some());
        // What others asked for stays, else whoever was reported could undo it.
        assert_eq!(store.separations(device(1), 10).await.unwrap(), [device(3)]);
        assert_eq!(store.separations(device(2), 10).await.unwrap(), [device(3)]);
        assert_eq!(store.separations(device(3), 10).await.unwrap(), [device(1), device(2)]);
        let bans = store.bans(-1, NOW, 10).await.unwrap();
        assert_eq!(bans.into_iter().map(|(_, ban)| ban.id).collect::<Vec<_>>(), [anothers.id]);
    }
}

fn target(number: u128) -> passerby::moderation::BanTarget {
    passerby::moderation::BanTarget { device: Some(device(number)), address: None }
}

pub async fn held_evidence_stays(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    let [held, in_force, over, free] = [0; 4].map(|_| report_between(1, 2, NOW));
    for report in [&held, &in_force, &over, &free] {
        keep(&*store, report).await;
    }
    assert!(store.hold(held.id, true).await.unwrap());
    let banned = ban_for(&[in_force.id], NOW, Some(NOW + 2 * DAY));
    keep(&*store, &banned).await;
    keep(&*store, &ban_for(&[over.id], NOW, Some(NOW + DAY))).await;
    keep(&*store, Entry::Erase { device: device(2), at: NOW + DAY }).await;
    assert!(is_there(&*store, &held).await && is_there(&*store, &in_force).await);
    assert!(!is_there(&*store, &over).await && !is_there(&*store, &free).await);
    let bans = store.bans(0, NOW + DAY, 10).await.unwrap();
    assert_eq!(bans.into_iter().map(|(_, ban)| ban).collect::<Vec<_>>(), [banned]);
}

pub async fn what_is_newer_stays(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    let [then, since] = [NOW, NOW + DAY].map(|at| report_between(1, 2, at));
    keep(&*store, &then).await;
    keep(&*store, &since).await;
    keep(&*store, separation(1, 4, NOW)).await;
    keep(&*store, separation(1, 3, NOW + DAY)).await;
    keep(&*store, Entry::Erase { device: device(1), at: NOW }).await;
    assert!(!is_there(&*store, &then).await && is_there(&*store, &since).await);
    assert_eq!(store.separations(device(1), 10).await.unwrap(), [device(2), device(3)]);
}
