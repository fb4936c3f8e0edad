//! Whom to ask next for a session that a client comes for. Pure.

use crate::ids::NodeId;

/// The way to a session so far.
#[derive(Debug)]
pub struct Trail {
    /// The node to which its client was connected last.
    origin: NodeId,
    at: Option<NodeId>,
    /// Everybody was asked.
    all: bool,
    /// `origin` has answered.
    origin_heard: bool,
    /// It went on to this one, which could not be asked yet.
    lost: Option<NodeId>,
}

/// What to do when nobody who was asked has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Ask as the trail says now.
    Ask,
    /// It is over: who had it last says so.
    Nowhere,
    /// Who had it last can't be asked.
    Missing,
}

impl Trail {
    /// Begins at `origin`, or with everybody where that one can't be asked.
    #[must_use]
    pub fn begin(origin: NodeId, can_ask: impl Fn(NodeId) -> bool) -> Self {
        let at = Some(origin).filter(|origin| can_ask(*origin));
        Self { origin, at, all: at.is_none(), origin_heard: false, lost: None }
    }

    /// Who is to be asked; none: everybody.
    #[must_use]
    pub const fn at(&self) -> Option<NodeId> {
        self.at
    }

    /// It went on to `to`, which can be asked.
    pub fn moved(&mut self, to: NodeId) {
        self.origin_heard |= self.at == Some(self.origin);
        (self.at, self.lost) = (Some(to), None);
    }

    /// One who was asked went without an answer: all others are to be asked.
    pub fn left(&mut self) {
        (self.at, self.all) = (None, true);
    }

    /// None of those who were `heard` has it; one says that it went on to `lost`, which
    /// could not be asked then.
    pub fn exhausted(
        &mut self,
        lost: Option<NodeId>,
        heard: &[NodeId],
        can_ask: impl Fn(NodeId) -> bool,
    ) -> Next {
        self.origin_heard |= heard.contains(&self.origin);
        self.lost = lost.or(self.lost.filter(|lost| !heard.contains(lost)));
        let unheard = Some(self.origin).filter(|_| !self.origin_heard);
        // One may be back since, and have it.
        if let Some(back) = self.lost.into_iter().chain(unheard).find(|node| can_ask(*node)) {
            self.at = Some(back);
            return Next::Ask;
        }
        let missing = self.lost.is_some() || !self.origin_heard;
        if missing && !self.all {
            // Who sits opposite may know more.
            (self.at, self.all) = (None, true);
            return Next::Ask;
        }
        if missing { Next::Missing } else { Next::Nowhere }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: NodeId = NodeId::from_bits(1);
    const B: NodeId = NodeId::from_bits(2);
    const ME: NodeId = NodeId::from_bits(3);

    #[test]
    fn who_had_it_last_says_that_it_is_over() {
        let mut trail = Trail::begin(A, |_| true);
        assert_eq!(trail.at(), Some(A));
        trail.moved(B);
        assert_eq!(trail.at(), Some(B));
        assert_eq!(trail.exhausted(None, &[B], |_| true), Next::Nowhere);
    }

    #[test]
    fn everybody_is_asked_where_who_had_it_can_t_be() {
        let without_a = |node| node != A;
        let mut trail = Trail::begin(A, without_a);
        assert_eq!(trail.at(), None);
        assert_eq!(trail.exhausted(None, &[B, ME], without_a), Next::Missing);
        assert_eq!(trail.exhausted(None, &[B, ME], |_| true), Next::Ask, "it is back");
        assert_eq!(trail.at(), Some(A));
        assert_eq!(trail.exhausted(None, &[A], |_| true), Next::Nowhere);
    }

    #[test]
    fn where_it_went_on_to_a_lost_node_everybody_is_asked_once() {
        let without_b = |node| node != B;
        let mut trail = Trail::begin(A, without_b);
        assert_eq!(trail.exhausted(Some(B), &[A], without_b), Next::Ask);
        assert_eq!(trail.at(), None);
        assert_eq!(trail.exhausted(Some(B), &[A, ME], without_b), Next::Missing);
        assert_eq!(trail.exhausted(None, &[ME], without_b), Next::Missing, "A is gone since");
        assert_eq!(trail.exhausted(None, &[ME], |_| true), Next::Ask);
        assert_eq!(trail.at(), Some(B));
        assert_eq!(trail.exhausted(None, &[B], |_| true), Next::Nowhere);
    }

    #[test]
    fn where_one_goes_without_an_answer_all_others_are_asked() {
        let mut trail = Trail::begin(A, |_| true);
        trail.left();
        assert_eq!(trail.at(), None);
        assert_eq!(trail.exhausted(None, &[B, ME], |node| node != A), Next::Missing);
    }

    #[test]
    fn an_older_copy_that_is_over_says_nothing_of_the_newest() {
        let without_a = |node| node != A;
        let mut trail = Trail::begin(A, without_a);
        trail.moved(ME);
        assert_eq!(trail.exhausted(None, &[ME], without_a), Next::Missing);
    }
}
