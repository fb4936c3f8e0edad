//! The task of an allocation: reads from its sockets until it is over.

use std::sync::Arc;

use super::allocation::Allocation;
use super::relayed::RelayedSocket;
use super::server::Server;
use super::udp::pump;

/// Closes an allocation when its task ends, however that comes.
struct Closing<'a> {
    server: &'a Server,
    allocation: &'a Allocation,
}

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.server.allocations.close(self.allocation);
    }
}

impl Server {
    /// Passes on what peers send until the allocation is closed or runs out,
    /// and then closes it. The sockets are closed with the last who holds it.
    pub(super) async fn attend(self: Arc<Self>, allocation: Arc<Allocation>) {
        let _closing = Closing { server: &self, allocation: &allocation };
        let pumps = async {
            tokio::join!(
                self.listen_to(&allocation, allocation.relayed.first()),
                self.listen_to(&allocation, allocation.relayed.get(1)),
            )
        };
        tokio::select! {
            _ = pumps => (),
            () = self.over(&allocation) => (),
        }
    }

    async fn listen_to(&self, allocation: &Allocation, relayed: Option<&RelayedSocket>) {
        match relayed {
            Some(relayed) => {
                pump(&relayed.socket, |bytes, source| self.to_client(allocation, bytes, source))
                    .await;
            }
            None => std::future::pending().await,
        }
    }

    /// Waits until an allocation is over; each refresh puts that off.
    async fn over(&self, allocation: &Allocation) {
        loop {
            let (expires, stands) = {
                let state = allocation.state.lock();
                (state.expires, state.stands(self.clock.now()))
            };
            if !stands {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep_until(self.clock.instant(expires)) => (),
                () = allocation.changed.notified() => (),
            }
        }
    }
}
