//! Clients that come for a session which nobody has, while a node that may have it can't
//! be asked. Pure: time comes in.
//!
//! Whatever became of that node, such a client was given its token when it was connected
//! last, and lost that connection before it first came with it. So once the grace has
//! passed since then, nobody keeps its session any more.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::clock::Moment;
use crate::session::token::TokenHash;

/// So many are remembered; the oldest goes first, and is counted anew.
const AT_MOST: usize = 100_000;

/// When each first came.
#[derive(Debug)]
pub struct Seekers {
    grace: Duration,
    first: HashMap<TokenHash, Moment>,
    /// In the order in which they are forgotten.
    due: VecDeque<(Moment, TokenHash)>,
}

impl Seekers {
    /// Nobody yet; sessions are kept for `grace` without a connection.
    #[must_use]
    pub fn new(grace: Duration) -> Self {
        Self { grace, first: HashMap::new(), due: VecDeque::new() }
    }

    /// Whether the session for which a client comes now, perhaps not for the first time,
    /// may still be kept. `token` is its token as it was given out last.
    pub fn may_find(&mut self, now: Moment, token: TokenHash) -> bool {
        self.forget(now);
        if let Some(first) = self.first.get(&token) {
            return now - *first < self.grace;
        }
        self.first.insert(token, now);
        // Who is told that there is none does not ask again.
        self.due.push_back((now + self.grace * 2, token));
        !self.grace.is_zero()
    }

    fn forget(&mut self, now: Moment) {
        let full = self.due.len() >= AT_MOST;
        let oldest = |(due, _): &mut (Moment, TokenHash)| full || *due <= now;
        while let Some((_, token)) = self.due.pop_front_if(oldest) {
            self.first.remove(&token);
            if full {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::token::Token;

    fn at(seconds: u64) -> Moment {
        Moment::from_micros(seconds * 1_000_000)
    }

    fn token(number: usize) -> TokenHash {
        Token::presented(&number.to_string()).hash()
    }

    #[test]
    fn each_may_find_its_session_for_the_grace_since_it_first_came() {
        let mut seekers = Seekers::new(Duration::from_secs(15));
        let mut finds = |seconds, number| seekers.may_find(at(seconds), token(number));
        assert!(finds(100, 1) && finds(110, 2) && finds(114, 1) && !finds(115, 1));
        assert!(finds(124, 2) && !finds(129, 1), "each its own");
        assert!(seekers.first.len() == 2 && seekers.may_find(at(140), token(3)));
        assert_eq!(seekers.first.len(), 1, "the others are forgotten");
        assert!(!Seekers::new(Duration::ZERO).may_find(at(1), token(1)), "none is kept");
    }

    #[test]
    fn not_more_are_remembered_than_there_is_room_for() {
        let mut seekers = Seekers::new(Duration::from_secs(15));
        for number in 0..AT_MOST + 10 {
            assert!(seekers.may_find(at(1), token(number)));
        }
        assert_eq!((seekers.first.len(), seekers.due.len()), (AT_MOST, AT_MOST));
        assert!(!seekers.may_find(at(16), token(AT_MOST)));
    }
}
