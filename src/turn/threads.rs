//! The relay's own threads. The rest of the service runs on runtimes of one
//! thread each, where a packet would wait behind whatever else there is.

use std::io;

use parking_lot::Mutex;
use tokio::runtime::{Builder, Handle, Runtime};

/// Threads that run tasks until this is stopped or dropped, which may happen on
/// a thread that must not wait for them.
pub(super) struct Threads {
    pub handle: Handle,
    /// None once they are stopped.
    runtime: Mutex<Option<Runtime>>,
}

impl Threads {
    /// Starts so many, at least one.
    ///
    /// # Errors
    /// Those of the system.
    pub(super) fn start(count: usize) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(count.max(1))
            .thread_name("turn")
            .enable_io()
            .enable_time()
            .build()?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime).into() })
    }

    /// Stops them, without waiting.
    pub(super) fn stop(&self) {
        if let Some(runtime) = self.runtime.lock().take() {
            runtime.shutdown_background();
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.stop();
    }
}
