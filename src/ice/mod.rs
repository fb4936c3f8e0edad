//! What a browser is given so that its call finds a way through any network:
//! STUN and TURN servers with credentials (RFC 8489, RFC 8656), and whether it
//! hides its address behind the relay.
//!
//! It knows no server; the one inside the process is [`crate::turn`].

mod credentials;
mod privacy;
mod servers;
mod urls;

pub use credentials::{Credentials, Signer};
pub use privacy::{NoRelay, Privacy};
pub use servers::{Ice, RelayAccess};
pub use urls::{IceUrl, NotAnIceUrl, UrlHost};
