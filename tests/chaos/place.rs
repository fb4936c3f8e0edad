//! A place in the service: an address, and the process that is a node there.

use std::net::SocketAddr;
use std::thread::sleep;
use std::time::Duration;

use super::nats::free_port;
use super::server::Server;

/// The most memory of a node. A hundred people take 30 MB, in a debug build; what
/// grows with each node that dies, or each minute without NATS, would pass this.
const MEMORY_BYTES: u64 = 400 << 20;
/// Lines of a log that are shown where something is wrong.
const TAIL: usize = 40;

/// A place, and its node.
pub struct Place {
    number: usize,
    flags: Vec<String>,
    /// None only where the next one did not start.
    node: Option<Server>,
    /// What was wrong with any of its nodes.
    pub wrong: Vec<String>,
}

impl Place {
    /// Starts the first node, which is found at the same address for ever: not one of
    /// those that the system may give away while there is none.
    pub fn start(number: usize, flags: &[&str]) -> Self {
        let address = format!("127.0.0.1:{}", free_port());
        let flags: Vec<_> =
            ["--listen", &address].iter().chain(flags).map(ToString::to_string).collect();
        let node = Server::start_with_log(&borrowed(&flags), &filter());
        Self { number, flags, node: Some(node), wrong: Vec::new() }
    }

    /// Its node.
    pub fn node(&self) -> &Server {
        self.node.as_ref().expect("a node that did not start ends the test")
    }

    /// Where people find it.
    pub fn address(&self) -> SocketAddr {
        self.node().public()
    }

    /// Kills the node, and starts the next one after a while.
    pub fn kill(&mut self, away: Duration) {
        self.look_at_it();
        self.node.as_mut().unwrap().kill();
        sleep(away);
        self.next();
    }

    /// Asks the node to stop, and starts the next one when it has.
    pub fn replace(&mut self) {
        self.look_at_it();
        self.stop();
        self.next();
    }

    /// Has the node stand still for so long.
    pub fn freeze(&mut self, still: Duration) {
        self.look_at_it();
        self.node().signal("STOP");
        sleep(still);
        self.node().signal("CONT");
    }

    /// Notes what is wrong with the node while it runs.
    pub fn look_at_it(&mut self) {
        if let Some(status) = self.node.as_mut().unwrap().has_ended() {
            self.wrong.push(format!("node {} ended by itself: {status}", self.number));
            return;
        }
        let memory = self.node().resident_bytes();
        if memory > MEMORY_BYTES {
            self.wrong.push(format!("node {} has {} MB", self.number, memory >> 20));
        }
    }

    /// Ends the last node as one should.
    pub fn close(mut self) -> Vec<String> {
        self.look_at_it();
        self.stop();
        let node = self.node.take().unwrap();
        self.read(node);
        self.wrong
    }

    fn stop(&mut self) {
        let node = self.node.as_mut().unwrap();
        if node.has_ended().is_none() {
            node.signal("TERM");
        }
        let status = node.ended();
        if !status.success() {
            self.wrong.push(format!("node {} was asked to stop: {status}", self.number));
        }
    }

    /// In the folder of the last one: what that left behind is there.
    fn next(&mut self) {
        let last = self.node.take().unwrap();
        self.node = Some(last.successor_with_log(&borrowed(&self.flags), &filter()));
        self.read(last);
    }

    /// Reads what a node logged that has ended.
    fn read(&mut self, node: Server) {
        let log = node.log();
        if log.contains("panicked") {
            self.wrong.push(format!("node {} panicked", self.number));
        }
        if !self.wrong.is_empty() {
            let lines: Vec<_> = log.lines().collect();
            let tail = lines[lines.len().saturating_sub(TAIL)..].join("\n");
            self.wrong.push(format!("node {} said at last:\n{tail}", self.number));
        }
    }
}

fn borrowed(flags: &[String]) -> Vec<&str> {
    flags.iter().map(String::as_str).collect()
}

/// What nodes log: a cluster that goes away is worth many warnings.
fn filter() -> String {
    std::env::var("RUST_LOG").unwrap_or_else(|_| "warn".to_owned())
}
