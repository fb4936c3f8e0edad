//! A node that stood still asks those who were there what they brought back to life of
//! what it has. Pure: time comes in.

use std::time::Duration;

use crate::clock::Moment;
use crate::ids::NodeId;

/// How long the others may take to answer, and when they are asked again. After that the
/// node goes on without: who is silent may be lost, or of an older version.
const PATIENCE: Duration = Duration::from_millis(1500);
const ASK_AGAIN: Duration = Duration::from_millis(300);

/// In so long what clients sent meanwhile is read: of those who went nobody is paired.
const READING: Duration = Duration::from_millis(50);

/// How far a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It does not know what became of its sessions.
    Asking,
    /// It reads what clients sent.
    Reading,
    /// It does all that a node does.
    Awake,
}

/// What a node that woke up still waits for.
#[derive(Debug)]
pub struct Waking {
    question: u64,
    open: Vec<NodeId>,
    again: Moment,
    until: Moment,
    /// Since when it is over.
    over: Option<Moment>,
}

impl Waking {
    /// All `others` are to be asked.
    #[must_use]
    pub fn begin(now: Moment, question: u64, others: Vec<NodeId>) -> Self {
        Self { question, open: others, again: now, until: now + PATIENCE, over: None }
    }

    /// The question.
    #[must_use]
    pub const fn question(&self) -> u64 {
        self.question
    }

    /// Who is to be asked by now.
    pub fn due(&mut self, now: Moment) -> &[NodeId] {
        if self.again > now {
            return &[];
        }
        self.again = now + ASK_AGAIN;
        &self.open
    }

    /// A node has answered.
    pub fn answered(&mut self, from: NodeId, question: u64) {
        if question == self.question {
            self.open.retain(|node| *node != from);
        }
    }

    /// Whether all have answered.
    #[must_use]
    pub fn answered_by_all(&self) -> bool {
        self.open.is_empty()
    }

    /// How far it is.
    pub fn look(&mut self, now: Moment) -> Stage {
        match self.over {
            Some(over) if now - over >= READING => Stage::Awake,
            Some(_) => Stage::Reading,
            None if self.answered_by_all() || now >= self.until => {
                self.over = Some(now);
                Stage::Reading
            }
            None => Stage::Asking,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_over_when_all_have_answered_or_had_the_time() {
        let at = |millis: u64| Moment::from_micros(millis * 1000);
        let nodes = [1, 2].map(NodeId::from_bits);
        let mut waking = Waking::begin(at(0), 7, nodes.into());
        assert_eq!(waking.due(at(0)), nodes);
        assert!(waking.due(at(299)).is_empty());
        waking.answered(nodes[0], 6);
        waking.answered(nodes[1], 7);
        assert_eq!(waking.due(at(300)), [nodes[0]]);
        assert_eq!(waking.look(at(1499)), Stage::Asking);
        assert_eq!(waking.look(at(1500)), Stage::Reading);
        let mut waking = Waking::begin(at(0), 7, vec![nodes[0]]);
        waking.answered(nodes[0], 7);
        assert_eq!(waking.look(at(400)), Stage::Reading);
        assert_eq!(waking.look(at(449)), Stage::Reading);
        assert_eq!(waking.look(at(450)), Stage::Awake);
    }
}
