//! What must last: reports, pictures, bans and separations, in SQLite or
//! PostgreSQL. Never on the path of a pairing or a signal.
//!
//! Others know the port, [`Store`], alone; [`sql`] is its one adapter, for both
//! databases.

mod port;
pub mod sql;
mod url;

pub use sql::open;

pub use port::{Op, Purged, Retention, Revision, Store, StoreError};
pub use url::{DatabaseUrl, NotADatabase};
