//! Whose request it is behind proxies that say so: `X-Forwarded-For` and
//! `Forwarded` (RFC 7239). Pure.
//!
//! Each proxy adds at the right whom it heard, and whatever stands left of that it
//! only passes on: the client may have written it. So the walk begins at the peer,
//! goes left while whoever it stands at is trusted, and ends at the last one that
//! was said by a trusted proxy, or before an entry that names no address.
//!
//! A proxy writes one of the two headers and passes the other on as the client sent
//! it. Which is told by a flag, and the other is not read. Untold, and where both are
//! there, the walk goes on only as far as they agree, so that a client which adds one
//! gains nothing but to be taken for the proxy.

use std::borrow::Cow;
use std::net::IpAddr;

use actix_http::header::{FORWARDED, HeaderMap, HeaderName, X_FORWARDED_FOR, X_FORWARDED_PROTO};
use clap::ValueEnum;
use ipnet::IpNet;

mod parse;

use parse::Hop;

/// The proxies whose word counts.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies {
    ranges: Vec<IpNet>,
    header: Option<ProxyHeader>,
}

/// The header in which proxies say whom they heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProxyHeader {
    /// `X-Forwarded-For`
    XForwardedFor,
    /// `Forwarded` (RFC 7239)
    Forwarded,
}

/// Where a request came from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// The address. It never reaches a log.
    pub address: IpAddr,
    /// Whether it came to the first trusted proxy by TLS.
    pub tls: bool,
}

impl TrustedProxies {
    /// Those with addresses in `ranges`, which all write `header`; where that is not
    /// told, either.
    #[must_use]
    pub fn new(ranges: Vec<IpNet>, header: Option<ProxyHeader>) -> Self {
        Self { ranges, header }
    }

    /// Whose the request with `headers` is that `peer` handed in. Of a peer that is
    /// not trusted no header counts.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let mut client = Client { address: peer.to_canonical(), tls: false };
        let mut said = self.hops(headers).into_iter().enumerate();
        while self.trusts(client.address) {
            let Some((place, Hop { address: Some(address), tls })) = said.next() else { break };
            client = Client { address, tls: tls.unwrap_or_else(|| proto(headers, place)) };
        }
        client
    }

    fn hops(&self, headers: &HeaderMap) -> Vec<Hop> {
        match self.header {
            Some(ProxyHeader::XForwardedFor) => plain(headers),
            Some(ProxyHeader::Forwarded) => tagged(headers),
            None => agreed(plain(headers), tagged(headers)),
        }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.ranges.iter().any(|range| range.contains(&address))
    }
}

/// What the proxies said in `X-Forwarded-For`, the last one first.
fn plain(headers: &HeaderMap) -> Vec<Hop> {
    let lines = lines(headers, &X_FORWARDED_FOR);
    lines.iter().flat_map(|line| parse::forwarded_for(line)).collect()
}

/// The same in `Forwarded`.
fn tagged(headers: &HeaderMap) -> Vec<Hop> {
    let lines = lines(headers, &FORWARDED);
    lines.iter().flat_map(|line| parse::forwarded(line)).collect()
}

/// As far as both agree, or what one of them says alone.
fn agreed(plain: Vec<Hop>, tagged: Vec<Hop>) -> Vec<Hop> {
    match (plain.is_empty(), tagged.is_empty()) {
        (_, true) => plain,
        (true, _) => tagged,
        _ => {
            let both = tagged.into_iter().zip(plain);
            let agree = both.take_while(|(one, other)| one.address == other.address);
            agree.map(|(one, _)| one).collect()
        }
    }
}

/// Whether `X-Forwarded-Proto` says TLS of the hop at `place` from the right. Where it
/// names fewer, the first proxy wrote it alone and the others passed it on.
fn proto(headers: &HeaderMap, place: usize) -> bool {
    let lines = lines(headers, &X_FORWARDED_PROTO);
    let said = lines.iter().flat_map(|line| line.rsplit(','));
    said.take(place + 1).last().is_some_and(parse::is_tls)
}

/// The lines of a header, the last one first. Of one that is no text what is text
/// still counts: else a client could take the proxy's word from it by adding a byte.
fn lines<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<Cow<'a, str>> {
    let lines = headers.get_all(name).map(|line| String::from_utf8_lossy(line.as_bytes()));
    let mut lines = lines.collect::<Vec<_>>();
    lines.reverse();
    lines
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("tls", &self.tls).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
