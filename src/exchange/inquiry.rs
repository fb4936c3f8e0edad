//! One question to some nodes: who has a session? Pure.

use super::letter::{Answer, Orphan};
use crate::ids::NodeId;
use crate::session::record::SessionRecord;

/// What those who were asked know.
#[derive(Debug)]
pub enum Found {
    /// All of it, from there.
    Record(NodeId, Box<SessionRecord>),
    /// It went on to this node, which can be asked.
    Moved(NodeId),
    /// Its node is lost; a partner sits there.
    Orphan(NodeId, Box<Orphan>),
    /// It went on to this node, which can't be asked.
    Lost(NodeId),
    /// None of those who answered has it.
    Nothing,
    /// One went without an answer, perhaps when it had handed the session to another, who
    /// said before that it does not have it.
    Left,
    /// Not all have answered.
    Silence,
}

/// Who was asked, and what was heard.
#[derive(Debug, Default)]
pub struct Inquiry {
    open: Vec<NodeId>,
    heard: Vec<NodeId>,
    newest: Option<(NodeId, Box<Orphan>)>,
    lost: Option<NodeId>,
}

impl Inquiry {
    /// Asks these.
    #[must_use]
    pub fn of(nodes: Vec<NodeId>) -> Self {
        Self { open: nodes, ..Self::default() }
    }

    /// Those who have not answered.
    #[must_use]
    pub fn open(&self) -> &[NodeId] {
        &self.open
    }

    /// Those who have.
    #[must_use]
    pub fn heard(&self) -> &[NodeId] {
        &self.heard
    }

    /// Takes an answer. What was found, where that ends the question.
    pub fn hear(
        &mut self,
        from: NodeId,
        answer: Answer,
        can_ask: impl Fn(NodeId) -> bool,
    ) -> Option<Found> {
        let unheard = self.open.iter().position(|node| *node == from);
        self.heard.extend(unheard.map(|at| self.open.swap_remove(at)));
        match answer {
            Answer::Here(record) => return Some(Found::Record(from, record)),
            Answer::Moved(to) if can_ask(to) => return Some(Found::Moved(to)),
            Answer::Moved(to) => self.lost = Some(to),
            // A node may not have heard that who sat there went on to another room.
            Answer::Orphaned(orphan) => {
                let known = self.newest.as_ref().map(|(_, known)| known.epoch());
                if known.is_none_or(|known| known < orphan.epoch()) {
                    self.newest = Some((from, orphan));
                }
            }
            Answer::Unknown => (),
        }
        self.all_heard()
    }

    /// Looks whether all can be asked still.
    #[must_use]
    pub fn look(&self, can_ask: impl Fn(NodeId) -> bool) -> Option<Found> {
        let left = self.open.iter().any(|node| !can_ask(*node));
        left.then_some(Found::Left)
    }

    /// The time is over.
    pub fn give_up(&mut self) -> Found {
        self.newest.take().map_or(Found::Silence, |(at, orphan)| Found::Orphan(at, orphan))
    }

    fn all_heard(&mut self) -> Option<Found> {
        if !self.open.is_empty() {
            return None;
        }
        let orphan = self.newest.take().map(|(at, orphan)| Found::Orphan(at, orphan));
        Some(orphan.or(self.lost.map(Found::Lost)).unwrap_or(Found::Nothing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: NodeId = NodeId::from_bits(1);
    const B: NodeId = NodeId::from_bits(2);
    const C: NodeId = NodeId::from_bits(3);

    fn inquiry() -> Inquiry {
        Inquiry::of(vec![A, B])
    }

    #[test]
    fn it_is_over_when_one_knows_or_all_have_answered() {
        let mut inquiry = inquiry();
        assert!(inquiry.hear(A, Answer::Unknown, |_| true).is_none());
        assert!(inquiry.hear(A, Answer::Unknown, |_| true).is_none(), "once more");
        assert_eq!((inquiry.open(), inquiry.heard()), (&[B][..], &[A][..]));
        let found = inquiry.hear(B, Answer::Moved(C), |_| true);
        assert!(matches!(found, Some(Found::Moved(C))));
    }

    #[test]
    fn that_it_went_to_a_lost_node_counts_where_nobody_knows_more() {
        let mut inquiry = inquiry();
        assert!(inquiry.hear(A, Answer::Moved(C), |node| node != C).is_none());
        let found = inquiry.hear(B, Answer::Unknown, |_| true);
        assert!(matches!(found, Some(Found::Lost(C))));
    }

    #[test]
    fn what_was_heard_is_old_where_one_goes_meanwhile() {
        let mut inquiry = inquiry();
        assert!(inquiry.hear(A, Answer::Unknown, |_| true).is_none());
        assert!(inquiry.look(|_| true).is_none());
        assert!(inquiry.look(|node| node == B).is_none(), "it is not waited for");
        assert!(matches!(inquiry.look(|node| node == A), Some(Found::Left)));
        assert!(matches!(self::inquiry().give_up(), Found::Silence));
    }
}
