//! What an address has left of what it may do, and how many connections it holds; what
//! a device has left of what is counted by device as well. Pure: time comes in.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::limiter::{Bucket, Refused};
use super::limits::AddressAllowances;
use super::table::{Forgettable, Table};
use crate::clock::Moment;
use crate::identity::{AddressHash, DeviceHash};

/// When to try again where all connections are in use: nobody knows when one ends.
const CONNECTIONS_AGAIN: Duration = Duration::from_secs(10);

/// What is counted beside connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A report.
    Report,
    /// A picture to a report.
    Picture,
    /// Credentials of the relay.
    Credentials,
    /// That what is kept is erased.
    Erasure,
}

/// The limits of all addresses. A handle: copies are the same.
#[derive(Clone, Debug)]
pub struct AddressLimits(Option<Arc<Counted>>);

/// A connection that counts until it is dropped.
#[derive(Debug)]
#[must_use = "the connection no longer counts once this is dropped"]
pub struct Held(Option<(Arc<Counted>, AddressHash)>);

/// At most [`MAX_COUNTED`](super::table::MAX_COUNTED) addresses, 72 bytes each, and as
/// many devices, 24 bytes each.
#[derive(Debug)]
struct Counted {
    allowances: AddressAllowances,
    table: Mutex<Table<AddressHash, Address>>,
    /// What devices have used of their erasures.
    devices: Mutex<Table<DeviceHash, Bucket>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Address {
    connections: u32,
    connects: Bucket,
    reports: Bucket,
    pictures: Bucket,
    credentials: Bucket,
    erasures: Bucket,
}

impl AddressLimits {
    /// With everything still allowed.
    #[must_use]
    pub fn new(allowances: AddressAllowances) -> Self {
        let (table, devices) = (Mutex::default(), Mutex::default());
        Self(Some(Arc::new(Counted { allowances, table, devices })))
    }

    /// Nothing is counted or refused.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// A new connection from `address`.
    ///
    /// # Errors
    /// [`Refused`] where it holds too many or connects too often.
    pub fn connect(&self, address: AddressHash, now: Moment) -> Result<Held, Refused> {
        let Some(counted) = &self.0 else { return Ok(Held(None)) };
        let allowed = &counted.allowances;
        let mut table = counted.table.lock();
        let Some(entry) = table.entry(address, now) else { return Ok(Held(None)) };
        if entry.connections >= allowed.connections {
            return Err(Refused { again: CONNECTIONS_AGAIN });
        }
        entry.connects.take(allowed.connects, now)?;
        entry.connections += 1;
        Ok(Held(Some((counted.clone(), address))))
    }

    /// Takes one of what `address` may ask.
    ///
    /// # Errors
    /// [`Refused`], with when it may ask again.
    pub fn take(&self, asked: Asked, address: AddressHash, now: Moment) -> Result<(), Refused> {
        let Some(counted) = &self.0 else { return Ok(()) };
        let allowed = &counted.allowances;
        let mut table = counted.table.lock();
        let Some(entry) = table.entry(address, now) else { return Ok(()) };
        match asked {
            Asked::Report => entry.reports.take(allowed.reports, now),
            Asked::Picture => entry.pictures.take(allowed.pictures, now),
            Asked::Credentials => entry.credentials.take(allowed.credentials, now),
            Asked::Erasure => entry.erasures.take(allowed.erasures, now),
        }
    }

    /// Takes one of the erasures of `address`, and one of `device`: each may ask as often
    /// as the other.
    ///
    /// # Errors
    /// [`Refused`], with when it may ask again.
    pub fn erase(
        &self,
        address: AddressHash,
        device: DeviceHash,
        now: Moment,
    ) -> Result<(), Refused> {
        self.take(Asked::Erasure, address, now)?;
        let Some(counted) = &self.0 else { return Ok(()) };
        let mut devices = counted.devices.lock();
        let Some(used) = devices.entry(device, now) else { return Ok(()) };
        used.take(counted.allowances.erasures, now)
    }

    /// How many addresses are counted.
    #[must_use]
    pub fn addresses(&self) -> usize {
        self.0.as_ref().map_or(0, |counted| counted.table.lock().len())
    }
}

impl Forgettable for Address {
    fn is_forgettable(&self, now: Moment) -> bool {
        let used = [self.connects, self.reports, self.pictures, self.credentials, self.erasures];
        self.connections == 0 && used.iter().all(|bucket| bucket.is_unused(now))
    }
}

impl Forgettable for Bucket {
    fn is_forgettable(&self, now: Moment) -> bool {
        self.is_unused(now)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some((counted, address)) = self.0.take() else { return };
        if let Some(entry) = counted.table.lock().known(&address) {
            entry.connections -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::table::{FIRST_SWEEP, MAX_COUNTED};

    const START: Moment = Moment::from_micros(9_000_000);

    fn address(number: u32) -> AddressHash {
        let mut hash = [0; 16];
        hash[..4].copy_from_slice(&number.to_be_bytes());
        AddressHash { key: 1, hash }
    }

    fn limits() -> AddressLimits {
        AddressLimits::new(AddressAllowances::default())
    }

    #[test]
    fn an_office_of_a_thousand_comes_in_and_comes_back_at_once() {
        let limits = limits();
        let connect = |now| limits.connect(address(1), now);
        let held = (0..1024).map(|_| connect(START).unwrap()).collect::<Vec<_>>();
        assert_eq!(connect(START).unwrap_err().again, CONNECTIONS_AGAIN);
        assert!(limits.connect(address(2), START).is_ok());
        drop(held);
        let refused = connect(START).unwrap_err();
        assert_eq!(refused.again, Duration::from_millis(20));
        let later = START + Duration::from_secs(30);
        assert!((0..1024).all(|_| connect(later).is_ok()));
    }

    #[test]
    fn a_connection_counts_until_it_is_dropped() {
        let allowances = AddressAllowances { connections: 1, ..Default::default() };
        let limits = AddressLimits::new(allowances);
        let first = limits.connect(address(1), START).unwrap();
        assert!(limits.connect(address(1), START).is_err());
        drop(first);
        let _second = limits.connect(address(1), START).unwrap();
        assert!(limits.connect(address(1), START).is_err());
    }

    #[test]
    fn each_thing_asked_for_is_counted_by_itself() {
        let limits = limits();
        for (asked, burst) in [
            (Asked::Report, 60),
            (Asked::Picture, 60),
            (Asked::Credentials, 1024),
            (Asked::Erasure, 5),
        ] {
            assert!((0..burst).all(|_| limits.take(asked, address(1), START).is_ok()));
            let again = limits.take(asked, address(1), START).unwrap_err().again;
            assert!(limits.take(asked, address(1), START + again).is_ok(), "{asked:?}");
            assert!(limits.take(asked, address(2), START).is_ok());
        }
    }

    #[test]
    fn addresses_are_forgotten_when_there_is_nothing_to_remember() {
        let limits = limits();
        let held = limits.connect(address(0), START).unwrap();
        let _ = limits.take(Asked::Report, address(1), START);
        let mut now = START;
        for number in 2..20_000 {
            now = now + Duration::from_millis(1);
            drop(limits.connect(address(number), now));
        }
        assert!(limits.addresses() <= FIRST_SWEEP, "{}", limits.addresses());
        drop(held);
        assert!(limits.addresses() > 0);
    }

    #[test]
    fn a_full_table_counts_those_it_knows_and_lets_others_pass() {
        let limits = limits();
        let all = 0..MAX_COUNTED as u32;
        let held = all.map(|number| limits.connect(address(number), START).unwrap());
        let held = held.collect::<Vec<_>>();
        assert_eq!(limits.addresses(), MAX_COUNTED);
        let stranger = address(u32::MAX);
        assert!((0..2000).all(|_| limits.connect(stranger, START).is_ok()));
        assert!((0..61).any(|_| limits.take(Asked::Report, address(1), START).is_err()));
        assert_eq!(limits.addresses(), MAX_COUNTED);
        drop(held);
        let later = START + Duration::from_secs(700);
        let counted = limits.connect(stranger, later).unwrap();
        assert_eq!(limits.addresses(), 1);
        drop(counted);
    }

    #[test]
    fn erasures_are_counted_by_address_and_by_device() {
        let limits = limits();
        let device = |number: u8| DeviceHash::from_bytes([number; 16]);
        let erase = |at, of| limits.erase(address(at), device(of), START);
        assert!((0..5).all(|_| erase(1, 1).is_ok()));
        assert_eq!(erase(1, 2).unwrap_err().again, Duration::from_secs(60));
        assert_eq!(erase(2, 1).unwrap_err().again, Duration::from_secs(60));
        assert!(erase(2, 2).is_ok());
    }

    #[test]
    fn without_limits_nothing_is_counted() {
        let limits = AddressLimits::none();
        assert!((0..5000).all(|_| limits.take(Asked::Picture, address(1), START).is_ok()));
        let held = (0..5000).map(|_| limits.connect(address(1), START).unwrap());
        assert_eq!((held.count(), limits.addresses()), (5000, 0));
    }

    #[test]
    fn an_address_takes_as_much_as_it_is_said_to() {
        assert_eq!(size_of::<(AddressHash, Address)>(), 72);
        assert_eq!(size_of::<(DeviceHash, Bucket)>(), 24);
    }
}
