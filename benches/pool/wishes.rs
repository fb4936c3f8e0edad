//! What the people of a crowd name.

use passerby::protocol::Preferences;

/// A kind of crowd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wishes {
    /// Those whose steps are measured name nothing. Two such never wait together
    /// for long, so they come to a crowd of which each names one interest.
    Nothing,
    /// Everybody names ten interests that nobody shares.
    TenInterests,
    /// Everybody names a language of their own.
    OwnLanguage,
}

impl Wishes {
    pub const ALL: [Self; 3] = [Self::Nothing, Self::TenInterests, Self::OwnLanguage];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "no interests",
            Self::TenInterests => "ten interests of their own",
            Self::OwnLanguage => "a language of their own",
        }
    }

    /// What the person of a number names, one of the crowd.
    pub fn of(self, number: u64) -> Preferences {
        match self {
            Self::Nothing => interests(number, 1),
            Self::TenInterests => interests(number, 10),
            Self::OwnLanguage => Preferences {
                languages: vec![format!("l{number}").into()],
                ..Preferences::default()
            },
        }
    }
}

fn interests(number: u64, count: usize) -> Preferences {
    let named = (0..count).map(|one| format!("interest {number} {one}").into());
    Preferences { interests: named.collect(), ..Preferences::default() }
}
