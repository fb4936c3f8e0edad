//! What one line of a header says.
//!
//! Lines are read from the right: what a proxy added is well-formed, and nothing
//! that a client wrote left of it changes how it reads.

use std::net::{IpAddr, SocketAddr};

/// What a proxy said of whom it heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hop {
    /// The address; none where it was unknown, hidden or malformed.
    pub(super) address: Option<IpAddr>,
    /// Whether that one came by TLS, where it was said.
    pub(super) tls: Option<bool>,
}

/// Nothing that can be gone by.
const NOTHING: Hop = Hop { address: None, tls: None };

/// The hops of a line of `X-Forwarded-For`, from the right.
pub(super) fn forwarded_for(line: &str) -> impl Iterator<Item = Hop> {
    line.rsplit(',').map(|entry| Hop { address: node(entry.trim()), tls: None })
}

/// The hops of a line of `Forwarded`, from the right.
pub(super) fn forwarded(line: &str) -> impl Iterator<Item = Hop> {
    split_from_right(line, b',').map(|element| hop(element).unwrap_or(NOTHING))
}

/// Whether the name of a scheme is one over TLS.
pub(super) fn is_tls(scheme: &str) -> bool {
    let scheme = scheme.trim();
    scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("wss")
}

/// An element (RFC 7239 section 4): pairs that are told apart by their names, each at
/// most once.
fn hop(element: &str) -> Option<Hop> {
    let (mut address, mut tls) = (None, None);
    for pair in split_from_right(element, b';').filter(|pair| !pair.trim().is_empty()) {
        let (name, value) = pair.split_once('=')?;
        let (name, value) = (name.trim(), unquote(value.trim())?);
        if name.eq_ignore_ascii_case("for") {
            if address.replace(node(value)?).is_some() {
                return None;
            }
        } else if name.eq_ignore_ascii_case("proto") && tls.replace(is_tls(value)).is_some() {
            return None;
        }
    }
    Some(Hop { address, tls })
}

/// A value without its quotes. Escapes are refused: no address or scheme needs one.
fn unquote(value: &str) -> Option<&str> {
    let quoted = value.strip_prefix('"').map(|rest| rest.strip_suffix('"'));
    let bare = quoted.unwrap_or(Some(value))?;
    (!bare.contains(['"', '\\'])).then_some(bare)
}

/// An address with or without a port. IPv6 stands in brackets, save in
/// `X-Forwarded-For`, where it may do without.
fn node(text: &str) -> Option<IpAddr> {
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6);
    let address = text.parse::<IpAddr>().ok();
    let address = address.or_else(|| text.parse::<SocketAddr>().ok().map(|with| with.ip()));
    address.or_else(bracketed).map(|address| address.to_canonical())
}

/// The parts of `text` between `separator`s that are not within quotes, from the
/// right. One with a quote too few comes with all that is left of it.
fn split_from_right(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut quoted = false;
        let cut = text.bytes().rposition(|byte| {
            quoted ^= byte == b'"';
            byte == separator && !quoted
        });
        // The separators are ASCII: both sides of one are text.
        rest = cut.map(|cut| &text[..cut]);
        Some(cut.map_or(text, |cut| &text[cut + 1..]))
    })
}
