//! The addresses behind the targets' names.

use tokio::net::lookup_host;

use super::plan::Place;
use crate::config::TargetUrl;

/// Looks all names up.
///
/// # Errors
/// A name that has no address, in words.
pub(super) async fn resolve(targets: &[TargetUrl]) -> Result<Vec<Place>, String> {
    let mut places = Vec::new();
    for target in targets {
        let found = lookup_host(&target.authority).await;
        let addresses: Vec<_> = found.map_err(|error| format!("{target}: {error}"))?.collect();
        if addresses.is_empty() {
            return Err(format!("{target}: no address has this name"));
        }
        places.push(Place { url: target.to_string(), addresses });
    }
    Ok(places)
}
