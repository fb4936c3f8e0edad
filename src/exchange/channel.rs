//! One side of a room that stands on two nodes: what goes to the other side is
//! numbered and kept until it is confirmed, and what comes from there is taken
//! once and in order.
//!
//! Order and once-only are end to end, and don't rest on what carries it: that
//! may lose, repeat, delay and reorder. Pure: time comes in.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Moment;

/// How long nothing is said again at first; each time it is twice as long.
const FIRST_PATIENCE: Duration = Duration::from_millis(200);
const LAST_PATIENCE: Duration = Duration::from_secs(3);
/// What may be kept for the other side. More means that it can't be reached.
const MAX_BYTES: usize = 1 << 20;
const MAX_MESSAGES: usize = 4096;
/// After so much the other side is told at once how far it was heard: what may be
/// kept must do for more than a sender says meanwhile.
const CONFIRMED_AT_ONCE: u64 = 8;
/// What is said again at once; the rest follows when this is confirmed.
const AGAIN_AT_ONCE: usize = 64;

/// More is said than can be kept for the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// How a number that was heard stands to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is the next one: take it.
    Next,
    /// It was taken already.
    Again,
    /// An earlier one is missing, and both will be said again.
    Early,
}

/// How far was said and heard on one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbers {
    /// By this side.
    pub said: u64,
    /// Of the other.
    pub heard: u64,
}

/// The numbers of both directions, and what is not confirmed.
#[derive(Debug)]
pub struct Channel<T> {
    said: u64,
    kept: VecDeque<(T, usize)>,
    kept_bytes: usize,
    heard: u64,
    /// How far the other side was told that it was heard.
    told: u64,
    /// Whether the other side waits to learn how far it was heard.
    owes: bool,
    again_at: Option<Moment>,
    patience: Duration,
}

/// A channel between two owners of its side.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChannelRecord<T> {
    said: u64,
    kept: Vec<(T, usize)>,
    heard: u64,
}

/// A copy of a side that outlived a later owner goes on so far above what it said
/// last: nobody knows what that one said.
const UNKNOWN_MESSAGES: u64 = 1 << 20;

impl<T> ChannelRecord<T> {
    /// Puts it after all that a lost owner may have said; what was under way may
    /// have been heard, and is not said again.
    pub fn outrun(&mut self) {
        self.said += UNKNOWN_MESSAGES;
        self.kept.clear();
    }

    /// Of a side that is lost with what was under way, where the other one has
    /// heard everything up to `said`, and has said everything up to `heard`.
    #[must_use]
    pub fn lost(said: u64, heard: u64) -> Self {
        Self { said, kept: Vec::new(), heard }
    }
}

impl<T> Default for Channel<T> {
    fn default() -> Self {
        Self {
            said: 0,
            kept: VecDeque::new(),
            kept_bytes: 0,
            heard: 0,
            told: 0,
            owes: false,
            again_at: None,
            patience: FIRST_PATIENCE,
        }
    }
}

impl<T: Clone> Channel<T> {
    /// Says something of so many bytes; its number, from 1.
    ///
    /// # Errors
    /// [`Full`]: nothing was said.
    pub fn say(&mut self, now: Moment, what: T, bytes: usize) -> Result<u64, Full> {
        if self.kept.len() == MAX_MESSAGES || self.kept_bytes + bytes > MAX_BYTES {
            return Err(Full);
        }
        if self.kept.is_empty() {
            self.patience = FIRST_PATIENCE;
            self.again_at = Some(now + self.patience);
        }
        self.said += 1;
        self.kept_bytes += bytes;
        self.kept.push_back((what, bytes));
        Ok(self.said)
    }

    /// The other side keeps nothing before `first`: if that was not heard here, a
    /// later owner of this side had heard it, and is lost.
    pub fn skip_to(&mut self, first: u64) {
        self.heard = self.heard.max(first.saturating_sub(1));
    }

    /// The first number that is kept, or that will be.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.said - self.kept.len() as u64 + 1
    }

    /// Takes note of a number that was heard.
    pub fn hear(&mut self, number: u64) -> Turn {
        self.owes = true;
        if number <= self.heard {
            Turn::Again
        } else if number == self.heard + 1 {
            self.heard = number;
            Turn::Next
        } else {
            Turn::Early
        }
    }

    /// The other side has heard everything up to `number`.
    pub fn confirmed(&mut self, now: Moment, number: u64) {
        let number = number.min(self.said);
        let mut progress = false;
        while self.first() <= number
            && let Some((_, bytes)) = self.kept.pop_front()
        {
            self.kept_bytes -= bytes;
            progress = true;
        }
        if progress {
            self.patience = FIRST_PATIENCE;
            self.again_at = (!self.kept.is_empty()).then(|| now + self.patience);
        }
    }

    /// The number up to which everything was heard, to be said to the other side.
    pub fn confirm(&mut self) -> u64 {
        self.owes = false;
        self.told = self.heard;
        self.heard
    }

    /// Whether the other side is to be told so at once.
    #[must_use]
    pub fn owes_much(&self) -> bool {
        self.heard - self.told >= CONFIRMED_AT_ONCE
    }

    /// How far was said and heard.
    #[must_use]
    pub fn numbers(&self) -> Numbers {
        Numbers { said: self.said, heard: self.heard }
    }

    /// Whether the other side waits for [`confirm`](Self::confirm).
    #[must_use]
    pub fn owes(&self) -> bool {
        self.owes
    }

    /// Whether something is kept that the other side may not have.
    #[must_use]
    pub fn keeps(&self) -> bool {
        !self.kept.is_empty()
    }

    /// What is to be said again by `now`, with its numbers.
    pub fn again(&mut self, now: Moment) -> Vec<(u64, T)> {
        if self.again_at.is_none_or(|at| at > now) {
            return Vec::new();
        }
        self.patience = (self.patience * 2).min(LAST_PATIENCE);
        self.again_at = Some(now + self.patience);
        let first = self.first();
        let kept = self.kept.iter().map(|(what, _)| what.clone());
        (first..).zip(kept).take(AGAIN_AT_ONCE).collect()
    }

    /// Has what is kept said again at once: the other side may have missed it.
    pub fn hurry(&mut self, now: Moment) {
        if self.keeps() {
            self.patience = FIRST_PATIENCE;
            self.again_at = Some(now);
        }
    }

    /// All of it, for another owner; what was kept is moved.
    pub fn record(&mut self) -> ChannelRecord<T> {
        self.again_at = None;
        ChannelRecord { said: self.said, kept: self.kept.drain(..).collect(), heard: self.heard }
    }

    /// What another owner recorded.
    #[must_use]
    pub fn restore(now: Moment, record: ChannelRecord<T>) -> Self {
        let ChannelRecord { said, kept, heard } = record;
        let kept_bytes = kept.iter().map(|(_, bytes)| bytes).sum();
        let again_at = (!kept.is_empty()).then_some(now);
        Self {
            said,
            kept: kept.into(),
            kept_bytes,
            heard,
            told: heard,
            again_at,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: u64) -> Moment {
        Moment::from_micros(millis * 1000)
    }

    #[test]
    fn what_is_not_confirmed_is_said_again_ever_more_seldom() {
        let mut channel = Channel::default();
        assert_eq!(channel.say(at(0), 'a', 1), Ok(1));
        assert_eq!(channel.say(at(10), 'b', 1), Ok(2));
        assert!(channel.again(at(199)).is_empty());
        assert_eq!(channel.again(at(200)), [(1, 'a'), (2, 'b')]);
        assert!(channel.again(at(599)).is_empty());
        channel.confirmed(at(600), 1);
        assert!(channel.again(at(799)).is_empty());
        assert_eq!(channel.again(at(800)), [(2, 'b')]);
        channel.confirmed(at(900), 9);
        assert!(!channel.keeps() && channel.again(at(9000)).is_empty());
    }

    #[test]
    fn no_more_is_kept_than_the_bound() {
        let mut channel = Channel::default();
        assert!(channel.say(at(0), (), MAX_BYTES).is_ok());
        assert_eq!(channel.say(at(0), (), 1), Err(Full));
        let mut channel = Channel::default();
        assert!((0..MAX_MESSAGES).all(|_| channel.say(at(0), (), 0).is_ok()));
        assert_eq!(channel.say(at(0), (), 0), Err(Full));
    }

    proptest! {
        /// Whatever the way between loses, repeats and reorders, and also where a
        /// side gets another owner: all arrives once and in order.
        #[test]
        fn all_arrives_once_and_in_order(
            fates in prop::collection::vec((0..8_u8, 0..64_usize), 1..400),
        ) {
            let (mut one, mut other) = (Channel::default(), Channel::<u64>::default());
            let (mut way, mut back, mut taken) = (Vec::new(), Vec::new(), Vec::new());
            let (mut now, mut said) = (at(0), 0);
            let fates = fates.into_iter().map(Some).chain(std::iter::repeat_n(None, 200));
            for fate in fates {
                now = now + Duration::from_millis(if fate.is_some() { 40 } else { 4000 });
                match fate {
                    Some((0..3, _)) => {
                        said += 1;
                        way.push((one.say(now, said, 8).unwrap(), said));
                    }
                    Some((3, place)) if !way.is_empty() => drop(way.swap_remove(place % way.len())),
                    Some((4, place)) if !way.is_empty() => way.push(way[place % way.len()]),
                    Some((5, place)) if !back.is_empty() => {
                        one.confirmed(now, back.swap_remove(place % back.len()));
                    }
                    Some((6, 0..4)) => one = Channel::restore(now, one.record()),
                    Some((6, 4..8)) => other = Channel::restore(now, other.record()),
                    Some((_, place)) if !way.is_empty() => {
                        let (number, what) = way.swap_remove(place % way.len());
                        if other.hear(number) == Turn::Next {
                            taken.push(what);
                        }
                        back.push(other.confirm());
                    }
                    Some(_) => (),
                    None => {
                        for (number, what) in one.again(now) {
                            if other.hear(number) == Turn::Next {
                                taken.push(what);
                            }
                        }
                        one.confirmed(now, other.confirm());
                    }
                }
            }
            prop_assert_eq!(taken, (1..=said).collect::<Vec<_>>());
            prop_assert!(!one.keeps());
        }
    }
}
