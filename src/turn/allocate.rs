//! Makes allocations (RFC 8656, section 7).

use std::sync::Arc;
use std::time::Duration;

use stun_types::attribute::{ErrorCode, XorMappedAddress};
use stun_types::message::Message;
use tokio::sync::Notify;
use turn_types::AddressFamily;
use turn_types::attribute::{
    AdditionalAddressFamily, AddressErrorCode, EvenPort, Lifetime, RequestedTransport,
    ReservationToken, XorRelayedAddress,
};

use super::access::Access;
use super::allocation::{Allocation, Offer, Owner, State};
use super::client::Client;
use super::names::Barred;
use super::relayed::{RelayedSocket, Wanted};
use super::request::{BAD_REQUEST, Reject, attribute, family, required};
use super::server::{Attributes, Done, Server};
use crate::clock::Moment;
use crate::metrics::Refusal;

/// How long an allocation stands where its client does not say (RFC 8656,
/// section 3.2), and the shortest.
const SHORTEST: Duration = Duration::from_secs(600);
/// The longest that a client may ask for.
const LONGEST: Duration = Duration::from_secs(3600);

/// What an Allocate asks for.
struct Wish {
    family: AddressFamily,
    /// An IPv6 address beside the IPv4 one.
    additional: bool,
    wanted: Wanted,
    /// Fetches a port that was kept.
    token: Option<u64>,
    lifetime: Duration,
}

/// What it is given.
struct Opened {
    relayed: Vec<RelayedSocket>,
    token: Option<u64>,
    missing: Option<(AddressFamily, u16)>,
}

impl Server {
    /// Makes an allocation, or answers again for the one that this very request
    /// made.
    pub(super) fn allocate(
        self: &Arc<Self>,
        message: &Message<'_>,
        client: &Client,
        access: Access,
        now: Moment,
    ) -> Done {
        if let Some(standing) = &access.standing {
            let again = standing.offer.transaction == message.transaction_id()
                && standing.owner.username == access.username;
            let mismatch = Reject::Code(ErrorCode::ALLOCATION_MISMATCH);
            return if again { Ok(offered(standing, message)) } else { Err(mismatch) };
        }
        let wish = wish(message)?;
        let number = self.allocations.enter(&access.name).map_err(|barred| self.barred(barred))?;
        let opened = self.open(&wish, now).inspect_err(|_| {
            self.allocations.leave(&access.name, number);
        })?;
        let Access { username, key, name, .. } = access;
        let Opened { relayed, token, missing } = opened;
        let transaction = message.transaction_id();
        let counted = self.metrics.turn.allocated(client.transport);
        let allocation = Arc::new(Allocation {
            client: client.clone(),
            owner: Owner { username, key, name, number },
            offer: Offer { transaction, lifetime: wish.lifetime, token, missing },
            relayed,
            state: State::new(&self.limits, now + wish.lifetime, counted).into(),
            changed: Notify::new(),
        });
        if !self.allocations.add(&allocation) {
            return Err(self.barred(Barred::Ended));
        }
        let answer = offered(&allocation, message);
        tokio::spawn(self.clone().attend(allocation));
        Ok(answer)
    }

    fn barred(&self, barred: Barred) -> Reject {
        match barred {
            Barred::Ended => {
                self.metrics.turn.refused(Refusal::Credentials);
                Reject::Challenge(ErrorCode::UNAUTHORIZED)
            }
            Barred::Quota => Reject::Code(ErrorCode::ALLOCATION_QUOTA_REACHED),
            Barred::Capacity => Reject::Code(ErrorCode::INSUFFICIENT_CAPACITY),
        }
    }

    /// Opens what is wished for. Of two addresses one is enough.
    fn open(&self, wish: &Wish, now: Moment) -> Result<Opened, Reject> {
        let no_capacity = Reject::Code(ErrorCode::INSUFFICIENT_CAPACITY);
        if let Some(token) = wish.token {
            let kept = self.reservations.lock().fetch(token, now).ok_or(no_capacity)?;
            return Ok(Opened { relayed: vec![kept], token: None, missing: None });
        }
        let first = self.homes.open(wish.family, wish.wanted);
        if !wish.additional {
            let (socket, next) = first?;
            let token = next.map(|next| {
                self.reservations.lock().keep(next, now, &mut rand::rng()).ok_or(no_capacity)
            });
            return Ok(Opened { relayed: vec![socket], token: token.transpose()?, missing: None });
        }
        let missing = |family, reject: &Reject| match reject {
            Reject::Code(code) => Some((family, *code)),
            _ => None,
        };
        match (first, self.homes.open(AddressFamily::IPV6, Wanted::Any)) {
            (Ok((v4, _)), Ok((v6, _))) => {
                Ok(Opened { relayed: vec![v4, v6], token: None, missing: None })
            }
            (Ok((v4, _)), Err(reject)) => {
                let missing = missing(AddressFamily::IPV6, &reject);
                Ok(Opened { relayed: vec![v4], token: None, missing })
            }
            (Err(reject), Ok((v6, _))) => {
                let missing = missing(AddressFamily::IPV4, &reject);
                Ok(Opened { relayed: vec![v6], token: None, missing })
            }
            (Err(reject), Err(_)) => Err(reject),
        }
    }
}

/// How long an allocation is to stand.
pub(super) fn lifetime(asked: Option<Lifetime>) -> Duration {
    let asked = asked.map_or(SHORTEST, |asked| Duration::from_secs(asked.seconds().into()));
    asked.clamp(SHORTEST, LONGEST)
}

/// Reads an Allocate (RFC 8656, section 7.2).
fn wish(message: &Message<'_>) -> Result<Wish, Reject> {
    let transport: RequestedTransport = required(message)?;
    if transport.protocol() != RequestedTransport::UDP {
        return Err(Reject::Code(ErrorCode::UNSUPPORTED_TRANSPORT_PROTOCOL));
    }
    let asked_family = family(message)?;
    let additional = additional_family(message)?;
    let even: Option<EvenPort> = attribute(message)?;
    let token: Option<ReservationToken> = attribute(message)?;
    let pair = even.as_ref().is_some_and(EvenPort::requested);
    let elsewhere = even.is_some() || asked_family.is_some() || additional;
    if (token.is_some() && elsewhere) || (additional && (asked_family.is_some() || pair)) {
        return Err(BAD_REQUEST);
    }
    Ok(Wish {
        family: asked_family.unwrap_or(AddressFamily::IPV4),
        additional,
        wanted: match even {
            None => Wanted::Any,
            Some(_) if pair => Wanted::Pair,
            Some(_) => Wanted::Even,
        },
        token: token.map(|token| token.token()),
        lifetime: lifetime(attribute(message)?),
    })
}

/// Whether an IPv6 address is asked for beside the IPv4 one; nothing else may be.
fn additional_family(message: &Message<'_>) -> Result<bool, Reject> {
    let asked: Option<AdditionalAddressFamily> = attribute(message)?;
    match asked.map(|asked| asked.family()) {
        None => Ok(false),
        Some(AddressFamily::IPV6) => Ok(true),
        Some(AddressFamily::IPV4) => Err(BAD_REQUEST),
    }
}

/// What an Allocate is answered. The time left may be less when it is answered
/// again; as datagrams take their time too.
fn offered(allocation: &Allocation, message: &Message<'_>) -> Attributes {
    let transaction = message.transaction_id();
    let mut attributes = Attributes::new();
    for relayed in &allocation.relayed {
        attributes.push(Box::new(XorRelayedAddress::new(relayed.address, transaction)));
    }
    let offer = &allocation.offer;
    let seconds = u32::try_from(offer.lifetime.as_secs()).expect("it is an hour at most");
    attributes.push(Box::new(Lifetime::new(seconds)));
    let address = allocation.client.tuple.address;
    attributes.push(Box::new(XorMappedAddress::new(address, transaction)));
    if let Some(token) = offer.token {
        attributes.push(Box::new(ReservationToken::new(token)));
    }
    if let Some((family, code)) = offer.missing {
        let error = super::answer::error_code(code);
        attributes.push(Box::new(AddressErrorCode::new(family, error)));
    }
    attributes
}
