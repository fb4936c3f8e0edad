//! What a person asked for, in the form in which it is compared.

use crate::protocol::Mode;

/// The preferences of a `join`, checked and in compared form (rule 5 of the
/// protocol). Both lists are sorted and without repeats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// Modes never mix.
    pub mode: Mode,
    /// After NFKC, full case folding, trimming and single inner spaces.
    pub interests: Vec<Box<str>>,
    /// Primary subtags of BCP 47 tags, in lower case.
    pub languages: Vec<Box<str>>,
}
