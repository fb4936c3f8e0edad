//! Who a request comes from: the address, of which only hashes go on, and the device
//! that its cookie names.

use std::net::{IpAddr, Ipv4Addr};

use actix_http::RequestHead;
use actix_http::header::{COOKIE, HOST, HeaderMap, HeaderValue, ORIGIN};

use super::Front;
use super::admission::texts;
use super::forwarded::Client;
use crate::clock::UnixMillis;
use crate::identity::cookie::{self, Jar};
use crate::identity::{AddressHash, Device, DeviceHash, Identity};

/// Somebody who asks for something.
pub(super) struct Visitor {
    /// Who it is, as far as that is known.
    pub(super) identity: Identity,
    /// The address under the keys of bans that were made under other ones.
    pub(super) addresses: Vec<AddressHash>,
    /// Gives the browser its cookie, where it came without one.
    pub(super) set_cookie: Option<HeaderValue>,
}

/// Looks who asks. Whoever has no device cookie yet is given one.
pub(super) fn visitor(head: &RequestHead, front: &Front) -> Visitor {
    let now = UnixMillis::now();
    let client = client(head, front);
    let presented = presented(&head.headers, front, now);
    let set_cookie = presented.is_none();
    let known = presented.is_some();
    let device = presented.unwrap_or_else(|| front.devices.mint(rand::random(), now));
    let address = front.addresses.hash_now(client.address, now);
    let older = front.node.moderation.address_keys().into_iter().filter(|key| *key != address.key);
    Visitor {
        identity: Identity {
            device: device.hash(&front.devices),
            since: device.since(),
            presented: known,
            address,
        },
        addresses: older.map(|key| front.addresses.hash(client.address, key)).collect(),
        set_cookie: set_cookie.then(|| jar(head, front, client.tls).header(&device)).flatten(),
    }
}

/// The address that a request comes from, as a hash.
pub(super) fn address(head: &RequestHead, front: &Front) -> AddressHash {
    front.addresses.hash_now(client(head, front).address, UnixMillis::now())
}

/// The device that a request's cookie names.
pub(super) fn device(headers: &HeaderMap, front: &Front) -> Option<DeviceHash> {
    let device = presented(headers, front, UnixMillis::now());
    device.map(|device| device.hash(&front.devices))
}

fn presented(headers: &HeaderMap, front: &Front, now: UnixMillis) -> Option<Device> {
    let headers = headers.get_all(COOKIE).filter_map(|header| header.to_str().ok());
    cookie::find(headers, &front.devices, now)
}

fn client(head: &RequestHead, front: &Front) -> Client {
    let peer = head.peer_addr.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    front.trusted.client(peer, &head.headers)
}

/// Where the browser is to keep the cookie.
fn jar(head: &RequestHead, front: &Front, tls: bool) -> Jar {
    let host = texts(head, HOST).next();
    match texts(head, ORIGIN).next() {
        Some(origin) if !front.origins.is_own(origin, host) => Jar::Partitioned,
        // A page that came by TLS keeps it that way.
        Some(origin) if origin.starts_with("https:") => Jar::Secure,
        _ if tls => Jar::Secure,
        _ => Jar::Plain,
    }
}

impl Jar {
    fn header(self, device: &Device) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.set_cookie(device)).ok()
    }
}
