//! The file by which a process that stops hands its sessions to the next one,
//! so that an upgrade keeps rooms. It holds what people were about to be sent:
//! only its owner may read it, and it is deleted when it is read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::exchange::fetching::Client;
use crate::ids::NodeId;
use crate::matchmaking::pool::Meeting;
use crate::session::node::Node;
use crate::session::record::SessionRecord;
use crate::session::revive::restore;

/// What the file holds.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Handover {
    written: SystemTime,
    /// Which node of a cluster it was: the next process is the same.
    #[serde(default = "NodeId::random")]
    node: NodeId,
    sessions: Vec<SessionRecord>,
    /// Those that went to other nodes, where they may be or not.
    #[serde(default)]
    handed_on: Vec<(NodeId, SessionRecord)>,
    memory: Vec<Meeting>,
}

impl Handover {
    /// Takes what an earlier process left at `path`, unless that was longer than
    /// `grace` ago: those people are gone.
    pub(crate) fn take(path: &Path, grace: Duration) -> Option<Self> {
        let handover = match read(path) {
            Ok(handover) => handover,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                // Only the kind: the words may quote what people wrote.
                let error = error.kind();
                tracing::warn!(%error, path = %path.display(), "can't take over sessions");
                return None;
            }
        };
        (handover.age() < grace).then_some(handover)
    }

    /// Which node the earlier process was.
    pub(crate) fn node(&self) -> NodeId {
        self.node
    }

    /// Who met whom.
    pub(crate) fn memory(&self) -> Vec<Meeting> {
        self.memory.clone()
    }

    /// Brings the sessions to life for what is left of their grace.
    pub(crate) fn restore(self, node: &Arc<Node>) {
        let left = node.grace.saturating_sub(self.age());
        let count = self.sessions.len() + self.handed_on.len();
        tracing::info!(sessions = count, "taking over sessions");
        let (away, here): (Vec<_>, Vec<_>) =
            self.sessions.into_iter().partition(SessionRecord::was_to_move);
        restore(node, here, left);
        if let Some(office) = &node.office {
            away.into_iter().for_each(|session| office.settle(node, session, Client::Away));
            let now = node.clock.now();
            for (to, session) in self.handed_on {
                office.hand_on_again(now, to, session);
            }
        }
    }

    /// Leaves all sessions of `node` at `path`, if there are any.
    pub(crate) fn leave(node: &Node, path: &Path) {
        let now = node.clock.now();
        let sessions = node.sessions.all();
        let sessions: Vec<_> =
            sessions.iter().filter_map(|session| SessionRecord::of(session, now)).collect();
        let handed_on = node.office.iter().flat_map(|office| office.unplaced()).collect::<Vec<_>>();
        let count = sessions.len() + handed_on.len();
        if count == 0 || node.grace.is_zero() {
            return;
        }
        let memory = node.matchmaker.memory();
        let handover =
            Self { written: SystemTime::now(), node: node.id, sessions, handed_on, memory };
        match write(path, &handover) {
            Ok(()) => {
                node.metrics.drained.inc_by(count as u64);
                tracing::info!(sessions = count, "left for the next process");
            }
            Err(error) => {
                tracing::error!(%error, path = %path.display(), "sessions are lost");
            }
        }
    }

    fn age(&self) -> Duration {
        self.written.elapsed().unwrap_or_default()
    }
}

fn read(path: &Path) -> io::Result<Handover> {
    let text = fs::read(path)?;
    fs::remove_file(path)?;
    Ok(serde_json::from_slice(&text)?)
}

/// Writes beside `path` first: what stands there is whole.
fn write(path: &Path, handover: &Handover) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    if let Err(error) = fs::remove_file(&beside)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    let mut file: File =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    file.write_all(&serde_json::to_vec(handover)?)?;
    fs::rename(&beside, path)
}
