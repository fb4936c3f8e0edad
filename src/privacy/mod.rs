//! What the partner of a private person gets of that person's signals: no
//! address in any field (rule 9).
//!
//! Everything is by allow-list. A line of SDP (RFC 8866) or a field of a
//! candidate (RFC 8839) passes only if its whole text follows a grammar that
//! has no room for an address or a name; all else is dropped, never mended. The
//! one exception is the address of a relay, which is the service's own. Nothing
//! here fails: who sends something strange only gets less of it across.

mod attribute;
mod candidate;
mod conceal;
mod description;
mod grammar;

pub use candidate::candidate;
pub use conceal::{Concealed, conceal};
pub use description::description;
