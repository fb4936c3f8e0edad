//! Tries what the flags of `serve` name, and says in plain words what is wrong
//! and how to mend it: `passerby doctor`.
//!
//! Each check is a file of its own, bounded in time; all run side by side. Nothing
//! is changed: what has to be written to be tried is taken back. No finding holds a
//! secret or a password.

mod certificate;
mod clock;
mod database;
mod files;
mod finding;
mod folders;
mod handshake;
mod nats;
mod origins;
mod ports;
mod proxy;
mod relay;
mod secret;
mod url;
mod web;

use std::future::Future;
use std::io;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, join_all};

use crate::config::Doctor;

pub use finding::{Finding, Verdict, verdict};

/// How long anything that is tried may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tries everything; what was found, in the order in which it is to be read.
///
/// # Errors
/// The system gives no event loop.
pub fn examine(flags: &Doctor) -> io::Result<Vec<Finding>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let found = runtime.block_on(everything(flags));
    // A name that is still being looked up is not waited for.
    runtime.shutdown_background();
    Ok(found)
}

async fn everything(flags: &Doctor) -> Vec<Finding> {
    let serve = &flags.serve;
    let mut checks: Vec<LocalBoxFuture<'_, Vec<Finding>>> = vec![
        async { secret::check(&serve.process, &serve.cluster) }.boxed_local(),
        database::check(serve).boxed_local(),
        nats::check(&serve.cluster).boxed_local(),
        ports::check(serve).boxed_local(),
        async { files::check(serve) }.boxed_local(),
        async { folders::check(serve) }.boxed_local(),
        relay::check(serve).boxed_local(),
        clock::check(flags).boxed_local(),
    ];
    if let Some(url) = &flags.url {
        checks.push(url::check(url, serve).boxed_local());
    }
    join_all(checks).await.concat()
}

/// Bounds an attempt in time; nothing where it takes too long.
async fn in_time<T>(attempt: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(PATIENCE, attempt).await.ok()
}
