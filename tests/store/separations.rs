//! Who never meets whom again.

use passerby::clock::UnixMillis;

use crate::samples::{device, keep, separation};
use crate::world::{DAY, Kind, NOW, World};

pub async fn are_found_from_both_sides(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    keep(&*store, separation(1, 2, NOW)).await;
    keep(&*store, separation(3, 1, NOW + DAY)).await;
    keep(&*store, separation(2, 1, NOW.before(DAY))).await;
    assert_eq!(store.separations(device(1), 10).await.unwrap(), [device(3), device(2)]);
    assert_eq!(store.separations(device(1), 1).await.unwrap(), [device(3)]);
    assert_eq!(store.separations(device(2), 10).await.unwrap(), [device(1)]);
    assert_eq!(store.separations(device(3), 10).await.unwrap(), [device(1)]);
    assert_eq!(store.separations(device(4), 10).await.unwrap(), []);
}

pub async fn written_again_count_as_new(kind: Kind) {
    let (_world, store) = World::new(kind).await;
    keep(&*store, separation(1, 2, NOW)).await;
    keep(&*store, separation(1, 3, NOW + DAY)).await;
    keep(&*store, separation(1, 2, NOW + DAY + DAY)).await;
    assert_eq!(store.separations(device(1), 10).await.unwrap(), [device(2), device(3)]);
    keep(&*store, separation(1, 2, NOW)).await;
    assert_eq!(store.separations(device(1), 10).await.unwrap(), [device(2), device(3)]);
}

/// One that asks for many forgets its own oldest, and not what its victim asked for.
pub async fn of_one_device_are_bounded_to_each_side(kind: Kind) {
    const MOST: u32 = 1000;
    let (_world, store) = World::new(kind).await;
    keep(&*store, separation(7, 5, NOW)).await;
    for number in 0..=MOST {
        let at = UnixMillis(NOW.0 + u64::from(number));
        keep(&*store, separation(5, u128::from(1_000 + number), at)).await;
    }
    let all = store.separations(device(5), 2 * MOST).await.unwrap();
    assert_eq!(all.len(), MOST as usize + 1);
    assert_eq!(all[0], device(1_000 + u128::from(MOST)));
    assert!(all.contains(&device(7)), "what another asked for stays");
    assert!(!all.contains(&device(1_000)), "the oldest is forgotten");
    for number in 0..=MOST {
        let at = UnixMillis(NOW.0 + 1 + u64::from(number));
        keep(&*store, separation(u128::from(10_000 + number), 5, at)).await;
    }
    let all = store.separations(device(5), 3 * MOST).await.unwrap();
    assert_eq!(all.len(), 2 * MOST as usize);
    assert!(!all.contains(&device(7)) && !all.contains(&device(10_000)));
}
