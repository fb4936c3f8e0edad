//! Who somebody is without an account: the device that a signed cookie names,
//! and the address, of which nothing but keyed hashes is ever kept.

mod address;
pub mod cookie;
mod device;
mod hashes;

pub use address::AddressKeys;
pub use device::{Device, DeviceKey};
pub use hashes::{AddressHash, DeviceHash, Identity};
