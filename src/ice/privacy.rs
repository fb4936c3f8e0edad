//! Who hides an address behind the relay (rule 9). Pure.

use crate::protocol::{Mode, OfferedPrivacy};

/// What the operator allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privacy {
    /// Nobody hides an address.
    Off,
    /// Who asks for it does.
    Choice,
    /// Everybody does.
    Always,
}

/// An address is to be hidden, and there is no relay to hide it behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRelay {
    /// The operator switched it off.
    #[error("hiding one's address is not offered here")]
    NotOffered,
    /// No TURN server is there to be used.
    #[error("your address can't be hidden now: there is no relay")]
    Missing,
}

impl Privacy {
    /// Whether somebody who `asks` for it or not hides their address.
    #[must_use]
    pub fn hides(self, asks: bool) -> bool {
        match self {
            Self::Off => false,
            Self::Choice => asks,
            Self::Always => true,
        }
    }

    /// Whether somebody may wait for a partner in this way, where there `is_relay`
    /// or not. A text chat needs no relay unless it is asked for: all of it goes
    /// through the service.
    ///
    /// # Errors
    /// [`NoRelay`].
    pub fn admit(self, mode: Mode, asks: bool, is_relay: bool) -> Result<(), NoRelay> {
        let needs = asks || (self == Self::Always && mode == Mode::Video);
        match self {
            Self::Off if asks => Err(NoRelay::NotOffered),
            Self::Choice | Self::Always if needs && !is_relay => Err(NoRelay::Missing),
            Self::Off | Self::Choice | Self::Always => Ok(()),
        }
    }

    /// What there is to offer.
    #[must_use]
    pub fn offered(self, is_relay: bool) -> OfferedPrivacy {
        match self {
            Self::Choice if is_relay => OfferedPrivacy::Choice,
            Self::Off | Self::Choice => OfferedPrivacy::Off,
            Self::Always => OfferedPrivacy::Always,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIDEO: Mode = Mode::Video;

    #[test]
    fn rule_9_who_hides_an_address() {
        assert_eq!([false, true].map(|asks| Privacy::Off.hides(asks)), [false, false]);
        assert_eq!([false, true].map(|asks| Privacy::Choice.hides(asks)), [false, true]);
        assert_eq!([false, true].map(|asks| Privacy::Always.hides(asks)), [true, true]);
    }

    #[test]
    fn who_asks_where_there_is_no_relay_is_told_so() {
        for mode in Mode::ALL {
            assert_eq!(Privacy::Choice.admit(mode, true, false), Err(NoRelay::Missing));
            assert_eq!(Privacy::Choice.admit(mode, true, true), Ok(()));
            assert_eq!(Privacy::Choice.admit(mode, false, false), Ok(()));
            assert_eq!(Privacy::Off.admit(mode, true, true), Err(NoRelay::NotOffered));
            assert_eq!(Privacy::Off.admit(mode, false, false), Ok(()));
            assert_eq!(Privacy::Always.admit(mode, true, false), Err(NoRelay::Missing));
        }
        assert_eq!(Privacy::Always.admit(VIDEO, false, false), Err(NoRelay::Missing));
        assert_eq!(Privacy::Always.admit(Mode::Text, false, false), Ok(()));
    }

    #[test]
    fn a_choice_without_a_relay_is_none() {
        assert_eq!(Privacy::Choice.offered(false), OfferedPrivacy::Off);
        assert_eq!(Privacy::Choice.offered(true), OfferedPrivacy::Choice);
        assert_eq!(Privacy::Off.offered(true), OfferedPrivacy::Off);
        assert_eq!(Privacy::Always.offered(false), OfferedPrivacy::Always);
    }
}
