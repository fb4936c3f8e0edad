use proptest::prelude::*;

use super::*;

fn at(millis: u64) -> UnixMillis {
    UnixMillis(millis)
}

fn device(number: u8) -> DeviceHash {
    DeviceHash::from_bytes([number; 16])
}

fn address(key: u32, number: u8) -> AddressHash {
    AddressHash { key, hash: [number; 16] }
}

fn ban(id: u128, of: (Option<u8>, Option<(u32, u8)>), made: u64, until: Option<u64>) -> Ban {
    Ban {
        id: BanId(Uuid::from_u128(id)),
        target: BanTarget {
            device: of.0.map(device),
            address: of.1.map(|(key, number)| address(key, number)),
        },
        at: at(made),
        until: until.map(at),
        reason: "spam".into(),
        appeal: None,
        reports: Vec::new(),
    }
}

/// Somebody at an address whose hash under the key `k` ends in its number.
fn who(number: u8, key: u32) -> Identity {
    Identity {
        device: device(number),
        since: at(0),
        presented: true,
        address: address(key, number),
    }
}

fn found(bans: &Bans, number: u8, now: u64) -> Option<u128> {
    let hashes = bans.keys().into_iter().map(|key| address(key, number)).collect::<Vec<_>>();
    bans.of(&who(number, 100), &hashes, at(now)).map(|ban| ban.id.0.as_u128())
}

#[test]
fn either_device_or_address_is_enough_and_the_longest_counts() {
    let mut bans = Bans::new();
    assert!(bans.add(ban(1, (Some(1), None), 10, Some(50))));
    assert!(bans.add(ban(2, (None, Some((7, 1))), 10, Some(60))));
    assert!(bans.add(ban(3, (Some(2), Some((8, 3))), 10, None)));
    assert_eq!(found(&bans, 1, 20), Some(2));
    assert_eq!([2, 3, 4].map(|number| found(&bans, number, 20)), [Some(3), Some(3), None]);
    bans.add(ban(4, (Some(1), None), 10, None));
    assert_eq!(found(&bans, 1, 20), Some(4));
    assert_eq!(bans.keys(), [8, 7]);
    let target = BanTarget { device: Some(device(9)), address: Some(address(7, 1)) };
    assert!(target.is(&who(9, 100), &[]) && target.is(&who(1, 7), &[]));
    assert!(target.is(&who(1, 100), &[address(7, 1)]) && !target.is(&who(1, 100), &[]));
}

#[test]
fn a_ban_ends_by_itself() {
    let mut bans = Bans::new();
    bans.add(ban(1, (Some(1), None), 10, Some(50)));
    bans.add(ban(2, (Some(2), None), 10, Some(70)));
    bans.add(ban(3, (Some(3), None), 10, None));
    assert_eq!(bans.next_expiry(at(20)), Some(at(50)));
    assert_eq!([49, 50].map(|now| found(&bans, 1, now)), [Some(1), None]);
    assert_eq!((bans.next_expiry(at(50)), bans.in_force(at(50))), (Some(at(70)), 2));
    assert_eq!((bans.next_expiry(at(70)), bans.in_force(at(70))), (None, 1));
    bans.expire(at(70) + KNOWN_AFTER);
    assert_eq!((bans.bans.len(), found(&bans, 3, u64::MAX - 1)), (1, Some(3)));
}

#[test]
fn the_newest_counts_in_whatever_order_they_come() {
    let versions = [
        ban(1, (Some(1), None), 10, None),
        // Lifted, at once.
        ban(1, (Some(1), None), 20, Some(20)),
        ban(1, (Some(1), None), 20, Some(90)),
    ];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut bans = Bans::new();
        for version in order {
            bans.add(versions[version].clone());
        }
        assert_eq!(found(&bans, 1, 30), None, "{order:?}");
        assert!(!bans.add(versions[1].clone()));
    }
}

#[test]
fn no_more_are_known_than_is_said() {
    let mut bans = Bans::new();
    for id in 0..MAX_BANS as u128 + 10 {
        bans.add(ban(id, (Some(id as u8), None), 1, Some(1000 + id as u64)));
    }
    assert_eq!((bans.bans.len(), bans.next_expiry(at(2))), (MAX_BANS, Some(at(1010))));
    for key in 0..100 {
        bans.add(ban(900_000 + u128::from(key), (None, Some((key, 1))), 1, None));
    }
    let keys = bans.keys();
    assert_eq!((keys.len(), keys[0], keys[MAX_KEYS - 1]), (MAX_KEYS, 99, 36));
}

proptest! {
    /// Against all bans looked through one by one.
    #[test]
    fn it_finds_what_a_look_at_all_finds(
        acts in prop::collection::vec(
            (0u128..8, prop::option::of(0u8..4), prop::option::of((5u32..8, 0u8..4)), 0u64..30,
             prop::option::of(1u64..60), 0u64..60),
            1..60,
        ),
    ) {
        let mut bans = Bans::new();
        let mut all: Vec<Ban> = Vec::new();
        for (id, device, address, made, until, now) in acts {
            let one = ban(id, (device, address), made, until);
            let newer = |known: &Ban| {
                (one.at, std::cmp::Reverse(end(&one))) > (known.at, std::cmp::Reverse(end(known)))
            };
            let known = all.iter().position(|known| known.id == one.id);
            let changes = known.is_none_or(|place| newer(&all[place]));
            prop_assert_eq!(bans.add(one.clone()), changes);
            if changes {
                all.retain(|known| known.id != one.id);
                all.push(one);
            }
            for number in 0..4 {
                let hashes: Vec<_> = (5..8).map(|key| self::address(key, number)).collect();
                let who = who(number, 100);
                let longest = all.iter()
                    .filter(|ban| end(ban) > at(now) && ban.target.is(&who, &hashes))
                    .max_by_key(|ban| (end(ban), ban.id));
                prop_assert_eq!(bans.of(&who, &hashes, at(now)), longest);
            }
            bans.expire(at(now));
        }
        bans.expire(at(u64::MAX));
        let for_good = all.iter().filter(|ban| ban.until.is_none()).count();
        prop_assert_eq!((bans.bans.len(), bans.ends.len()), (for_good, for_good));
    }
}
