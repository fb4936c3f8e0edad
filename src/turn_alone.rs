//! The STUN and TURN server on a machine of its own, with its metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::announce::announce;
use crate::app::ServeError;
use crate::config::TurnAlone;
use crate::http::operations;
use crate::listening::bind;
use crate::metrics::Metrics;
use crate::secret_file;
use crate::signals::Signals;
use crate::turn_server::TurnServer;

/// Relays until a signal says to stop.
///
/// # Errors
/// Where a port or the secret can't be had.
pub async fn relay(config: TurnAlone) -> Result<(), ServeError> {
    let TurnAlone { process, turn } = config;
    let mut signals = Signals::listen()?;
    let ops_listener = bind(process.ops_listen)?;
    let ops_address = ops_listener.local_addr()?;
    let metrics = Arc::new(Metrics::new());
    let secret = secret_file::shared(&process).inspect(secret_file::warn)?;
    let server = TurnServer::start(&turn, process.workers(), &secret, &metrics)?;
    let ready = Arc::new(AtomicBool::new(true));
    let operations = operations(ops_listener, metrics, ready.clone())?;
    let handle = operations.handle();
    announce(&[vec![ops_address], server.addresses()].concat());
    tokio::select! {
        ended = operations => ended?,
        () = signals.next() => tracing::info!("stopping"),
    }
    ready.store(false, Ordering::Release);
    handle.stop(false).await;
    Ok(())
}
